"""임차권: 미스가 난 키를 채울 권리. 그사이 누가 키를 지우면 무효가 됩니다.

페이스북이 Memcached에 더한 것입니다(Nishtala 외, NSDI 2013). 옛 값을 읽은 느린 요청이, 무효화가
끝난 뒤에 그 값을 캐시에 넣는 일(stale set)을 막습니다.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ddialab.blocks.cache import Cache, Entry
from ddialab.core.errors import check_positive

HELD = 10.0  # 초. 임차권을 쥔 요청이 죽어도 이 뒤에는 다른 요청이 채웁니다


class LeasedCache(Cache):
    """임차권이 있어야 채울 수 있는 캐시.

    빈자리에는 값 대신 임차권의 번호를 둡니다. `delete`가 번호까지 지우므로, 그 뒤에 온 `fill`은
    거절됩니다. ``token()``은 부를 때마다 다른 번호를 줍니다. 여러 프로세스가 함께 쓰면 서로 달라야
    합니다. 나머지는 `Cache`와 같습니다.
    """

    def __init__(
        self,
        backend: Any,
        token: Callable[[], str],
        *,
        kept: Any = None,
        clock: Callable[[], float] | None = None,
    ):
        super().__init__(backend, kept=kept, clock=clock)
        self._token = token

    def lease(self, key: str) -> str | None:
        """빈 ``key``를 채울 임차권의 번호. 이미 값이 있거나 다른 요청이 쥐고 있으면 None."""
        found, now = self.backend.get(key), self.clock()
        if found is not None and not _expired(found, now):
            return None
        token = self._token()
        return token if self.backend.swap(key, found, _lease(token, now + HELD)) else None

    def fill(self, key: str, value: Any, token: str | None, ttl: float | None = None) -> bool:
        """번호가 ``token``인 임차권으로 ``key``를 채우고, 채웠는지 돌려줍니다.

        임차권이 없거나(None), 그사이 누가 키를 지웠으면 채우지 않습니다.
        """
        if ttl is not None:
            check_positive("ttl", ttl)
        found = self.backend.get(key)
        if token is None or _holder(found) != token:
            return False
        if self._kept is not None:
            self._kept[key] = None
        server = None if self._virtual else ttl
        return self.backend.swap(key, found, self._stored(value, ttl, 0.0), server)

    def _read(self, stored: str | None) -> Entry | None:
        return super()._read(stored) if _holder(stored) is None else None


def _lease(token: str, expires: float) -> str:
    return json.dumps({"lease": token, "expires": expires})


def _holder(stored: str | None) -> str | None:
    """그 자리에 든 임차권의 번호. 값이 들었거나 비었으면 None."""
    found = None if stored is None else json.loads(stored)
    return found["lease"] if isinstance(found, dict) else None


def _expired(stored: str, now: float) -> bool:
    found = json.loads(stored)
    expires = found["expires"] if isinstance(found, dict) else found[1]
    return expires is not None and now >= expires
