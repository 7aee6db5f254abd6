"""자원의 한도: 프로세스 하나가 쓸 수 있는 메모리, CPU 시간, 파일의 크기와 수.

운영체제가 지킵니다(`setrlimit`). 그 프로세스가 낳은 것도 저마다 같은 한도를 받고, 스스로 늘릴 수
없습니다. 실무에서는 systemd(`MemoryMax`, `CPUQuota`)나 컨테이너가 cgroup으로, 프로세스 여럿의 합에
한도를 겁니다.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields

from ddialab.core.errors import InvalidValue, MissingCapability, check_integer

MIB = 1024 * 1024  # 바이트
# {한도: (운영체제의 이름, 가장 작은 값)}. 더 작으면 켜지거나 까닭을 말하지 못할 수 있습니다
RESOURCES = {
    "memory": ("RLIMIT_AS", 64 * MIB),
    "cpu": ("RLIMIT_CPU", 1),
    "file": ("RLIMIT_FSIZE", 1024),
    "files": ("RLIMIT_NOFILE", 8),
}


@dataclass(frozen=True)
class Limits:
    """프로세스 하나의 한도. 정하지 않은 것은 그대로 둡니다.

    메모리를 ``memory``바이트보다 더 달라고 하면 거절당하고(파이썬에서는 MemoryError), CPU 시간
    ``cpu``(초)를 다 쓰면 신호 SIGXCPU로 죽습니다. 파일 하나가(출력이 쌓이는 것도) ``file``
    (바이트)을 넘거나 한꺼번에 ``files``개를 넘게 열면 거절당합니다(파이썬에서는 OSError).
    """

    memory: int | None = None
    cpu: int | None = None
    file: int | None = None
    files: int | None = None

    def __post_init__(self):
        for name, value in self._chosen():
            check_integer(name, value, RESOURCES[name][1])
        if not self._chosen():
            raise InvalidValue(
                "Limits(): 한도가 하나도 없습니다.", f"걸 수 있는 한도: {', '.join(RESOURCES)}."
            )

    def settings(self) -> dict[str, int]:
        """감시 프로세스에 넘길 것: {운영체제의 이름: 값}."""
        return {RESOURCES[name][0]: value for name, value in self._chosen()}

    def _chosen(self) -> list[tuple[str, int]]:
        pairs = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [(name, value) for name, value in pairs if value is not None]


def require_limits(limits: Limits) -> None:
    """``limits``를 지킬 수 없는 운영체제이면 `MissingCapability`."""
    try:
        import resource  # noqa: F401
    except ImportError:
        raise _missing("Windows에서는 프로세스에 자원의 한도를 걸 수 없습니다.") from None
    if limits.memory is not None and sys.platform == "darwin":
        raise _missing("macOS는 걸어 둔 메모리의 한도를 지키지 않습니다.")


def _missing(problem: str) -> MissingCapability:
    return MissingCapability(
        problem, "리눅스의 파이썬이 있어야 합니다.", "WSL이나 리눅스에서 `make lab`으로 여세요."
    )
