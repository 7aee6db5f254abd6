"""마이그레이션 훈련: 복제본들이 쓰고 읽는 동안 마이그레이션을 돌려 잃은 게시글과 틀린 답을 셉니다.

시계는 가상이고 데이터베이스와 마이그레이션은 진짜입니다. 누가 언제 끼어드는지를 시드가 정하므로
드문 순서도 다시 볼 수 있습니다. 대조군(`MOVES`)은 안전장치를 하나씩 뺀 것입니다.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from ddialab.blocks.database import Database
from ddialab.core.engine import Engine
from ddialab.core.errors import LabError, check_choice, check_integer
from ddialab.ops.columns import SQLColumns
from ddialab.ops.parallel_change import (
    STEPS,
    WAITING,
    CrewMember,
    ParallelChange,
    TaggedPost,
    columns_of,
    join,
    split,
)
from ddialab.stress.crowd import AUTHOR, Audit, Crowd, Traffic, audit

MOVES = ("careful", "at-once", "no-waiting", "blind")
MOVE_NAMES = {
    "careful": "확장-이전-축소",
    "at-once": "한 번에 바꾸기",
    "no-waiting": "복제본을 기다리지 않기",
    "blind": "확인 없이 덮어쓰기",
}
NAMES = ("n1", "n2", "n3", "n4")
REQUEST_GAP, UNIT_GAP, POLL_GAP = 0.2, 0.2, 1.0  # 초: 복제본마다 요청, 일 하나, 방식 확인의 간격
TRAFFIC = Traffic(publish=0.3, edit=0.3)
CALM = 3.0  # 초: 끝난 뒤에도 이만큼 더 요청을 받습니다


class Hasty(ParallelChange):
    """복제본들이 따라왔는지 보지 않고 다음으로 갑니다."""

    def waiting_for(self, mode: str) -> list[str]:
        return []

    def _check_equal(self) -> None:
        pass


class Blind(ParallelChange):
    """읽은 지 얼마나 됐든 그대로 덮어씁니다."""

    def _fill_new(self, id: int, text: str, body: str | None, tags: str | None) -> int:
        body, tags = columns_of(text)
        return self.columns.edit(id, {"body": body, "tags": tags})

    def _check_equal(self) -> None:
        pass


class AtOnce(ParallelChange):
    """옛 컬럼을 새 컬럼으로 한 번에 바꾸고, 복제본들은 그 뒤에 하나씩 따라옵니다."""

    def work(self) -> Iterator[str]:
        with self.columns.transaction():
            self._save(done=len(STEPS))
            self.columns.alter(body="TEXT", tags="TEXT")
            for row in self.columns.rows():
                self._fill_new(*row)
            self.columns.alter(text=None, body="TEXT NOT NULL", tags="TEXT NOT NULL")
        yield "at-once"
        yield from self._deploy("new")


@dataclass
class Drill:
    """훈련 한 번의 결과. 시각은 모두 가상 시계의 초입니다.

    ``failures``는 실패한 요청의 시각, ``lost``는 썼다고 답했는데 읽히지 않는 게시글, ``stale``은
    마지막에 답한 것과 내용이 다른 게시글, ``extra``는 아무도 답하지 않은 게시글입니다. ``units``는
    마이그레이션이 한 (시각, 일)들, ``modes``는 복제본마다 (시각, 방식)들, ``stopped``는 끝까지
    가지 못했을 때 그 까닭입니다.
    """

    requests: int = 0
    failures: list[float] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)
    units: list[tuple[float, str]] = field(default_factory=list)
    modes: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    duration: float = 0.0
    rewritten: int = 0
    altered: int = 0
    stopped: str = ""

    @property
    def harmless(self) -> bool:
        return not (self.failures or self.lost or self.stale or self.extra)


def migrate_under_load(
    way: str = "careful", seed: int = 1, *, posts: int = 60, columns=None
) -> Drill:
    """게시글 ``posts``건이 있는 서비스가 요청을 받는 동안 마이그레이션을 끝까지 합니다.

    ``columns``는 게시글을 담을 빈 곳(`ddialab.ops.columns`)이며 끝나면 닫습니다. 없으면
    SQLite입니다.
    """
    kind = {"careful": ParallelChange, "at-once": AtOnce, "no-waiting": Hasty, "blind": Blind}
    stage = _Stage(kind[check_choice("way", way, MOVES)], seed, posts, columns)
    return stage.play((len(STEPS),))


def roll_back_under_load(step: int, seed: int = 1, *, posts: int = 60, columns=None) -> Drill:
    """``step``단계까지 갔다가 처음으로 롤백합니다. 그동안에도 요청은 계속 들어옵니다.

    ``rewritten``은 롤백하느라 옮긴 게시글의 수, ``altered``는 사용자가 쓴 텍스트와 달라진 게시글의
    수(뜻은 같습니다)입니다.
    """
    check_integer("step", step, 1, len(STEPS) - 1)
    return _Stage(ParallelChange, seed, posts, columns).play((step, 0))


class _Stage:
    """훈련 무대: 엔진 하나, 데이터베이스 하나, 복제본 넷, 마이그레이션 하나."""

    def __init__(self, kind: type[ParallelChange], seed: int, posts: int, columns):
        self.engine, self.drill = Engine(seed), Drill()
        self.columns = columns or SQLColumns(Database.open(":memory:"))
        self.migration = kind(self.columns, batch=20)
        random = self.engine.stream("요청")
        texts = [_text(random, n) for n in range(check_integer("posts", posts, 1))]
        found = {self.columns.insert(AUTHOR, {"text": text}): text for text in texts}
        self.crowd = Crowd(random, draw, found)
        self.replicas = [CrewMember(name, self.columns) for name in NAMES]

    def play(self, targets: tuple[int, ...]) -> Drill:
        for replica in self.replicas:
            self.drill.modes[replica.name] = [(0.0, replica.mode)]
            gap = self.engine.exponential(f"간격/{replica.name}", REQUEST_GAP)
            self.engine.after(gap(), self._request, replica, gap)
            self.engine.after(self.crowd.random.random() * POLL_GAP, self._poll, replica)
        self.targets = list(targets)
        self.engine.after(2.0, self._next_target)
        self.stopped = False
        while not self.stopped:
            self.engine.run(self.engine.now + 1.0)
        self._audit()
        self.columns.close()
        return self.drill

    def _next_target(self) -> None:
        if not self.targets:
            self.stopped = True
            return
        self.before = self.migration.rewritten
        self.migration.aim(self.targets.pop(0))
        self.work = self.migration.work()
        self._work()

    def _work(self) -> None:
        try:
            unit = next(self.work, None)
        except (
            LabError
        ) as error:  # 축소하려는데 새 컬럼이 빈 게시글이 있으면 데이터베이스가 거절합니다
            self.drill.stopped, unit = error.problem, None
        if unit is None:
            self.drill.rewritten = self.migration.rewritten - self.before
            self.engine.after(CALM, self._next_target)
            return
        if unit != WAITING:
            self.drill.units.append((self.engine.now, unit))
        self.engine.after(UNIT_GAP, self._work)

    def _poll(self, replica: CrewMember) -> None:
        """복제본마다 제때에 새 방식을 알아챕니다. 그래서 두 방식이 한동안 함께 실행됩니다."""
        before = replica.mode
        replica.refresh()
        if replica.mode != before:
            self.drill.modes[replica.name].append((self.engine.now, replica.mode))
        self.engine.after(POLL_GAP, self._poll, replica)

    def _request(self, replica: CrewMember, gap) -> None:
        self.engine.after(gap(), self._request, replica, gap)
        self.crowd.request(replica, self.engine.now)

    def _audit(self) -> None:
        drill, texts = self.drill, self.crowd.texts
        drill.requests, drill.failures = self.crowd.requests, self.crowd.failures
        drill.duration = self.engine.now
        seen = audit_posts(texts, self.replicas[0])
        drill.lost, drill.stale, drill.extra = seen.lost, seen.stale, seen.extra
        if self.migration.state.done == 0:
            now = {id: self.columns.get(id, ("text",)) for id in texts}
            drill.altered = sum(now[id] != (AUTHOR, text) for id, text in texts.items())


def draw(random: Random, ids: Sequence[int], number: int) -> tuple[str, int, str]:
    """다음 요청: 종류와 게시글과 텍스트를 모두 뽑습니다. 아무 게시글이나 고칩니다."""
    kind, id = TRAFFIC.kind(random.random()), ids[int(random.random() * len(ids))]
    return kind, id, _text(random, number)


def audit_posts(texts: dict[int, str], replica: CrewMember) -> Audit:
    """장부의 텍스트들을 ``replica``가 읽는 새 모양의 게시글들과 견줍니다."""
    return audit(texts, {id: replica.read(id) for id in replica.columns.ids()}, tagged_post)


def tagged_post(id: int, text: str) -> TaggedPost:
    """클라이언트가 ``text``를 썼을 때 보여야 하는 게시글."""
    return TaggedPost(id, AUTHOR, *split(text))


def _text(random: Random, n: int) -> str:
    return (f"글 {n} #맛집", f"#점심 글 {n}", f"글 {n}")[int(random.random() * 3)]


def unrestorable(texts: list[str]) -> list[str]:
    """태그를 떼었다가 도로 붙이면 텍스트가 달라지는 게시글들. 축소한 뒤에는 원문이 없습니다."""
    return [text for text in texts if join(*split(text)) != text]
