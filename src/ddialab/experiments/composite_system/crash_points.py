"""죽을 수 있는 자리: 하루의 일을 단계마다 한 번씩 죽이고, 다시 켠 뒤에 사본을 원본과 견줍니다.

프로세스 하나 안에서 합니다. 죽는다는 것은 하던 제너레이터와 서비스를 버리는 것이고, 다시 켠다는
것은 저장소들 위에 서비스를 새로 만드는 것입니다. 진짜 프로세스를 죽이는 일은
`ddialab.experiments.composite_system.crash`가 합니다.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any, NamedTuple

from ddialab.blocks.memory import MemoryPosts
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.tape import Tape
from ddialab.core.memory import MemoryStore
from ddialab.service.composite import CompositeService
from ddialab.service.drift import Drift, drift

AUTHOR, FOLLOWERS = "소라", ("나래", "하린")
TOPICS = ("점심", "산책", "야구", "커피")
POSTS = 3  # 하루에 쓰는 글의 수


class Died(BaseException):
    """프로세스가 죽었습니다. 보통의 오류로 잡히면 안 됩니다."""


class Death(NamedTuple):
    """``nth``번째 단계 ``step`` 앞에서 죽은 결과: 하던 일, 다시 켠 뒤 어긋난 사본, 잃은 쓰기."""

    nth: int
    doing: str
    step: str
    drifts: list[Drift]
    lost: int

    @property
    def views(self) -> list[str]:
        """어긋난 사본의 이름들."""
        return list(dict.fromkeys(one.view for one in self.drifts))


class Stores:
    """프로세스가 죽어도 남는 것들: 데이터베이스, 캐시 서버, 색인, 로그. 안 주면 메모리에 둡니다.

    ``waits``면 사본이 따라온 다음에 답합니다(outbox일 때만).
    ``told``는 장부입니다: {번호: 있을 수 있는 글들}. 답을 들었으면 하나이고, 답을 기다리는 동안에는
    앞의 것과 새것 둘입니다. 지운 글은 None입니다.
    """

    def __init__(
        self,
        way: str,
        database: Any = None,
        backend: Any = None,
        index: Any = None,
        waits: bool = False,
    ):
        self.way, self.waits, self.log = way, waits, Tape()
        self.database = database or MemoryPosts()
        self.backend = backend or MemoryStore()
        self.index = MemoryIndex() if index is None else index
        self.told: dict[int, tuple[str | None, ...]] = {}
        self._tokens = count(1)

    def open(self, at: Callable[[str], object] | None = None) -> CompositeService:
        """이 저장소들 위에 서비스를 켭니다."""
        log = self.log if self.way == "outbox" else None
        stores, more = (self.database, self.backend, self.index), {"waits": self.waits, "at": at}
        return CompositeService(self.way, *stores, log=log, token=self._token, **more)

    def _token(self) -> str:
        return str(next(self._tokens))

    def lost(self) -> int:
        """답했는데 원본에 그대로 있지 않은 쓰기의 수."""
        posts = {post.id: post.text for post in self.database.posts()}
        return sum(posts.get(id) not in texts for id, texts in self.told.items())


class Day:
    """``stores`` 위에서 보내는 하루: 팔로우하고, 쓰고, 읽고, 고치고, 지웁니다.

    ``steps``는 여태 지나온 단계의 수입니다. ``dies_at``번째 단계의 앞에서 `Died`를 냅니다.
    """

    def __init__(self, stores: Stores, dies_at: int | None = None, seed: int = 0):
        self.stores, self.dies_at = stores, dies_at
        self.steps, self.doing, self.step = 0, "", ""
        self.service = stores.open(self._at)
        self._chance = Random(seed)

    def live(self) -> None:
        """하루를 끝까지 보냅니다."""
        for follower in FOLLOWERS:
            self._do("팔로우", lambda name=follower: self.service.follow(name, AUTHOR))
        for n in range(POSTS):
            text = self._text(n)
            id = self._do("쓰기", lambda text=text: self.service.publish(AUTHOR, text)).id
            self.stores.told[id] = (text,)
            self._read(id)
            self._change("고치기", id, self._text(n))
            self._read(id)
            if n == POSTS - 1 or self._chance.random() < 0.3:
                self._change("지우기", id, None)

    def _text(self, n: int) -> str:
        return f"제목 {n} #{self._chance.choice(TOPICS)} #{self._chance.choice(TOPICS)}"

    def _read(self, id: int) -> None:
        if self._chance.random() < 0.7:
            self._do("읽기", lambda: self.service.read(id))

    def _change(self, doing: str, id: int, text: str | None) -> None:
        """글을 고치거나(``text``) 지웁니다(None). 답을 들을 때까지는 되었는지 모릅니다."""
        told, service = self.stores.told, self.service
        told[id] = (*told[id], text)
        self._do(doing, lambda: service.delete(id) if text is None else service.edit(id, text))
        told[id] = (text,)

    def _do(self, doing: str, request: Callable[[], Any]) -> Any:
        self.doing = doing
        done = request()
        if self.service.relay is not None:  # 릴레이도 같은 프로세스에 있고, 요청마다 따라잡습니다
            self.doing = "릴레이"
            for step in self.service.relay.steps():
                self._at(step)
        return done

    def _at(self, step: str) -> None:
        self.step = step
        if self.steps == self.dies_at:
            raise Died(step)
        self.steps += 1


def die_at(make: Callable[[], Stores], nth: int, seed: int = 0) -> Death | None:
    """``nth``번째 단계 앞에서 죽고, 다시 켭니다. 거기까지 가기 전에 하루가 끝나면 None."""
    stores = make()
    day = Day(stores, nth, seed)
    try:
        day.live()
        return None
    except Died:
        pass
    service = stores.open()
    if service.relay is not None:
        service.catch_up()
    found = drift(service, range(1, POSTS + 1))
    return Death(nth, day.doing, day.step, found, stores.lost())


def every_death(way: str, seed: int = 0, *, waits: bool = False) -> list[Death]:
    """``way``로 보내는 하루의 단계마다 한 번씩 죽인 결과들."""
    deaths = []
    while (death := die_at(lambda: Stores(way, waits=waits), len(deaths), seed)) is not None:
        deaths.append(death)
    return deaths
