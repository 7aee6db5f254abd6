"""복제본 하나의 상태: 살아 있는가, 데이터가 있는가, 요청을 받는가, 무엇을 하고 있는가."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddialab.cluster.request import Attempt


class Node:
    """복제본 하나의 상태."""

    __slots__ = (
        "alive", "check", "draining", "has_data", "in_rotation", "life", "name",
        "pace", "queue", "rack", "repairing", "serving", "silent", "until",
    )  # fmt: skip

    def __init__(self, name: str, rack: str):
        self.name, self.rack = name, rack
        self.alive = self.has_data = self.in_rotation = True
        self.silent = self.repairing = False
        self.draining = None  # 하던 일을 마친 뒤 재부팅할 시간
        self.pace = 1.0  # 처리 시간에 곱할 수. 2면 두 배 걸립니다
        self.life = 0  # 죽을 때마다 하나씩 늡니다: 지난 생의 일이 이어지지 않게 합니다
        self.until = -math.inf  # 이 시각까지는 죽어 있습니다
        self.check = None  # 헬스 체크가 판정을 바꿀 예정인 타이머
        self.serving: list[Attempt] = []
        self.queue: deque[Attempt] = deque()

    @property
    def ready(self) -> bool:
        return self.alive and self.has_data
