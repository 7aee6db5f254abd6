"""카오스 실험 하나: 정상 상태의 가설, 할 일, 롤백, 그리고 롤백한 뒤에 멀쩡한지 보는 것.

실험은 데이터입니다. 모델(`cluster.failover`)에도 진짜 서버(`cluster.real`)에도 같은 실험을 합니다.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ddialab.cluster.promise import NAMES, OUTCOMES, counted
from ddialab.core.errors import InvalidValue, check_choice, check_integer, check_number, check_type

PRIMARY, REPLICAS, DEAD, EVERY = "primary", "replicas", "dead", "every"
TARGETS = (PRIMARY, REPLICAS, DEAD, EVERY)  # 이름 대신 쓰는 말. 누구인지는 할 때 찾습니다
ON_NODES = ("kill", "restart", "pause", "resume", "hold", "release", "cut", "heal", "delay")
SECONDS, COUNT, YES = "초", "건수", "참거짓"  # 할 일에 딸린 값의 종류
VALUES = {"delay": SECONDS, "rest": SECONDS, "write": COUNT, "planned_failover": YES}
DOES = (*ON_NODES, "rest", "write", "planned_failover", "settle")


def _count_of(outcome: str) -> Callable[[Any], int]:
    return lambda system: counted(system.outcomes)[outcome]


ASKS: dict[str, Callable] = {  # 탐침이 물어볼 수 있는 것
    "led": lambda system: system.primary is not None,
    "all_alive": lambda system: all(system.alive(name) for name in system.names),
    "writes": lambda system: system.write(_next_key(system)),
    "acknowledged": lambda system: len(system.acknowledged),
    "missing": lambda system: len(system.missing()),
    "extra": lambda system: len(system.extra()),
    **{outcome: _count_of(outcome) for outcome in OUTCOMES},
}


@dataclass(frozen=True)
class Probe:
    """탐침: ``ask``를 물어 답이 ``tolerance``인지 봅니다. (아래, 위)면 그 사이(끝 포함)입니다."""

    name: str
    ask: str
    tolerance: Any = True

    def __post_init__(self):
        check_choice("ask", self.ask, ASKS)
        if isinstance(self.tolerance, (list, tuple)):
            low, high = _pair(self.tolerance)
            object.__setattr__(self, "tolerance", (low, high))
        elif not isinstance(self.tolerance, bool):
            check_number("tolerance", self.tolerance)

    def tolerates(self, value: Any) -> bool:
        """``value``가 정상 상태의 답인지."""
        if isinstance(self.tolerance, tuple):
            return self.tolerance[0] <= value <= self.tolerance[1]
        return value == self.tolerance


@dataclass(frozen=True)
class Step:
    """할 일 하나. ``on``은 노드의 이름이나 `TARGETS`의 말, ``value``는 초나 건수나 참거짓입니다."""

    do: str
    on: str = ""
    value: Any = None

    def __post_init__(self):
        check_choice("do", self.do, DOES)
        if self.do in ON_NODES:
            check_choice(f"{self.do}의 on", self.on, (*NAMES, *TARGETS))
        elif self.on:
            raise InvalidValue(f"{self.do}의 on={self.on!r}: 대상이 없는 일입니다.", "비워 둡니다.")
        _check_value(self.do, self.value)


@dataclass(frozen=True)
class Experiment:
    """카오스 실험. 잃은 것은 롤백해도 잃은 것이라, 롤백한 뒤에는 ``health``를 봅니다."""

    title: str
    hypothesis: tuple
    method: tuple
    rollback: tuple = ()
    health: tuple = ()

    def to_json(self) -> str:
        """`from_json`이 다시 읽는 JSON."""
        parts = {name: [_fields(one) for one in getattr(self, name)] for name in PARTS}
        return json.dumps({"title": self.title, **parts}, ensure_ascii=False)


PARTS = {"hypothesis": Probe, "method": Step, "rollback": Step, "health": Probe}


@dataclass
class Seen:
    """탐침 하나가 본 것."""

    name: str
    value: Any
    tolerated: bool


@dataclass
class Report:
    """실험의 결과. ``ran``이 거짓이면 처음부터 정상 상태가 아니어서 아무것도 하지 않았습니다."""

    title: str
    ran: bool
    deviated: bool  # 할 일을 마쳤을 때 정상 상태의 가설에서 벗어났는가
    healthy: bool  # 롤백한 뒤에 멀쩡한가
    before: list[Seen]
    after: list[Seen]
    health: list[Seen]
    outcomes: list[str]  # 쓰기마다의 결과, 쓴 차례대로


def run(experiment: Experiment, system: Any) -> Report:
    """``system``에 실험을 합니다. 도중에 오류가 나도 롤백은 합니다."""
    before, after = look(experiment.hypothesis, system), []
    ran = all(seen.tolerated for seen in before)
    if ran:
        try:
            for step in experiment.method:
                apply(step, system)
            after = look(experiment.hypothesis, system)
        finally:
            for step in experiment.rollback:
                apply(step, system)
    health = look(experiment.health, system)
    return Report(
        experiment.title,
        ran,
        deviated=not all(seen.tolerated for seen in after),
        healthy=all(seen.tolerated for seen in health),
        before=before,
        after=after,
        health=health,
        outcomes=list(system.outcomes),
    )


def look(probes: Sequence[Probe], system: Any) -> list[Seen]:
    """탐침마다 물어봅니다."""
    seen = []
    for probe in probes:
        value = ASKS[probe.ask](system)
        seen.append(Seen(probe.name, value, probe.tolerates(value)))
    return seen


def apply(step: Step, system: Any) -> None:
    """할 일 하나를 지금 합니다. 대상이 여럿이면 하나씩 하고, 없으면 아무것도 하지 않습니다."""
    if step.do == "write":
        for _ in range(step.value):
            system.write(_next_key(system))
    elif step.do in ON_NODES:
        for name in found(step.on, system):
            _on_node(step, system, name)
    elif step.do in VALUES:
        getattr(system, step.do)(step.value)
    else:
        system.settle()


def _on_node(step: Step, system: Any, name: str) -> None:
    if step.do == "delay":
        system.delay(name, step.value)
    else:
        getattr(system, step.do)(name)


def found(on: str, system: Any) -> list[str]:
    """``on``이 지금 가리키는 노드들."""
    if on == PRIMARY:
        return [name for name in system.names if name == system.primary]
    if on == REPLICAS:
        return [n for n in system.names if n != system.primary and system.alive(n)]
    if on == DEAD:
        return [name for name in system.names if not system.alive(name)]
    return list(system.names) if on == EVERY else [on]


def _next_key(system: Any) -> str:
    return f"k{len(system.outcomes) + 1}"


# --- JSON ---


def from_json(text: str) -> Experiment:
    """`Experiment.to_json`의 JSON에서. 틀린 자리가 있으면 `InvalidValue`."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise InvalidValue(
            f"실험={text[:40]!r}: JSON이 아닙니다({error}).",
            '{"title": "…", "hypothesis": […], "method": […]} 같은 JSON이어야 합니다.',
        ) from None
    check_type("실험", said, dict)
    for name in said:
        check_choice("실험의 항목", name, ("title", *PARTS))
    parts = {name: _made(name, kind, said.get(name, [])) for name, kind in PARTS.items()}
    return Experiment(str(check_type("title", said.get("title"), str)), **parts)


