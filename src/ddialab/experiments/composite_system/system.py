"""작은 복합 시스템: 게시글 하나의 제목과 그 사본 둘(캐시, 검색 색인). 모두 메모리에 있습니다.

장면과 순서 세기가 함께 씁니다. 읽기와 쓰기의 단계, 사본, 릴레이는 게시글 서비스의 것 그대로입니다.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from ddialab.blocks.cache import Cache
from ddialab.blocks.lease import LeasedCache
from ddialab.blocks.memory import MemoryPosts
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.tape import Tape
from ddialab.core.errors import check_choice
from ddialab.core.memory import MemoryStore
from ddialab.service.follows import follows_of
from ddialab.service.outbox import outbox_of
from ddialab.service.posts import key_of, packed
from ddialab.service.relay import Relay
from ddialab.service.views import CacheView, IndexView
from ddialab.service.writes import WAYS, Writes

ID = 1  # 게시글은 하나뿐입니다


class System:
    """``way``대로 사본을 맞추는 게시글 하나. 처음에는 `title` 1번이고, 색인되어 있습니다.

    ``filled``면 캐시에도 들어 있습니다. ``waits``면 사본이 따라온 다음에 답합니다(outbox일 때만).
    ``tokens``는 여태 내준 임차권의 수입니다.
    """

    def __init__(
        self,
        way: str,
        *,
        filled: bool = False,
        waits: bool = False,
        clock: Callable[[], float] = lambda: 0.0,
    ):
        leased = check_choice("way", way, WAYS) in ("lease", "outbox")
        self.way, self.tokens = way, 0
        self.database, self.index, self.log = MemoryPosts(), MemoryIndex(), Tape()
        self.store = MemoryStore(clock)
        self.cache = LeasedCache(self.store, self._token) if leased else Cache(self.store)
        self.views = [CacheView(self.cache, updates=way == "dual"), IndexView(self.index)]
        connection = self.database.connection
        self.outbox = outbox_of(connection) if way == "outbox" else None
        self.relay = None if self.outbox is None else Relay(self.outbox, self.log, self.views)
        self.waits = waits and self.relay is not None
        self.writes = Writes(
            self.database,
            follows_of(connection),
            self.cache,
            self.views,
            self.outbox,
            self.relay if self.waits else None,
            leased,
        )
        post = self.database.insert_post("소라", title(1))
        self.index.put(ID, title(1))
        if filled:
            self.cache.set(key_of(ID), packed(post))

    def _token(self) -> str:
        self.tokens += 1
        return str(self.tokens)

    @property
    def original(self) -> int:
        """원본(데이터베이스)에 든 제목의 번호."""
        return number_of(self.database.post(ID).text)

    @property
    def cached(self) -> int | None:
        """캐시에 든 제목의 번호. 비었거나 임차권만 있으면 None."""
        found = json.loads(self.store.get(key_of(ID)) or "{}")
        return None if isinstance(found, dict) else number_of(found[0]["text"])

    @property
    def leasing(self) -> bool:
        """캐시의 자리에 임차권만 있는지."""
        return self.cached is None and self.store.get(key_of(ID)) is not None

    @property
    def indexed(self) -> int:
        """검색 색인에 든 제목의 번호."""
        return number_of(self.index.text(ID))

    @property
    def read(self) -> int:
        """지금 누가 한달음에 읽으면 볼 제목의 번호."""
        cached = self.cached
        return self.original if cached is None else cached

    def agree(self) -> bool:
        """모든 사본이 원본과 같고, 릴레이가 옮길 것도 남지 않았는지."""
        same = self.read == self.indexed == self.original
        return same and (self.relay is None or self.relay.lag == 0)


def title(number: int) -> str:
    """``number``번째로 지은 제목."""
    return f"제목 {number}"


def number_of(text: str) -> int:
    """`title`이 지은 제목의 번호."""
    return int(text.split(" ")[1])
