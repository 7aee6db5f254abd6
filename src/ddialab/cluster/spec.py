"""클러스터의 설정: 복제본이 몇 대이고, 어느 랙에 꽂혀 있고, 무엇을 얼마나 기다리는가."""

from __future__ import annotations

from dataclasses import dataclass

from ddialab.core.errors import InvalidValue, check_integer, check_number, check_positive
from ddialab.stress.load import Load


@dataclass(frozen=True)
class Spec:
    """클러스터의 설정. 시간의 단위는 모두 같기만 하면 됩니다(기본값은 초).

    ``racks``는 복제본마다 꽂힌 랙의 이름이고, 그 길이가 복제본 수입니다. ``need``는 요청 하나에
    필요한 답의 수(정족수 읽기라면 ``n // 2 + 1``), ``retries``는 요청 하나에 허락한 재시도 수.
    ``health_interval=0``이면 헬스 체크가 없습니다.
    """

    load: Load | None
    racks: tuple[str, ...] = ("A", "B", "C")
    duration: float = 60.0
    service: float = 0.05  # 평균 처리 시간(지수분포)
    workers: int = 1  # 복제본 하나가 동시에 처리하는 요청 수
    timeout: float = 1.0
    retries: int = 1
    need: int = 1
    health_interval: float = 1.0
    health_misses: int = 2  # 연달아 이만큼 실패하면 뺍니다
    drain: bool = True  # 계획된 재부팅 전에 하던 일을 마치는가
    repair_time: float = 10.0  # 사본 하나를 이웃에게서 다시 복제하는 시간
    auto_replace: bool = False  # 사라진 VM 대신 새 VM을 띄우는가
    boot_time: float = 5.0  # 새 VM이 뜨는 시간

    def __post_init__(self):
        if isinstance(self.racks, str) or not all(isinstance(r, str) and r for r in self.racks):
            raise InvalidValue(
                f"racks={self.racks!r}: 랙 이름의 튜플이 아닙니다.", '보기: ("A", "B").'
            )
        check_integer("racks의 길이", len(self.racks), 1, 1000)
        if self.load is not None and not hasattr(self.load, "start"):
            raise InvalidValue(
                f"load={self.load!r}: 부하가 아닙니다.", "Poisson(rate=100) 같은 부하여야 합니다."
            )
        for name in ("duration", "service", "timeout"):
            check_positive(name, getattr(self, name))
        for name in ("health_interval", "repair_time", "boot_time"):
            check_number(name, getattr(self, name), 0)
        check_integer("workers", self.workers, 1)
        check_integer("retries", self.retries, 0)
        check_integer("health_misses", self.health_misses, 1)
        check_integer("need", self.need, 1, len(self.racks))

    @property
    def nodes(self) -> tuple[str, ...]:
        """복제본의 이름: n1, n2, …"""
        return tuple(f"n{i + 1}" for i in range(len(self.racks)))
