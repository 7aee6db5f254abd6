"""실습 01의 첫 장면과 도전: 다섯 군데에 물어봅니다."""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Ask, Challenge, Draw, Knob, Part, Scene
from ddialab.experiments.building_blocks.by_hand import APP, POSTS, TERM, Asked, ByHand
from ddialab.experiments.building_blocks.five import (
    BATCH,
    BLOCKS,
    CACHE,
    DATABASE,
    INDEX,
    NOW,
    ONE,
    STREAM,
    WORD,
    YEAR,
    Answer,
)
from ddialab.experiments.building_blocks.traffic import MOST_BLOCKS, MOST_TOUCHED, Traffic
from ddialab.experiments.building_blocks.words import LABELS

SCAN = Ask(
    "scan",
    f"DB에는 글이 {POSTS}건쯤 있고, 「{TERM}」가 든 글은 그 가운데 몇 건뿐입니다. "
    "그 몇 건을 찾으려고 DB는 글을 몇 건이나 열어 볼까요?",
    unit="건",
)


class Toy(ByHand):
    """데이터베이스에 처음 낱말로 물으면, 몇 건을 열어 볼지 독자에게 먼저 묻습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        super().__init__(engine, settings, draw)
        self._waiting = ""  # 독자의 예상을 기다리는 물음의 점
        self._guessed = False

    def ask(self, block: str, question: str) -> None:
        super().ask(block, question)
        if block == DATABASE and question == WORD and not self._guessed:
            self._guessed, self._waiting = True, str(self._made)
            self.draw("ask", SCAN.id)

    def _done(self, asked: Asked, answer: Answer) -> None:
        super()._done(asked, answer)
        if asked.dot == self._waiting:
            found = f"{answer.touched}건(「{TERM}」가 든 글은 {len(answer.value)}건)"
            self.draw("answer", SCAN.id, answer.touched, found)


def _stage(*actions: Action, counters: tuple) -> dict[str, Any]:
    """앱 하나와 다섯 구성 요소."""
    return {
        "parts": (
            Part(APP, "client", "앱", 0),
            *(Part(block, "server", LABELS[block], 1) for block in BLOCKS),
        ),
        "wires": tuple((APP, block) for block in BLOCKS),
        "counters": counters,
        "actions": (*actions, Action("post", "쓰기", (APP,))),
    }


def _way(name: str, label: str, *blocks: str) -> Knob:
    """``label``의 물음을 어디에 보낼지. 처음에는 데이터베이스입니다."""
    return Knob(name, label, blocks, tuple(LABELS[block] for block in blocks), 0)


TOY = Scene(
    "five-blocks",
    40_000,
    Toy,
    **_stage(
        Action(WORD, "낱말로", BLOCKS),
        Action(ONE, "번호로", BLOCKS),
        Action(NOW, "지금 몇 건", BLOCKS),
        Action(YEAR, "한 해", BLOCKS),
        counters=(
            ("posts", "글", "plain"),
            ("touched", "건드림", "plain"),
        ),
    ),
    asks=(SCAN,),
    seed=3,
)
ROUTES = Scene(
    "right-block",
    20_000,
    Traffic,
    **_stage(
        counters=(
            ("touched", "건드림", "plain"),
            ("blocks", "더한 것", "plain"),
            ("stale", "낡은 답", "bad"),
        ),
    ),
    knobs=(
        _way(ONE, "번호로 읽기", DATABASE, CACHE),
        _way(WORD, "낱말로 찾기", DATABASE, INDEX),
        _way(NOW, "지금 몇 건", DATABASE, INDEX, STREAM, BATCH),
        _way(YEAR, "한 해의 태그", DATABASE, STREAM, BATCH),
    ),
    challenge=Challenge(
        f"20초 동안 오는 물음에 모두 답하세요. 건드린 것은 {MOST_TOUCHED} 이하, DB에 더하는 구성 "
        f"요소는 {MOST_BLOCKS}개까지이고, 「지금 몇 건」에 낡은 답을 주면 안 됩니다.",
        (
            "자주 오는 물음이 아니라, 물음의 수에 한 번에 건드리는 것을 곱해 보세요. "
            "무엇이 가장 큽니까?",
            "번호로 읽기는 한 번에 하나만 건드립니다. 캐시를 두면 얼마나 줄어듭니까?",
            "낱말로 찾기와 「지금 몇 건」이 DB를 훑지 않게 하세요. "
            "한 구성 요소가 두 물음에 답해도 됩니다.",
        ),
        (0, 1, 2, 1),
        why="낱말은 색인이, 「지금 몇 건」은 미리 세어 두는 스트림 처리가 답하면, 물을 때마다 글을 "
        "모두 훑던 두 물음이 몇 개만 건드립니다. 번호로 읽기는 본래 하나만 건드리므로, 캐시를 "
        "두어도 건드리는 것은 얼마 줄지 않습니다.",
    ),
)
