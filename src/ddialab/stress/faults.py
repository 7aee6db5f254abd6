"""결함 계획: 언제, 무엇이, 어떻게 고장 나는가를 데이터로 나타낸 것.

결함의 종류는 여섯입니다.

- ``crash``  프로세스가 죽고 ``duration`` 뒤에 다시 뜹니다. 데이터는 남아 있습니다.
- ``disk``   디스크와 그 위의 사본을 잃습니다. ``duration`` 뒤에 새 디스크로 사본을 다시 만듭니다.
- ``power``  랙 하나의 전원이 나갑니다. 그 랙의 복제본이 *모두 함께* 죽습니다.
- ``vanish`` VM이 사본과 함께 사라집니다. 스스로는 돌아오지 않으므로 ``duration``이 없습니다.
- ``reboot`` 계획된 재부팅. 클러스터에 따라 하던 일을 마치고 나서 꺼집니다.
- ``cut``    네트워크가 끊깁니다. 서버는 살아 있지만 요청도 답도 오가지 못합니다.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from random import Random

from ddialab.core.engine import exponential, seed_of
from ddialab.core.errors import InvalidValue, check_choice, check_number, check_positive

DISK, CRASH, POWER, VANISH, REBOOT = "disk", "crash", "power", "vanish", "reboot"
CUT = "cut"
FAULTS = (DISK, CRASH, POWER, VANISH, REBOOT, CUT)
LOSES_DATA = (DISK, VANISH)  # 사본까지 사라지는 결함
SILENT = (POWER, VANISH, CUT)  # 거절조차 못 하므로 시간 초과로만 알 수 있는 결함


@dataclass(frozen=True)
class Fault:
    """시각 ``time``에 ``target``(복제본 이름, ``power``면 랙 이름)에 생기는 결함 하나."""

    time: float
    kind: str
    target: str
    duration: float | None = None

    def __post_init__(self):
        check_number("time", self.time, 0)
        check_choice("kind", self.kind, FAULTS)
        if not isinstance(self.target, str) or not self.target:
            raise InvalidValue(
                f"target={self.target!r}: 결함을 넣을 대상을 알 수 없습니다.",
                '복제본 이름("n1")이나, power라면 랙 이름("A")이어야 합니다.',
            )
        if self.kind != VANISH:
            check_number("duration", self.duration, 0)
        elif self.duration is not None:
            raise InvalidValue(
                f"duration={self.duration!r}: 사라진 VM은 스스로 돌아오지 않습니다.",
                "vanish에는 duration을 넣지 않습니다.",
                "새 VM으로 바꾸려면 Spec(auto_replace=True)를 사용하세요.",
            )


class FaultPlan(tuple):
    """결함들의 튜플. 시각 순서로 정렬되고, 더하거나 JSON으로 저장할 수 있습니다."""

    __slots__ = ()

    def __new__(cls, faults: Iterable[Fault] = ()):
        faults = list(faults)
        for fault in faults:
            if not isinstance(fault, Fault):
                raise InvalidValue(f"{fault!r}: 결함이 아닙니다.", "Fault의 리스트여야 합니다.")
        return super().__new__(cls, sorted(faults, key=lambda fault: fault.time))

    def __add__(self, other: Iterable[Fault]) -> FaultPlan:
        return FaultPlan([*self, *other])

    def to_json(self) -> str:
        """사람이 읽고 고칠 수 있는 JSON 배열."""
        rows = [json.dumps(asdict(fault), ensure_ascii=False) for fault in self]
        return "[\n  " + ",\n  ".join(rows) + "\n]" if rows else "[]"

    @classmethod
    def from_json(cls, text: str) -> FaultPlan:
        """`to_json`의 반대. 형식이 틀렸으면 몇 번째 결함인지와 함께 `InvalidValue`를 냅니다."""
        try:
            rows = json.loads(text)
        except (TypeError, ValueError) as error:
            raise InvalidValue(
                f"JSON으로 읽을 수 없습니다({error}).", "결함의 JSON 배열이어야 합니다."
            ) from None
        if not isinstance(rows, list):
            raise InvalidValue(
                f"{type(rows).__name__}: 배열이 아닙니다.", "결함의 JSON 배열이어야 합니다."
            )
        return cls(_fault_of(number, row) for number, row in enumerate(rows, 1))


def _fault_of(number: int, row: object) -> Fault:
    try:
        return Fault(**row)
    except InvalidValue as error:
        raise InvalidValue(
            f"{number}번째 결함: {error.problem}", error.accepted, error.todo
        ) from None
    except TypeError:
        raise InvalidValue(
            f"{number}번째 결함 {row!r}: 필드의 이름이 다릅니다.",
            '{"time": 3, "kind": "crash", "target": "n1", "duration": 5}처럼 씁니다.',
        ) from None


def random_plan(
    targets: Iterable[str],
    duration: float,
    mttf: float,
    mttr: float = 0.0,
    *,
    kind: str = CRASH,
    seed: int = 0,
) -> FaultPlan:
    """``targets``마다 수명이 평균 ``mttf``, 복구가 평균 ``mttr``인 결함을 ``duration``까지
    뽑습니다.

    둘 다 지수분포이고 대상마다 난수 스트림이 다릅니다: 복제본이 늘어도 나머지의 고장은
    그대로입니다.
    ``vanish``는 돌아오지 않으므로 ``mttr``이 필요 없습니다(새 VM도 같은 수명으로 다시 뽑습니다).
    """
    check_number("duration", duration, 0)
    check_choice("kind", kind, FAULTS)
    check_number("mttr", mttr, 0)
    check_positive("mttf", mttf)
    faults = []
    for target in targets:
        uniform = Random(seed_of(seed, f"{kind}/{target}")).random
        life, repair = exponential(uniform, mttf), exponential(uniform, mttr)
        time = life()
        while time < duration:
            broken = repair() if mttr else 0.0
            faults.append(Fault(time, kind, target, None if kind == VANISH else broken))
            time += broken + life()
    return FaultPlan(faults)


def reboots(targets: Iterable[str], start: float, duration: float, gap: float) -> FaultPlan:
    """``targets``를 ``gap`` 간격으로 하나씩 재부팅하는 계획. ``gap=0``이면 한꺼번에 끕니다."""
    check_number("gap", gap, 0)
    return FaultPlan(
        Fault(start + i * gap, REBOOT, target, duration) for i, target in enumerate(targets)
    )
