"""손으로 묻는 다섯 구성 요소: 독자가 고른 곳에 묻고, 건드린 것이 점으로 쌓였다 줄어듭니다."""

from __future__ import annotations

from typing import Any, NamedTuple

from ddialab.cluster.line import Call, Line
from ddialab.core.engine import Engine
from ddialab.core.scene import Draw
from ddialab.experiments.building_blocks import words
from ddialab.experiments.building_blocks.five import (
    BATCH,
    BLOCKS,
    CACHE,
    DATABASE,
    INDEX,
    ONE,
    STREAM,
    Answer,
    Five,
)
from ddialab.service.dataset import writer

APP = "app"
POSTS = 30  # 처음에 있는 글
ID, TERM, TAG = 7, "커피", "점심"  # 물을 번호, 낱말, 태그
WAY = 0.5  # 물음이 가고 답이 오는 데 걸리는 시간(초)
# 하나를 건드리는 데 걸리는 시간(초). 캐시는 메모리에 있고, 일괄 처리는 차례대로 훑습니다
PACE = {DATABASE: 0.08, CACHE: 0.02, INDEX: 0.08, STREAM: 0.08, BATCH: 0.04}


class Asked(NamedTuple):
    """독자가 보낸 물음 하나: 그 점, 물은 곳, 무엇을 물었나."""

    dot: str
    block: str
    question: str


class ByHand:
    """글 `POSTS`건이 담긴 다섯. 일괄 처리의 파일은 어젯밤의 것입니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.engine, self.draw, self.five = engine, draw, Five()
        self._write = writer(engine.stream("글").random)
        self.lines = {block: Line(engine, 1, PACE[block]) for block in BLOCKS}
        self._made = self.posts = 0
        self._latest = ""  # 마지막에 닿은 물음의 점. 위의 수는 이 물음이 건드린 것입니다
        for _ in range(POSTS):
            self._publish(self._write()[1])
        self.five.night()

    def _publish(self, text: str) -> None:
        self.posts += 1
        self.five.publish(self.posts, text)
        self.draw("count", "posts", self.posts)

    def turn(self, knob: str, value: Any) -> None:
        """움직이는 동안 돌릴 슬라이더는 없습니다."""

    def act(self, name: str, target: str) -> None:
        """글을 올리거나(post), ``target``에 물음 하나를 보냅니다."""
        if name == "post":
            self.post()
        else:
            self.ask(target, name)

    # --- 새 글 ---

    def post(self) -> None:
        """#점심 글을 하나 올립니다. 캐시와 일괄 처리에는 가지 않습니다."""
        text = self._write()[1]
        self._publish(text if f"#{TAG}" in text else f"{text} #{TAG}")
        for block in (DATABASE, INDEX, STREAM):
            dot = self._new(APP)
            self.draw("move", dot, block, "")
            self.draw("gone", dot)
        self.draw("say", words.POSTED)

    # --- 물음 하나의 길 ---

    def ask(self, block: str, question: str) -> None:
        """물음이 길을 떠납니다."""
        asked = Asked(self._new(APP), block, question)
        self.draw("move", asked.dot, block, "")
        self.engine.after(WAY, self._arrive, asked)

    def _new(self, place: str) -> str:
        self._made += 1
        self.draw("new", str(self._made), place)
        return str(self._made)

    def _arrive(self, asked: Asked) -> None:
        self._latest = asked.dot
        self.draw("count", "touched", 0)
        answer = self.five.ask(asked.block, asked.question, ID, TERM, TAG)
        if answer.why:
            self._refuse(asked, answer.why)
        else:
            self._touch(asked, asked.block, answer.touched, lambda: self._done(asked, answer))

    def _touch(self, asked: Asked, block: str, count: int, done: Call) -> None:
        """건드릴 것마다 점 하나가 줄을 섭니다. 다 건드리면 ``done()``."""
        dots = [self._new(block) for _ in range(count)]
        for place, dot in enumerate(dots):
            self.draw("move", dot, block, "wait")
            self._join(asked, block, dot, place + 1, done if place == count - 1 else None)

    def _join(self, asked: Asked, block: str, dot: str, number: int, done: Call | None) -> None:
        def finish() -> None:
            self.draw("gone", dot)
            if asked.dot == self._latest:
                self.draw("count", "touched", number)
            if done is not None:
                done()

        self.lines[block].join(lambda: self.draw("move", dot, block, "work"), finish)

    def _done(self, asked: Asked, answer: Answer) -> None:
        if asked.block == CACHE and answer.value is None:
            self._fill(asked)
            return
        if asked.block == DATABASE and asked.question == ONE:
            self.five.shelf.put(ID, answer.value)  # 애플리케이션이 읽은 글을 캐시에도 둡니다
        late = self.posts - len(self.five.file.rows) if asked.block == BATCH else 0
        self._back(asked, "fail" if late and asked.question != ONE else "ok")
        self.draw("say", words.told(asked.block, asked.question, answer, late))

    def _fill(self, asked: Asked) -> None:
        """캐시에 없습니다. 데이터베이스까지 가서 읽고, 캐시에도 둡니다."""
        self.draw("move", asked.dot, APP, "")
        self.draw("move", asked.dot, DATABASE, "")
        found = self.five.ask(DATABASE, ONE, ID, TERM, TAG)
        self._touch(asked, DATABASE, found.touched, lambda: self._filled(asked, found))

    def _filled(self, asked: Asked, found: Answer) -> None:
        self.five.shelf.put(ID, found.value)
        self._back(asked, "ok")
        self.draw("say", words.FILLED)

    def _refuse(self, asked: Asked, why: str) -> None:
        self._back(asked, "fail")
        self.draw("say", why)

    def _back(self, asked: Asked, look: str) -> None:
        self.draw("look", asked.dot, look)
        self.draw("move", asked.dot, APP, "")
        self.draw("gone", asked.dot)
