"""켜다가 죽는 프로세스: 몇 번째로 켜졌는지 세어, ``needs``번까지는 죽고 그다음에는 삽니다.

`crash_loop`이 띄웁니다. 의존하는 것이 늦게 켜지면 몇 번 죽다가 살고, 설정이 틀렸으면 늘 죽습니다.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

READY = "ready"


def main(count: str, needs: str) -> None:
    """파일 ``count``의 길이가 지금까지 켜진 횟수입니다."""
    with open(count, "ab") as counted:
        counted.write(b".")
    if Path(count).stat().st_size <= int(needs):
        raise SystemExit("데이터베이스에 연결하지 못했습니다")
    print(READY, flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
