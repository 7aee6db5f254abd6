"""도전의 트래픽: 정해 둔 대로 물음마다 한 구성 요소로 갑니다. 건드린 것과 늘어난 것을 셉니다."""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Draw
from ddialab.experiments.building_blocks.by_hand import APP, POSTS, TAG, TERM
from ddialab.experiments.building_blocks.five import (
    BATCH,
    CACHE,
    DATABASE,
    NOW,
    ONE,
    WORD,
    YEAR,
    Answer,
    Five,
)
from ddialab.service.dataset import writer
from ddialab.stress.load import popular

SEED = 1  # 게시글은 시드가 달라도 같습니다. 달라지는 것은 물음이 오는 때와 찾는 글입니다
SKEW = 1.2  # 읽기가 인기 있는 글에 쏠린 정도
RATES = {ONE: 2.0, WORD: 0.5, NOW: 1.0}  # 물음마다 초당 몇 번
YEARS = (8.0, 16.0)  # 한 해의 태그를 세는 시각(초)
FRESH = (3.0, 7.0, 11.0, 15.0)  # 새 글이 올라오는 시각(초)
END = 20.0
MOST_TOUCHED, MOST_BLOCKS = 160, 2  # 목표: 건드린 것과, 데이터베이스에 더한 구성 요소의 한도


class Traffic:
    """물음마다 어디로 갈지는 ``settings``에 있습니다. 캐시에 없는 글은 DB에서 읽습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.engine, self.ways, self.draw, self.five = engine, settings, draw, Five()
        self.write = writer(Engine(SEED).stream("글").random)
        self.pick = popular(POSTS, SKEW, engine.stream("키").random)
        self.counts = {"touched": 0, "stale": 0}
        self.posts = self._made = 0
        for _ in range(POSTS):
            self._publish()
        self.five.night()
        self.draw("count", "blocks", len(self.added))
        self._schedule()

    @property
    def added(self) -> list[str]:
        """데이터베이스에 더한 구성 요소들."""
        used = dict.fromkeys(self.ways[question] for question in (ONE, WORD, NOW, YEAR))
        return [block for block in used if block != DATABASE]

    def _schedule(self) -> None:
        for question, rate in RATES.items():
            self._next(question, self.engine.exponential(question, 1 / rate))
        for time in YEARS:
            self.engine.at(time, self.ask, YEAR)
        for time in FRESH:
            self.engine.at(time, self.act, "post", APP)
        self.engine.at(END, self._judge)

    def _next(self, question: str, gap: Any) -> None:
        def arrive() -> None:
            self.ask(question)
            self.engine.after(gap(), arrive)

        self.engine.after(gap(), arrive)

    def _publish(self) -> None:
        self.posts += 1
        self.five.publish(self.posts, self.write()[1])

    def turn(self, knob: str, value: Any) -> None:
        """움직이는 동안 돌릴 슬라이더는 없습니다."""

    def act(self, name: str, target: str) -> None:
        """새 글을 하나 올립니다(post)."""
        self._publish()
        dot = self._new()
        self.draw("move", dot, DATABASE, "")
        self.draw("gone", dot)

    def ask(self, question: str) -> None:
        """물음 하나가 정해 둔 곳으로 갑니다."""
        block = self.ways[question]
        id = self.pick() + 1 if question == ONE else 0
        answer = self.five.ask(block, question, id, TERM, TAG)
        dot = self._new()
        self.draw("move", dot, block, "")
        if block == CACHE:
            answer = self._filled(dot, id, answer)
        else:
            self._count("touched", answer.touched)
        stale = block == BATCH and question == NOW and len(self.five.file.rows) < self.posts
        if stale:
            self._count("stale", 1)
        self.draw("look", dot, "fail" if stale else "ok")
        self.draw("move", dot, APP, "")
        self.draw("gone", dot)

    def _filled(self, dot: str, id: int, answer: Answer) -> Answer:
        """캐시에 없던 글을 데이터베이스에서 읽어 채웁니다. 적중하면 행을 건드리지 않습니다."""
        if answer.value is not None:
            return answer
        self.draw("move", dot, DATABASE, "")
        found = self.five.table.one(id)
        self.five.shelf.put(id, found.value)
        self._count("touched", found.touched)
        return found

    def _new(self) -> str:
        self._made += 1
        self.draw("new", str(self._made), APP)
        return str(self._made)

    def _count(self, name: str, more: int) -> None:
        self.counts[name] += more
        self.draw("count", name, self.counts[name])

    def _judge(self) -> None:
        touched, stale, blocks = self.counts["touched"], self.counts["stale"], len(self.added)
        met = touched <= MOST_TOUCHED and blocks <= MOST_BLOCKS and not stale
        said = f"건드린 것은 {touched}, 더한 구성 요소는 {blocks}개"
        said += f", 낡은 답은 {stale}건입니다." if stale else "입니다."
        self.draw("goal", met, said)
