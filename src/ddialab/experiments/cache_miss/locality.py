"""이 컴퓨터의 CPU 캐시: 크기를 운영체제에 묻고, 읽기 한 번의 시간을 직접 잽니다.

`time_walks`는 앞의 답이 있어야 다음 자리를 아는 읽기(연결 리스트 따라가기)라서 읽기 한 번의 지연이
그대로 드러납니다. `time_strides`는 큰 배열을 듬성듬성 읽어 캐시 라인의 크기를 드러냅니다.
"""

from __future__ import annotations

import contextlib
import operator
import random
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import repeat
from pathlib import Path
from time import perf_counter

import numpy as np

from ddialab.core.errors import check_integer
from ddialab.core.workspace import output_of

NODE_BYTES = sys.getsizeof([None]) + 16  # 항목 하나짜리 리스트와 가비지 컬렉터의 헤더
LINUX = Path("/sys/devices/system/cpu/cpu0/cache")
MACOS = {"L1": "hw.l1dcachesize", "L2": "hw.l2cachesize", "L3": "hw.l3cachesize"}


def cache_sizes() -> dict[str, int]:
    """``{"L1": 바이트, "L2": …}``. 운영체제가 알려 주지 않으면 빈 딕셔너리입니다."""
    if sys.platform == "darwin":
        asked = {name: _sysctl(key) for name, key in MACOS.items()}
        return {name: size for name, size in asked.items() if size}
    sizes = {}
    with contextlib.suppress(OSError, ValueError):
        for folder in sorted(LINUX.glob("index*")):
            read = {name: (folder / name).read_text().strip() for name in ("level", "type", "size")}
            if read["type"] != "Instruction":
                sizes[f"L{read['level']}"] = int(read["size"].removesuffix("K")) * 1024
    return sizes


def line_size() -> int | None:
    """캐시 라인(cache line)의 바이트. 운영체제가 알려 주지 않으면 None."""
    if sys.platform == "darwin":
        return _sysctl("hw.cachelinesize")
    with contextlib.suppress(OSError, ValueError):
        return int((LINUX / "index0" / "coherency_line_size").read_text())
    return None


def time_walks(sizes: Sequence[int], repeats: int = 7, steps: int = 100_000, seed: int = 0) -> dict:
    """연결 리스트를 ``steps``단계 따라가며 한 단계의 ns를 잽니다.

    ``{"순서대로": 배열, "뒤섞어": 배열}``이고 배열의 모양은 ``(len(sizes), repeats)``입니다.
    ``sizes``는 작업 집합(바이트)들입니다. 두 경우는 노드와 단계 수가 같고 잇는 순서만 다릅니다.
    파이썬이 한 단계마다 쓰는 시간(수십 ns)이 들어 있으므로 절댓값이 아니라 차이를 보세요.
    """
    check_integer("repeats", repeats, 1)
    check_integer("steps", steps, 1)
    counts = [check_integer("sizes의 값", size, 2 * NODE_BYTES) // NODE_BYTES for size in sizes]
    times = {"순서대로": [], "뒤섞어": []}
    for count in counts:
        nodes = [[None] for _ in range(count)]
        order = list(range(count))
        for name in times:
            _link(nodes, order)
            times[name].append(_nanoseconds(_walker(nodes[0], steps), steps, repeats))
            random.Random(seed).shuffle(order)
        for node in nodes:
            node[0] = None  # 고리를 끊어 두어야 메모리가 바로 돌아옵니다
    return {name: np.array(rows) for name, rows in times.items()}


def time_strides(strides: Sequence[int], size: int, repeats: int = 15) -> np.ndarray:
    """``size``바이트 배열을 ``strides``바이트씩 건너뛰며 끝까지 더하는 데 걸린 ms.

    모양은 ``(len(strides), repeats)``. ``strides``는 8의 배수입니다.
    """
    check_integer("repeats", repeats, 1)
    array = np.ones(check_integer("size", size, 4096) // 8)
    rows = []
    for stride in strides:
        view = array[:: check_integer("strides의 값", stride, 8) // 8]
        rows.append(_nanoseconds(view.sum, 1, repeats) / 1e6)
    return np.array(rows)


def _link(nodes: list[list], order: list[int]) -> None:
    """``order``의 순서로 도는 고리를 만듭니다."""
    for here, there in zip(order, order[1:] + order[:1], strict=True):
        nodes[here][0] = nodes[there]


def _walker(node: list, steps: int) -> Callable[[], None]:
    """부를 때마다 멈췄던 자리에서 ``steps``단계 더 갑니다.

    늘 같은 자리에서 시작하면 큰 고리도 앞의 몇 단계만 되풀이해, 작업 집합이 작아집니다.
    """

    def walk() -> None:
        nonlocal node
        node = _walk(node, steps)

    return walk


def _walk(node: list, steps: int) -> list:
    """``node = node[0]``을 ``steps``번. 파이썬 반복문보다 빨라서 메모리의 시간이 덜 묻힙니다."""
    return reduce(operator.getitem, repeat(0, steps), node)


def _nanoseconds(work: Callable[[], object], operations: int, repeats: int) -> np.ndarray:
    work()  # 예열: 페이지와 캐시를 채웁니다
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append((perf_counter() - start) / operations * 1e9)
    return np.array(times)


def _sysctl(name: str) -> int | None:
    said = (output_of(["sysctl", "-n", name]) or "").strip()
    return int(said) if said.isdigit() else None
