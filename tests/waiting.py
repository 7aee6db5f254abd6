"""기다림: 조건이 이루어질 때까지. 한도는 고장을 알리는 것이지, 결과를 정하는 것이 아닙니다."""

import time
from collections.abc import Callable

BOUND = 120.0  # 초. 코어가 다 바쁜 컴퓨터에서도 넘지 않을 만큼 넉넉합니다


def wait_until(condition: Callable[[], object], what: str, bound: float = BOUND) -> object:
    """``condition()``이 참이 될 때까지 기다려 그 값을 돌려줍니다. ``what``은 기다리는 일입니다."""
    until = time.monotonic() + bound
    while not (met := condition()):
        assert time.monotonic() < until, f"{bound:g}초를 기다려도 일어나지 않았습니다: {what}"
        time.sleep(0.02)
    return met
