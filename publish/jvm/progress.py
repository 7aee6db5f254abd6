"""기다리는 독자에게: 어디까지 되었는지 말하고, 프로세스가 끝나기를 기다립니다."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from ddialab.core.workspace import Process


def tell(line: str) -> None:
    """어디까지 되었는지. 주소만 담을 표준 출력에는 적지 않습니다."""
    print(line, file=sys.stderr, flush=True)


def wait_for(process: Process, each: Callable[[], object] = lambda: None) -> int:
    """끝나기를 기다려 종료 코드를 돌려줍니다. 기다리는 동안 ``each``를 부릅니다."""
    while (code := process.poll()) is None:
        each()
        time.sleep(0.2)
    return code
