"""부품 하나: 한 번에 몇 건씩 처리하고, 꺼지면 안에 있던 것이 모두 실패합니다."""

from __future__ import annotations

from collections.abc import Callable

from ddialab.cluster.line import Call, Line
from ddialab.core.engine import Engine

Answer = Callable[[bool], None]  # 답을 받았으면 True, 부품이 꺼졌으면 False로 부릅니다


class Station:
    """한 번에 ``servers``건씩, 한 건에 ``service``초를 들이는 부품."""

    def __init__(self, engine: Engine, servers: int, service: float):
        self.engine, self.servers, self.service = engine, servers, service
        self.up = True
        self._inside: list[Answer] = []
        self._line = Line(engine, servers, service)

    @property
    def busy(self) -> bool:
        """지금 오면 기다려야 하나."""
        return len(self._inside) >= self.servers

    def visit(self, start: Call, answer: Answer) -> None:
        """일을 맡깁니다. 차례가 오면 ``start()``를, 끝나면 ``answer``를 부릅니다."""
        inside = self._inside
        inside.append(answer)

        def begin() -> None:
            if answer in inside:
                start()

        def finish() -> None:
            if answer in inside:
                inside.remove(answer)
                answer(True)

        self._line.join(begin, finish)

    def stop(self) -> None:
        """꺼집니다. 하던 것도 기다리던 것도 실패합니다."""
        self.up = False
        left = list(self._inside)
        self._inside.clear()  # 먼저 비워야 옛 줄의 차례가 와도 아무 일이 없습니다
        self._inside, self._line = [], Line(self.engine, self.servers, self.service)
        for answer in left:
            answer(False)

    def start(self) -> None:
        """다시 켜집니다. 줄은 비어 있습니다."""
        self.up = True
