"""한 사람이 쏟아붓는 동안: 진짜 서버에서, 한도 없이, 한도 하나를 나눠 쓰며, 사람마다 한도를 두고.

쏟아붓는 요청은 무거워서, 실험이 놓아줄 때까지 자리를 차지합니다. 그래서 결과가 이 컴퓨터의 속도가
아니라 자리와 한도로만 정해집니다.
"""

from __future__ import annotations

import http.client
import threading
import time
from functools import partial
from pathlib import Path

from ddialab.blocks.database import Database
from ddialab.blocks.posts import Post
from ddialab.blocks.rate_limit import RateLimit
from ddialab.core.workspace import LOOPBACK, START_TIMEOUT, Workspace
from ddialab.ops.access import GuardedValkey, connect_as
from ddialab.service.edge import ROOM, Edge, start, token_hash
from ddialab.service.front import Front
from ddialab.service.http import port_of

FLOOD, PEOPLE = 60, 20  # 쏟아붓는 한 사람의 요청, 한 번씩 읽는 다른 사람들
BURST, RATE = 5, 1e-6  # 한도. 실험이 도는 동안 새로 차지 않습니다
FLOODER, HEAVY, GO = "flooder", "heavy", "go"
MODES = ("none", "shared", "each")


class HeldFront(Front):
    """작가 `HEAVY`의 글을 찾는 일은 파일 `GO`가 생길 때까지 끝나지 않습니다."""

    def page(self, user: str, author: str, before: int | None = None) -> list[Post]:
        while author == HEAVY and not Path(GO).exists():
            time.sleep(0.002)
        return super().page(user, author, before)


def open_held(mode: str, tokens: dict[str, str], port: int, password: str) -> Edge:
    """``mode``의 한도를 둔 서버. ``tokens``는 {사람: 토큰}입니다."""
    front = HeldFront(Database.open("posts.db"))
    front.submit("소라", "k1", "점심 #김밥")
    sessions = {token_hash(token): name for name, token in tokens.items()}
    limiter = None
    if mode != "none":
        limiter = RateLimit(connect_as("app", password, port), RATE, BURST)
    return Edge(front, sessions, limiter, shared=mode == "shared")


def flood() -> dict[str, dict[str, int]]:
    """한도마다: 다른 사람들의 요청(``sent``)과 받은 답, 쏟아부은 요청과 받은 답."""
    return {mode: flooded(mode) for mode in MODES}


def flooded(mode: str) -> dict[str, int]:
    """``mode``의 서버에 `FLOOD`건을 쏟아붓는 동안 다른 사람들이 받은 답."""
    names = [FLOODER, *(f"reader-{n}" for n in range(PEOPLE))]
    tokens = {name: f"token-of-{name}" for name in names}
    with GuardedValkey() as valkey, Workspace() as home:
        login = {"port": valkey.port, "password": valkey.passwords["app"]}
        process = start(home, f"{mode}.log", open_held, mode=mode, tokens=tokens, **login)
        port = process.wait_until_ready(partial(port_of, process), "게시글 서버가")
        pouring = Pouring(port, tokens[FLOODER], FLOOD)
        pouring.wait_until_answered(FLOOD - (ROOM if mode == "none" else BURST))
        others = [ask(port, "/authors/소라", tokens[name]) for name in names[1:]]
        (home.folder / GO).touch()
        poured = pouring.join()
    served, flood_served = others.count(200), poured.count(200)
    return {
        "sent": len(others),
        "served": served,
        "refused": len(others) - served,
        "flood_sent": len(poured),
        "flood_served": flood_served,
        "flood_refused": len(poured) - flood_served,
    }


class Pouring:
    """한꺼번에 보내는 무거운 요청들. 요청마다 스레드가 하나입니다."""

    def __init__(self, port: int, token: str, count: int):
        self._statuses: list[int] = []
        self._threads = [
            threading.Thread(target=self._pour, args=(port, token), daemon=True)
            for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def wait_until_answered(self, count: int) -> None:
        """자리를 차지한 것만 남을 때까지."""
        until = time.monotonic() + START_TIMEOUT
        while len(self._statuses) < count and time.monotonic() < until:
            time.sleep(0.002)

    def join(self) -> list[int]:
        """모두 답을 받을 때까지 기다려 그 상태들을 돌려줍니다."""
        for thread in self._threads:
            thread.join()
        return self._statuses

    def _pour(self, port: int, token: str) -> None:
        self._statuses.append(ask(port, f"/authors/{HEAVY}", token))


def ask(port: int, path: str, token: str) -> int:
    """``token``의 주인으로 ``path``를 요청해 받은 상태. 답을 받지 못하면 0."""
    from urllib.parse import quote

    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=START_TIMEOUT)
    try:
        connection.request("GET", quote(path), headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
