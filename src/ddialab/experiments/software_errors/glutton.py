"""폭주하는 프로세스: 자원 하나를 끝없이 먹으며, 조금 먹을 때마다 한 줄 적습니다.

`runaway`가 띄웁니다. 한도가 없어도 독자의 컴퓨터를 멈추지 않게, 정해 준 만큼 먹으면
스스로 멈춥니다. 먹은 양을 재는 일이니 표준 라이브러리만 들여옵니다.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

MIB = 1024 * 1024  # 바이트
CEILING = "ceiling"  # 한도에 막히지 않고 끝까지 먹었을 때 적는 줄


def memory() -> Iterator[float]:
    """받은 것을 모두 들고 있습니다(MiB)."""
    kept = []
    while True:
        kept.append(b"x" * (8 * MIB))
        yield 8 * len(kept)


def cpu() -> Iterator[float]:
    """쉬지 않고 돕니다(CPU 초)."""
    step = 0
    while True:
        step += 1
        while time.process_time() < step / 8:
            pass
        yield step / 8


def disk() -> Iterator[float]:
    """로그 파일 하나에 끝없이 적습니다(MiB)."""
    with open("runaway.log", "wb", buffering=0) as log:
        written = 0
        while True:
            written += log.write(b"x" * MIB)
            yield written / MIB


def files() -> Iterator[float]:
    """연 것을 닫지 않습니다(개)."""
    kept = []
    while True:
        kept.append(open(os.devnull))  # noqa: SIM115
        yield len(kept)


def main(kind: str, ceiling: str) -> None:
    """``kind``를 ``ceiling``만큼 먹을 때까지 먹습니다."""
    for eaten in globals()[kind]():
        print(eaten, flush=True)
        if eaten >= float(ceiling):
            print(CEILING, flush=True)
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
