"""진짜 프라이머리를 죽이고 다시 쓸 때까지: down-after마다 여러 번 잰 가운데 값과 가장 긴 값."""

from collections.abc import Iterator
from statistics import median

from benchmarks.promise import Promise, Unmeasured
from ddialab.cluster.real.cluster import RealCluster
from ddialab.core.errors import MissingCapability
from ddialab.experiments.chaos_monkey.real import DOWN_AFTERS, outage

ROUNDS = 10
# 초. 죽은 줄 안 뒤에 새 프라이머리를 세우고 알리는 데 드는 시간의 한도(가운데 값)
MOST_AFTER = 3.0


def promises() -> Iterator[Promise]:
    try:
        with RealCluster() as cluster:
            yield from (promise(cluster, ms) for ms in DOWN_AFTERS)
    except MissingCapability as missing:
        raise Unmeasured(missing.problem) from None


def promise(cluster: RealCluster, down_after: int) -> Promise:
    seconds = [outage(cluster, down_after) for _ in range(ROUNDS)]
    most = down_after / 1000 + MOST_AFTER
    return Promise(
        f"페일오버(down-after {down_after} ms)",
        f"{median(seconds):.1f}초, 길면 {max(seconds):.1f}초",
        f"가운데 값 {most:g}초 이하",
        median(seconds) <= most,
    )
