"""손으로 고장 내고 고치는 클러스터: 장면의 행동을 클러스터의 결함으로 옮깁니다."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddialab.cluster.model import Cluster
from ddialab.cluster.picture import Picture, names
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Draw
from ddialab.stress.faults import CRASH, CUT, DISK, POWER

SLOW = 5.0  # 느려진 복제본은 일마다 이만큼 곱한 시간이 걸립니다
BREAKS = {"kill": CRASH, "cut": CUT, "disk": DISK}
UP = ("ok", "slow", "suspect", "drain", "repair")  # 전원이 들어와 있는 상태


REBOOTING = 10.0  # 재부팅한 복제본이 꺼져 있는 시간(초)


def actions(racks: Sequence[str], *wanted: str) -> tuple[Action, ...]:
    """``racks``에 꽂힌 복제본과 랙에 할 수 있는 일 가운데 이름이 ``wanted``에 드는 것들."""
    nodes = tuple(f"n{i + 1}" for i in range(len(racks)))
    groups = names(racks) if "power" in wanted else ()  # 랙은 정전될 때에만 랙입니다
    every = (
        Action("kill", "끄기", nodes, UP),
        Action("cut", "네트워크 끊기", nodes, UP),
        Action("disk", "고장", nodes, UP),
        Action("slow", f"{SLOW:.0f}배 느리게", nodes, ("ok", "suspect")),
        Action("reboot", "재부팅", nodes, UP),
        Action("power", "정전", groups, UP),
        Action("repair", "고치기", nodes + groups, ("down", "cut", "slow")),
    )
    return tuple(action for action in every if action.name in wanted)


class ByHand:
    """``spec``대로 움직이는 클러스터. 부하는 `Adjustable`이어야 움직이는 동안 바꿀 수 있습니다.

    무대에 놓인 복제본은 ``most``대까지이고, ``spec``에 없는 것은 보이지 않습니다.
    """

    def __init__(self, engine: Engine, spec: Spec, draw: Draw, most: int = 0):
        self.spec, self.picture, self.draw = spec, Picture(draw, spec.nodes), draw
        self.cluster = Cluster(spec, (), engine, self.picture, record=True)
        for number in range(len(spec.racks), most):
            draw("state", f"n{number + 1}", "absent")

    def act(self, name: str, target: str) -> None:
        """행동 하나를 지금 합니다. 랙을 고치면 거기에 꽂힌 것을 모두 고칩니다."""
        nodes = self._nodes(target)  # 지금 설정에 없는 서버나 랙이면 비었습니다
        if name == "power" and nodes:
            self.cluster.break_down(POWER, target)
            return
        for node in nodes:
            self._act(name, node)

    def _act(self, name: str, node: str) -> None:
        if name == "repair":
            self.cluster.bring_up(node)
        elif name == "slow":
            self.cluster.slow_down(node, SLOW)
        elif name == "reboot":
            self.cluster.restart(node, REBOOTING)
        else:
            self.cluster.break_down(BREAKS[name], node)

    def _nodes(self, target: str) -> list[str]:
        pairs = zip(self.spec.nodes, self.spec.racks, strict=True)
        return [node for node, rack in pairs if target in (node, rack)]

    def turn(self, knob: str, value: Any) -> None:
        """움직이는 동안 부하를 초당 ``value``건으로 바꿉니다."""
        self.spec.load.turn(value)
