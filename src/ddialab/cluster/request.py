"""클라이언트의 요청과, 그것을 복제본에 보낸 시도들."""

from __future__ import annotations

from collections.abc import Callable

from ddialab.cluster.node import Node


class Request:
    """클라이언트의 요청 하나."""

    __slots__ = ("born", "done", "missing", "number", "retries", "tried")

    def __init__(
        self,
        number: int,
        born: float,
        missing: int,
        retries: int,
        done: Callable[[], None] | None,
    ):
        self.number = number
        self.born = born
        self.retries = retries
        self.done = done
        self.missing = missing  # 더 받아야 할 답의 수. 0 이하면 끝난 요청입니다
        self.tried: list[Node] = []


class Attempt:
    """요청을 복제본 하나에 보낸 시도 하나."""

    __slots__ = ("deadline", "demand", "node", "open", "request")

    def __init__(self, request: Request, node: Node, demand: float, deadline: float):
        self.request = request
        self.node = node
        self.demand = demand
        self.deadline = deadline
        self.open = True