def _made(part: str, kind: Callable, listed: Any) -> tuple:
    made = []
    for number, about in enumerate(check_type(part, listed, list)):
        where = f"{part}의 {number + 1}번째"
        try:
            made.append(kind(**check_type(where, about, dict)))
        except TypeError as error:  # 없거나 모르는 필드
            raise InvalidValue(
                f"{where}={about!r}: 필드가 맞지 않습니다({error}).",
                "탐침은 name, ask, tolerance, 할 일은 do, on, value입니다.",
            ) from None
    return tuple(made)


def _fields(one: Any) -> dict:
    return {name: value for name, value in vars(one).items() if value not in ("", None)}


def _pair(tolerance: Sequence) -> tuple:
    if len(tolerance) != 2:
        raise InvalidValue(f"tolerance={tolerance!r}: 범위가 아닙니다.", "보기: [0, 3].")
    low = check_number("tolerance의 아래", tolerance[0])
    return low, check_number("tolerance의 위", tolerance[1], low)


def _check_value(do: str, value: Any) -> None:
    kind = VALUES.get(do)
    if kind == SECONDS:
        check_number(f"{do}의 value", value, 0)
    elif kind == COUNT:
        check_integer(f"{do}의 value", value, 1)
    elif kind == YES:
        check_type(f"{do}의 value", value, bool)
    elif value is not None:
        raise InvalidValue(f"{do}의 value={value!r}: 값이 없는 일입니다.", "비워 둡니다.")
