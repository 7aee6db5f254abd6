"""복합 시스템의 그림: 누가 어느 저장소 앞에 서 있고, 저장소마다 지금 무엇이 들었는지."""

from __future__ import annotations

from collections.abc import Iterable

from ddialab.core.scene import Draw, Part
from ddialab.experiments.composite_system.system import title
from ddialab.service.relay import LOG, OUTBOX, POSITION
from ddialab.service.views import CACHE, INDEX
from ddialab.service.writes import DATABASE, FILL

SORA, NARAE, RELAY = "sora", "narae", "relay"
NAMES = {SORA: "소라", NARAE: "나래", RELAY: "릴레이"}
STORES = {  # 단계마다 그 일을 할 저장소. 아웃박스는 DB에 있지만, 그림에서는 로그 곁에 섭니다
    DATABASE: DATABASE,
    CACHE: CACHE,
    FILL: CACHE,
    POSITION: CACHE,
    INDEX: INDEX,
    LOG: LOG,
    OUTBOX: LOG,
}
WIRES = ((SORA, DATABASE), (NARAE, CACHE), (DATABASE, LOG))
COUNTERS = (
    ("edits", "고침", "good"),
    ("stale", "낡은 답", "bad"),
)
LANES = (("edit", "고침"), ("stale", "낡은 답"))


def parts(readers: str) -> tuple[Part, ...]:
    """고치는 소라의 서버, ``readers``의 서버, 릴레이, 그리고 저장소들."""
    return (
        Part(SORA, "server", NAMES[SORA], 0),
        Part(NARAE, "server", readers, 0),
        Part(RELAY, "server", NAMES[RELAY], 0),
        Part(DATABASE, "store", "DB (원본)", 1),
        Part(CACHE, "store", "캐시", 1),
        Part(INDEX, "store", "검색 색인", 2),
        Part(LOG, "store", "로그", 2),
    )


def object_of(number: int) -> str:
    """조사 을/를까지 붙인 제목."""
    return f"{title(number)}{'을' if number % 10 in (0, 1, 3, 6, 7, 8) else '를'}"


class Picture:
    """점 하나가 요청 하나입니다.

    저장소 앞에 선 점은 거기서 할 일이 아직 남은 것이고, 서버에 든 점은 답만 남은 것입니다.
    """

    def __init__(self, draw: Draw):
        self.draw = draw
        self.counts = {name: 0 for name, _, _ in COUNTERS}
        self._shown: dict[tuple[str, str], str] = {}  # (저장소, 줄의 이름) → 보이는 것
        self._where: dict[str, str] = {}  # 누가 어느 저장소의 줄에 적혀 있나

    def count(self, name: str) -> None:
        """위의 수 ``name``을 하나 늘립니다."""
        self.counts[name] += 1
        self.draw("count", name, self.counts[name])

    def holds(self, store: str, rows: Iterable[tuple[str, str]]) -> None:
        """``store``에 든 것들. 바뀐 줄만 새로 그립니다."""
        for key, text in rows:
            if self._shown.get((store, key)) != text:
                self._shown[store, key] = text
                self.draw("put", store, key, text)

    def stand(self, dot: str, actor: str, step: str, words: str) -> None:
        """``actor``가 단계 ``step``을 할 차례입니다. 할 저장소의 줄에 ``words``로 적습니다."""
        self.leave(actor)
        store = STORES.get(step, actor)
        self.draw("move", dot, store, "work" if store == actor else "wait")
        if store != actor:
            self._where[actor] = store
            self.draw("put", store, NAMES[actor], words)

    def leave(self, actor: str) -> None:
        """``actor``가 서 있던 저장소의 줄에서 이름을 지웁니다."""
        if actor in self._where:
            self.draw("put", self._where.pop(actor), NAMES[actor], None)

    def answered(self, dot: str, actor: str) -> None:
        """요청이 끝나, 답이 ``actor``에게 돌아갑니다."""
        self.leave(actor)
        self.draw("look", dot, "ok")
        self.draw("move", dot, actor, "")
        self.draw("gone", dot)

    def left(self, dot: str, actor: str) -> None:
        """시작하기 전에 그만둡니다."""
        self.leave(actor)
        self.draw("gone", dot)

    def died(self, dot: str, actor: str) -> None:
        """요청을 처리하던 서버가 죽었습니다."""
        self.leave(actor)
        self.draw("state", actor, "down")
        if dot:
            self.draw("look", dot, "fail")
            self.draw("gone", dot)
