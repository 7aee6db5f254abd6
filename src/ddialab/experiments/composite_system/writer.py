"""쓰는 프로세스: 게시글 서비스를 열어 시킨 일을 하다가, 정한 단계에서 스스로를 SIGKILL로 죽입니다.

`ddialab.experiments.composite_system.crash`가 띄웁니다. 답한 일마다, 다음 일을 하기 전에 한 줄을
적습니다. 이 프로세스가 어떻게 죽든 적힌 줄은 남으므로, 무엇에 답했는지 밖에서 알 수 있습니다.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ddialab.blocks.database import Database
from ddialab.blocks.log import Log
from ddialab.blocks.search import SearchIndex
from ddialab.core.backend import Backend, open_redis
from ddialab.core.valkey import connect
from ddialab.core.workspace import LOOPBACK
from ddialab.service.composite import CompositeService
from ddialab.service.writes import finish

DYING, DONE, ENDED = "dying", "done", "ended"  # 적는 줄의 첫 낱말


def address_of(redis: Backend) -> dict[str, Any]:
    """다른 프로세스가 같은 캐시 서버의 같은 키를 보게 할 것. 내장 서버는 나눌 수 없습니다."""
    if redis.kind == "remote":
        return {"url": os.environ["REDIS_URL"], "prefix": redis.prefix}
    return {"port": redis.port} if redis.kind == "local" else {}


def open_shared(address: dict[str, Any]) -> Backend:
    """`address_of`가 가리키는 캐시 서버. 나눌 수 없으면 이 프로세스의 내장 서버입니다."""
    if "port" in address:
        import redis

        client = connect(redis.Redis, host=LOOPBACK, port=address["port"])
        return Backend(client, "local", "캐시 서버", frozenset(), on_close=[client.close])
    os.environ["DDIALAB_BACKEND"] = "remote" if address else "embedded"
    os.environ["REDIS_URL"] = address.get("url", "")
    return open_redis(prefix=address.get("prefix", ""))


def open_index(place: dict[str, Any]) -> SearchIndex:
    """검색 색인: 파일이거나, 이름을 정한 OpenSearch의 색인."""
    if "url" in place:
        from ddialab.blocks.search.opensearch import OpenSearch

        return OpenSearch(place["url"], place["index"])
    from ddialab.blocks.search.fulltext import FullText

    return FullText(place["path"])


def main(settings: str) -> None:
    """``settings`` 파일에 적힌 곳의 서비스를 열어, 적힌 일들을 합니다."""
    about = json.loads(Path(settings).read_text())
    service = CompositeService(
        about["way"],
        Database.open(about["database"], schema=about["schema"]),
        open_shared(about["redis"]),
        open_index(about["search"]),
        log=Log(about["log"]) if about["way"] == "outbox" else None,
        waits=about["waits"],
        at=_killer(about["die"]),
    )
    for name, *arguments in about["plan"]:
        getattr(service, name)(*arguments)
        tell(DONE)
        if service.relay is not None:
            finish(service.relay.steps(), service.at)
    tell(ENDED)


def _killer(die: int) -> Callable[[str], None]:
    """``die``번째 단계의 바로 앞에서 죽습니다."""
    count = itertools.count(1)

    def at(step: str) -> None:
        if next(count) == die:
            tell(DYING, step)
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def tell(*words: str) -> None:
    """한 줄을 적습니다. 돌아왔으면 죽어도 남습니다."""
    print(*words, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
