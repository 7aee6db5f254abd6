"""쓰는 프로세스: 로그에 계속 덧붙이고, 답할 때마다 어디까지 적었고 어디까지 내려보냈는지 말합니다.

`ddialab.experiments.queue_and_log.real`이 띄우고 죽입니다.
"""

from __future__ import annotations

import sys

from ddialab.blocks.log import Log


def main(path: str, fsync: str) -> None:
    """죽을 때까지 0, 1, 2, …를 적습니다."""
    with Log(path, fsync=fsync, group=10) as log:
        while True:
            offset = log.append(str(log.end).encode())
            print("acked", offset + 1, log.durable, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
