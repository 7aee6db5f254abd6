"""실습의 셀들이 이어서 쓰는 진짜 저장소 하나: 처음 쓸 때 띄우고, 커널이 끝나면 사라집니다."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddialab.cluster.real.cluster import RealCluster


class Once:
    """`RealCluster`를 한 번만 띄웁니다. 셀마다 띄우면 서버 여섯을 기다리는 시간이 더 깁니다."""

    def __init__(self, make: Callable[[], RealCluster] = RealCluster):
        self._make, self._cluster = make, None

    def do(self, act: Callable[[RealCluster], Any]) -> Any:
        """``act(저장소)``의 결과. 도중에 멈추면 저장소를 버립니다: 다음에는 새것으로 시작합니다."""
        if self._cluster is None:
            self._cluster = self._make()
        try:
            return act(self._cluster)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """저장소를 끕니다. 다시 쓰면 다시 띄웁니다."""
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            cluster.close()
