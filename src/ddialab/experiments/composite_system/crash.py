"""죽는 자리: 쓰는 프로세스를 단계마다 SIGKILL로 죽이고, 다시 켠 뒤에 무엇이 어긋나는지 봅니다.

데이터베이스와 검색 서버는 `DATABASE_URL`과 `OPENSEARCH_URL`이 있으면 그것이고, 없으면 파일입니다.
캐시 서버는 `open_redis`가 정합니다. 내장 서버라면 캐시가 프로세스와 함께 사라집니다.

    with Stores() as stores:
        diverging(stores, ("dual", "outbox"))  # 길마다, 죽은 단계마다 어긋난 사본들
        list(crashes(stores, "outbox"))        # 여러 일을 하는 동안의 모든 단계

`diverging`이 실습의 표입니다. 단계 하나에 프로세스 하나를 띄웁니다.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from ddialab.blocks.database import Database
from ddialab.blocks.log import Log
from ddialab.blocks.memory import MemoryPosts
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.tape import Tape
from ddialab.core.address import looks_like_address
from ddialab.core.backend import database_target, open_redis, search_url
from ddialab.core.errors import BackendUnavailable
from ddialab.core.memory import MemoryStore
from ddialab.core.workspace import Process, Workspace, require_kill
from ddialab.experiments.composite_system import writer
from ddialab.service.composite import CompositeService
from ddialab.service.drift import Drift, drift
from ddialab.service.posts import key_of
from ddialab.service.timeline import key_of as timeline_of
from ddialab.service.trending import KEY
from ddialab.service.views import CACHE, TIMELINE, TRENDING, position_of
from ddialab.service.writes import finish

FANS, AUTHOR, IDS = ("나래", "미르"), "소라", range(1, 5)
BEFORE = (  # 죽을 프로세스가 시작하기 전에 끝난 일들. 1번 글은 캐시에도 있습니다
    ("follow", FANS[0], AUTHOR),
    ("publish", AUTHOR, "첫 글 #점심"),
    ("read", 1),
)
EDIT = (("edit", 1, "고친 글 #저녁"),)  # 표에서 죽을 프로세스가 하는 일
PLAN = (  # 모든 단계에서 죽여 볼 때 하는 일들: 쓰기의 종류마다, 읽기는 그 사이에
    ("edit", 1, "고친 글 #저녁"),
    ("publish", AUTHOR, "둘째 글 #점심 #커피"),
    ("read", 2),
    ("follow", FANS[1], AUTHOR),
    ("edit", 1, "또 고친 글 #커피"),
    ("read", 1),
    ("delete", 2),
    ("publish", AUTHOR, "셋째 글 #저녁"),
    ("read", 2),
)


class Crash(NamedTuple):
    """죽이고 다시 켠 결과.

    ``step``은 바로 그 앞에서 죽은 단계의 이름(끝까지 했으면 None), ``answered``는 답한 일의 수,
    ``lost``는 답했는데 데이터베이스에 없는 것 (번호, 있어야 할 글, 있는 글), ``drifts``는 사본이
    원본과 어긋난 곳입니다.
    """

    step: str | None
    answered: int
    lost: list[tuple[int, str | None, str | None]]
    drifts: list[Drift]


class Stores:
    """데이터베이스, 캐시 서버, 검색 색인. ``with`` 문으로 쓰거나 `close`로 닫습니다."""

    def __init__(self):
        require_kill()
        self._count, self._each = 0, ExitStack()  # _each: 이번에 죽여 볼 동안만 있는 것
        with ExitStack() as stack:
            self.workspace = stack.enter_context(Workspace())
            prefix = f"ddialab:{uuid.uuid4().hex[:8]}:"  # 독자의 서버에서 두 프로세스가 함께 쓸 말
            self.redis = stack.enter_context(open_redis(prefix=prefix))
            self._index = _opensearch(stack)
            self._closing = stack.pop_all()

    def close(self) -> None:
        """흔적을 지우고 닫습니다. 두 번 불러도 됩니다."""
        self._each.close()
        self._forget_cache()
        self._closing.close()

    def __enter__(self) -> Stores:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def renew(self) -> None:
        """빈 저장소들로 바꿉니다. 파일이면 새 파일입니다."""
        self._each.close()
        self._count += 1
        path = self.workspace.folder / f"run-{self._count}"
        target = database_target(f"{path}.db")
        search = {"path": f"{path}.search"}
        if self._index is not None:
            self._index.clear()
            search = {"url": search_url(), "index": self._index.index}
        self._forget_cache()
        self.place = {
            "database": target,
            "schema": self._new_schema(target),
            "redis": writer.address_of(self.redis),
            "search": search,
            "log": f"{path}.log",
        }

    def steps(self, way: str, plan: Sequence[tuple] = PLAN, *, waits: bool = False) -> list[str]:
        """여기서 ``plan``을 하는 프로세스가 지날 단계들(`steps_of`)."""
        return steps_of(way, plan, waits=waits, kept=self.redis.kind != "embedded")

    def restart(self) -> None:
        """프로세스가 죽었습니다. 내장 캐시 서버에 든 것은 함께 사라졌습니다."""
        if self.redis.kind == "embedded":
            self.redis.clear()

    @contextmanager
    def service(self, way: str, waits: bool = False) -> Iterator[CompositeService]:
        """이 저장소들 위에 새로 연 게시글 서비스."""
        with ExitStack() as stack:
            where = self.place["database"], self.place["schema"]
            database = stack.enter_context(Database.open(where[0], schema=where[1]))
            log = stack.enter_context(Log(self.place["log"])) if way == "outbox" else None
            index = self._index or stack.enter_context(writer.open_index(self.place["search"]))
            yield CompositeService(way, database, self.redis, index, log=log, waits=waits)

    def write(self, **about: Any) -> Process:
        """쓰는 프로세스(`ddialab.experiments.composite_system.writer`)를 띄웁니다."""
        settings = self.workspace.folder / f"run-{self._count}.json"
        settings.write_text(json.dumps({**self.place, **about}))
        argv = [sys.executable, "-m", writer.__name__, settings]
        return self.workspace.run(argv, log=f"run-{self._count}.txt")

    def _new_schema(self, target: str) -> str:
        """PostgreSQL이면 다음 `renew`까지만 있는 스키마의 이름."""
        if not looks_like_address(target):
            return "ddialab"
        owner = self._each.enter_context(Database.open(target, schema="temporary"))
        return owner.connection.schema

    def _forget_cache(self) -> None:
        """쓰는 프로세스가 넣었을 키까지 지웁니다. 독자의 서버에서는 우리의 키만 지웁니다."""
        posts = [key_of(id) for id in IDS]
        homes = [timeline_of(fan) for fan in FANS]
        marks = [position_of(view) for view in (CACHE, TIMELINE, TRENDING)]
        self.redis.kept.update(self.redis.prefix + key for key in [*posts, *homes, *marks, KEY])
        self.redis.clear()


def _opensearch(stack: ExitStack) -> Any:
    """독자의 OpenSearch에 만든 색인. 없으면 None이고, 그때는 파일을 씁니다."""
    if (url := search_url()) is None:
        return None
    from ddialab.blocks.search.opensearch import OpenSearch

    index = OpenSearch(url, f"ddialab-{uuid.uuid4().hex[:12]}")
    stack.callback(index.drop)
    return index


def crash(
    stores: Stores, way: str, die: int, plan: Sequence[tuple] = PLAN, *, waits: bool = False
) -> Crash:
    """`BEFORE`를 마친 저장소들에 ``plan``을 하는 프로세스를 ``die``번째 단계에서 죽입니다.

    다시 켜고(outbox면 따라오게 하고) 나서 본 결과를 돌려줍니다.
    """
    stores.renew()
    with stores.service(way) as service:
        perform(service, BEFORE)
    process = stores.write(way=way, die=die, plan=plan, waits=waits)
    words = _ended(process)
    stores.restart()
    step = next((word[1] for word in words if word[0] == writer.DYING), None)
    answered = sum(word[0] == writer.DONE for word in words)
    with stores.service(way) as service:
        if service.relay is not None:
            service.catch_up()
        posts = {post.id: post.text for post in service.database.posts()}
        return Crash(step, answered, lost(posts, plan, answered), drift(service, IDS))


def crashes(
    stores: Stores, way: str, plan: Sequence[tuple] = PLAN, *, waits: bool = False
) -> Iterator[Crash]:
    """``plan``의 모든 단계에서 한 번씩 `crash`합니다."""
    for die in range(1, len(stores.steps(way, plan, waits=waits)) + 1):
        yield crash(stores, way, die, plan, waits=waits)


def diverging(
    stores: Stores, ways: Sequence[str], plan: Sequence[tuple] = EDIT
) -> dict[str, list[tuple[str, list[str]]]]:
    """표: {길: [(죽은 단계, 어긋난 사본들)]}. 단계의 차례대로입니다."""
    return {
        way: [(found.step, views_of(found)) for found in crashes(stores, way, plan)] for way in ways
    }


def views_of(found: Crash) -> list[str]:
    """어긋난 사본의 이름들."""
    return list(dict.fromkeys(one.view for one in found.drifts))


def steps_of(
    way: str, plan: Sequence[tuple] = PLAN, *, waits: bool = False, kept: bool = True
) -> list[str]:
    """``plan``을 하는 동안 지나는 단계들. ``kept``는 캐시 서버가 시작할 때 비어 있지 않은지입니다.

    같은 판단을 메모리에서 해 보고 압니다.
    """
    database, index, log, told = MemoryPosts(), MemoryIndex(), Tape(), []
    backend = MemoryStore()

    def open_service(**more: Any) -> CompositeService:
        tape = log if way == "outbox" else None
        return CompositeService(way, database, backend, index, log=tape, **more)

    perform(open_service(), BEFORE)
    backend = backend if kept else MemoryStore()
    perform(open_service(waits=waits, at=told.append), plan)
    return told


def perform(service: CompositeService, plan: Sequence[tuple]) -> None:
    """``plan``의 일을 차례로 합니다. 릴레이가 있으면 일마다 따라오게 합니다."""
    for name, *arguments in plan:
        getattr(service, name)(*arguments)
        if service.relay is not None:
            finish(service.relay.steps(), service.at)


def _ended(process: Process) -> list[list[str]]:
    """프로세스가 끝나기를 기다려, 적은 줄들(낱말의 리스트)을 읽습니다."""
    process.wait(who="쓰는 프로세스가", todo="서버들이 켜져 있는지 보고 다시 하세요.")
    said = process.log.read_text(errors="replace")
    words = [line.split() for line in said.splitlines()]
    if not words or words[-1][0] not in (writer.DYING, writer.ENDED):
        raise BackendUnavailable(
            f"쓰는 프로세스가 정한 단계에 닿지 못했습니다({said[-200:]!r}).",
            "끝까지 하거나 정한 단계에서 죽어야 합니다.",
            "서버들이 켜져 있는지 보고 다시 하세요.",
        )
    return words


def lost(posts: dict[int, str], plan: Sequence[tuple], answered: int) -> list[tuple]:
    """답한 쓰기 가운데 ``posts``에 없는 것. 답하지 못한 마지막 쓰기는 있어도 없어도 됩니다."""
    promised = texts_after([*BEFORE, *plan[:answered]])
    maybe = texts_after([*BEFORE, *plan[: answered + 1]])
    ids = {**promised, **maybe, **posts}
    return [
        (id, promised.get(id), posts.get(id))
        for id in ids
        if posts.get(id) not in (promised.get(id), maybe.get(id))
    ]


def texts_after(plan: Sequence[tuple]) -> dict[int, str | None]:
    """``plan``을 모두 한 뒤의 게시글들: {번호: 글}. 지운 글은 None."""
    texts: dict[int, str | None] = {}
    for name, *arguments in plan:
        if name == "publish":
            texts[len(texts) + 1] = arguments[1]
        elif name in ("edit", "delete"):
            texts[arguments[0]] = arguments[1] if name == "edit" else None
    return texts
