"""장면: 독자가 손으로 움직이는 모델 하나. 무엇이 놓여 있고, 무엇을 할 수 있고, 언제 끝나는가.

같은 장면, 같은 시드, 같은 슬라이더, 같은 행동이면 언제나 같은 일이 일어납니다.
그래서 되감을 수 있고, 어느 순간에서든 다르게 해 볼 수 있고, 주소 한 줄로 남에게 보낼 수 있습니다.
이 코드는 커널에서도, 책의 페이지 안에서도 그대로 돕니다.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ddialab.core.engine import Engine
from ddialab.core.errors import InvalidValue, check_choice, check_integer

SLICE = 2_000  # 한 번에 부르는 할 일의 수. 페이지에서는 이만큼마다 브라우저에 차례를 돌려줍니다
MOST_ACTIONS = 64  # 한 번에 독자가 할 수 있는 행동의 수
UNREADABLE = "모델이 조작을 읽지 못했습니다. 페이지를 다시 여세요."
MICROSECONDS = 1_000_000  # 1초. 화면으로 보내는 시각의 단위는 백만분의 일 초입니다

Draw = Callable[..., None]  # draw("move", 점, 자리, …): 그림이 바뀌었다고 알립니다
Line = tuple  # 대본의 한 줄: (밀리초, 행동, 대상). 슬라이더라면 그 이름과, 고른 값의 자리


class World(Protocol):
    """장면이 움직이는 것. 엔진에 할 일을 걸어 두고, 바뀐 것을 ``draw``로 알립니다."""

    def act(self, name: str, target: str) -> None:
        """독자의 행동 하나를 지금 합니다."""

    def turn(self, knob: str, value: Any) -> None:
        """움직이는 동안 독자가 슬라이더를 돌렸습니다."""


@dataclass(frozen=True)
class Part:
    """무대에 놓인 것 하나. ``kind``는 client, balancer, server, store, queue, log 가운데 하나.

    ``column``은 왼쪽에서 몇째 줄에 놓는가, ``group``은 함께 묶인 것(랙)의 이름입니다.
    """

    id: str
    kind: str
    label: str
    column: int
    group: str = ""


@dataclass(frozen=True)
class Knob:
    """슬라이더 하나. ``live``가 아니면 돌릴 때마다 장면을 처음부터 다시 시작합니다."""

    name: str
    label: str
    values: tuple
    texts: tuple
    start: int
    live: bool = False


@dataclass(frozen=True)
class Action:
    """독자가 할 수 있는 일 하나: ``targets`` 가운데 상태가 ``when``에 드는 것에 할 수 있습니다."""

    name: str
    label: str
    targets: tuple
    when: tuple = ("ok",)


@dataclass(frozen=True)
class Ask:
    """``draw("ask", id)``에서 멈추어 묻는 것. ``choices``가 비었으면 수를 ``unit``으로 묻습니다."""

    id: str
    question: str
    choices: tuple = ()
    unit: str = ""


@dataclass(frozen=True)
class Challenge:
    """도전: 목표와 세 단계의 힌트, 그리고 목표를 이루는 설정과 행동 하나.

    ``why``는 그것으로 왜 되는지 말하는 두 문장입니다. 이룬 다음에만 보입니다.
    이루었는지는 장면이 끝날 때 ``draw("goal", 이루었나, 문장)``으로 모델이 판정합니다.
    """

    goal: str
    hints: tuple
    at: tuple
    script: tuple = ()
    why: str = ""


@dataclass(frozen=True)
class Scene:
    """장면의 설명. ``end``는 밀리초, ``world(engine, 설정, draw)``가 움직이는 것을 만듭니다.

    ``wires``는 선으로 이은 (부터, 까지), ``groups``는 (이름, 이름표), ``counters``는
    (이름, 이름표, good이나 bad나 plain), ``lanes``는 띠에 눈금을 찍을 (이름, 이름표)입니다.
    """

    name: str
    end: int
    world: Callable[[Engine, dict, Draw], World]
    parts: tuple
    wires: tuple = ()
    groups: tuple = ()
    counters: tuple = ()
    lanes: tuple = ()
    knobs: tuple = ()
    actions: tuple = ()
    asks: tuple = ()
    challenge: Challenge | None = None
    seed: int = 1

    def knob(self, name: str) -> Knob | None:
        """이름이 ``name``인 슬라이더. 없으면 None."""
        for knob in self.knobs:
            if knob.name == name:
                return knob
        return None

    def start(self) -> list[int]:
        """슬라이더마다 처음 값의 자리."""
        return [knob.start for knob in self.knobs]


class Play:
    """장면을 한 번 돌리는 것. ``changes``는 ``(시각(초), 종류, …)``의 리스트이고 늘기만 합니다.

    ``at``은 슬라이더마다 고른 값의 자리, ``script``는 시각 순서로 미리 정해 둔 행동입니다.
    설명에 없는 값이면 `InvalidValue`.
    """

    def __init__(self, scene: Scene, seed: int, at: Sequence[int], script: Sequence[Line] = ()):
        self.scene = scene
        self.changes: list[tuple] = []
        self.ms = 0
        self.engine = Engine(seed)
        self._script = self._checked(script)
        self.world = scene.world(self.engine, self._settings(at), self._draw)

    def _settings(self, at: Sequence[int]) -> dict[str, Any]:
        knobs = self.scene.knobs
        if len(at) != len(knobs):
            raise InvalidValue(
                f"at={at!r}: 슬라이더는 {len(knobs)}개입니다.", "슬라이더마다 자리 하나여야 합니다."
            )
        chosen = {}
        for knob, place in zip(knobs, at, strict=True):
            chosen[knob.name] = knob.values[_place(knob, place)]
        return chosen

    def _checked(self, script: Sequence[Line]) -> list[Line]:
        check_integer("조작의 수", len(script), 0, MOST_ACTIONS)
        before = 0
        for ms, name, target in script:
            before = check_integer("조작의 시각", ms, before, self.scene.end)
            self._check_action(name, target)
        return list(script)

    def _check_action(self, name: str, target: Any) -> None:
        live = [knob.name for knob in self.scene.knobs if knob.live]
        check_choice("조작", name, live + [action.name for action in self.scene.actions])
        if name in live:
            _place(self.scene.knob(name), target)
        for action in self.scene.actions:
            if action.name == name:
                check_choice(f"{name}의 대상", target, action.targets)

    def _draw(self, kind: str, *what: Any) -> None:
        self.changes.append((self.engine.now, kind, *what))

    def run(self, ms: int, most: int = SLICE) -> bool:
        """``ms``까지 갑니다. 할 일을 ``most``개쯤 부르고도 남았으면 멈추고 False."""
        goal = min(check_integer("ms", ms, self.ms), self.scene.end)
        while self._script and self._script[0][0] <= goal:
            when, name, target = self._script[0]
            if not self.engine.run(when / 1000, most):
                return False
            self.ms = when
            self._script.pop(0)
            self._do(name, target)
        if not self.engine.run(goal / 1000, most):
            return False
        self.ms = goal
        return True

    def act(self, name: str, target: Any) -> None:
        """지금 행동 하나를 합니다. 모르는 행동이나 대상이면 `InvalidValue`."""
        self._check_action(name, target)
        if self.engine.now != self.ms / 1000:
            raise InvalidValue(
                f"{name}: 아직 그 순간까지 가지 못했습니다.", todo="run을 마저 부르세요."
            )
        self._do(name, target)

    def _do(self, name: str, target: Any) -> None:
        knob = self.scene.knob(name)
        if knob is None:
            self.world.act(name, target)
        else:
            self.world.turn(name, knob.values[target])


def _place(knob: Knob, place: Any) -> int:
    return check_integer(f"{knob.label}의 자리", place, 0, len(knob.values) - 1)


def sent(changes: Sequence[tuple]) -> list[list]:
    """화면으로 보낼 변화들: 시각이 백만분의 일 초의 정수입니다."""
    return [[int(time * MICROSECONDS + 0.5), *what] for time, *what in changes]


class Host:
    """화면의 부탁을 받아 `Play` 하나를 돌립니다. 부탁도 답도 정수와 글뿐인 JSON입니다."""

    def __init__(self, scenes: dict[str, Scene]):
        self.scenes = scenes
        self._play: Play | None = None
        self._told = 0  # 화면에 이미 보낸 변화의 수

    def answer(self, text: str) -> str:
        """부탁 하나에 답합니다. 할 수 없으면 까닭을 ``error``에 적고, 하던 것은 그대로입니다."""
        try:
            return json.dumps(self._answer(json.loads(text)))
        except InvalidValue as error:
            return json.dumps({"error": str(error)})
        except (ValueError, KeyError, TypeError):  # 부탁의 꼴부터 틀렸습니다
            return json.dumps({"error": UNREADABLE})

    def _answer(self, asked: dict) -> dict:
        do = check_choice("do", asked["do"], ("open", "run", "act"))
        if do == "open":
            scene = self.scenes[check_choice("scene", asked["scene"], self.scenes)]
            self._play = Play(scene, asked["seed"], asked["at"], asked["actions"])
            self._told = 0
        elif self._play is None:
            raise InvalidValue(f"do={do!r}: 아직 연 장면이 없습니다.", "먼저 open을 보내세요.")
        elif do == "act":
            self._play.act(asked["name"], asked["target"])
        reached = do != "run" or self._play.run(asked["to"])
        return {"ms": self._play.ms, "reached": reached, "changes": self._fresh()}

    def _fresh(self) -> list[list]:
        """아직 보내지 않은 변화들."""
        fresh = self._play.changes[self._told :]
        self._told += len(fresh)
        return sent(fresh)
