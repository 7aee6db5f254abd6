"""부른 횟수: 시계 대신 셉니다. 컴퓨터가 바빠도, 몇 번을 돌려도 같은 수가 나옵니다.

새 프로세스에서 셉니다. 브라우저를 조종하는 라이브러리가 든 프로세스에서 세면 파이썬이 멈추곤 하고
(greenlet과 `sys.setprofile`), 앞선 테스트가 들여온 것에 따라 수가 달라질 수도 있습니다.
"""

import gc
import sys
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context


def counted(work: Callable, *arguments) -> Counter[str]:
    """``work(*arguments)``를 하는 동안 파이썬 함수마다 부른(생성기는 이어 간 것까지) 횟수.

    ``work``는 모듈의 맨 위에 있는 함수여야 합니다. 새 프로세스가 이름으로 찾습니다.
    """
    with get_context("spawn").Pool(1) as fresh:
        return fresh.apply(_count, (work, arguments))


def _count(work: Callable, arguments: tuple) -> Counter[str]:
    calls = Counter()

    def note(frame, event, _):
        if event == "call":
            calls[frame.f_code.co_qualname] += 1

    work(*arguments)  # 처음 한 번은 들여오는 것이 더 있습니다
    gc.disable()  # 쓰레기를 치우는 함수가 여기서 불리지 않게 합니다
    sys.setprofile(note)
    try:
        work(*arguments)
    finally:
        sys.setprofile(None)
    return calls
