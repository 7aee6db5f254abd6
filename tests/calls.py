"""부른 횟수: 시계 대신 셉니다. 컴퓨터가 바빠도, 몇 번을 돌려도 같은 수가 나옵니다."""

import gc
import sys
from collections import Counter
from collections.abc import Callable


def counted(make: Callable) -> Counter[str]:
    """``make()``를 하는 동안 파이썬 함수마다 부른(생성기는 이어 간 것까지) 횟수."""
    calls = Counter()

    def note(frame, event, _):
        if event == "call":
            calls[frame.f_code.co_qualname] += 1

    gc.disable()  # 앞선 시험이 남긴 쓰레기를 치우는 함수가 여기서 불리지 않게 합니다
    sys.setprofile(note)
    try:
        make()
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls
