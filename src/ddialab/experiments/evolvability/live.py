"""진짜 마이그레이션: 스레드들이 게시글을 쓰고 읽는 동안, 마이그레이션 프로세스를 거듭 죽입니다.

`ddialab.ops.migration`을 자식 프로세스로 돌리고, 일 하나를 마칠 때마다 SIGKILL로 죽입니다. 죽은
자리에서 새 프로세스가 이어받습니다. 그동안 서비스는 이 프로세스의 스레드들이 맡습니다.
"""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass
from random import Random

from ddialab.blocks.database import Database
from ddialab.core.address import hide_password
from ddialab.core.errors import BackendUnavailable, InvalidValue, check_integer
from ddialab.core.workspace import Workspace, require_kill
from ddialab.experiments.evolvability.drill import audit_posts, draw, tagged_post
from ddialab.ops.migration import Migration, Replica
from ddialab.stress.client import EndlessClient
from ddialab.stress.crowd import AUTHOR, Crowd

PAUSE = 0.004  # 초: 스레드마다 요청 사이에 쉬는 시간


@dataclass(frozen=True)
class LiveRun:
    """진짜로 돌린 결과: 죽인 횟수, 요청과 실패한 요청, 잃거나 틀리거나 남는 게시글의 수."""

    kills: int
    requests: int
    failed: int
    posts: int
    lost: int
    stale: int
    extra: int
    seconds: float


def migrate_killing(
    target: str,
    workspace: Workspace,
    *,
    posts: int = 150,
    clients: int = 3,
    schema: str = "ddialab",
) -> LiveRun:
    """빈 데이터베이스 ``target``에 게시글을 넣고, 일마다 죽이며 마이그레이션을 끝까지 합니다.

    SIGKILL이 없는 곳(브라우저, Windows)이면 `MissingCapability`.
    """
    require_kill()
    started = time.monotonic()
    with Database.open(target, schema=schema) as database:
        _check_empty(database, target)
        schema = database.connection.schema  # "temporary"였으면 이제 이름이 있습니다
        rows = [(AUTHOR, f"글 {n} #맛집") for n in range(check_integer("posts", posts, 1))]
        typed = {post.id: post.text for post in database.insert_posts(rows)}
        migration, crew = Migration(database), []
        try:
            crew.extend(_Client(n, target, schema, typed) for n in range(clients))
            kills = _kill_until_done(migration, target, workspace, schema, crew)
        finally:
            for client in crew:
                client.stop()
        return _count(kills, typed, crew, Replica("audit", database), time.monotonic() - started)


def _check_empty(database: Database, target: str) -> None:
    moved = "text" not in database.connection.columns("posts")
    if moved or database.posts(limit=1, include_deleted=True):
        raise InvalidValue(
            f"{hide_password(target)}: 이미 게시글이 있거나 옮긴 적이 있는 데이터베이스입니다.",
            "빈 데이터베이스여야 합니다. 실험이 남의 데이터를 고치지 않게 하려는 것입니다.",
            "다른 파일이나 다른 스키마(schema=)를 사용하세요.",
        )


def _kill_until_done(
    migration: Migration, target: str, workspace: Workspace, schema: str, crew: list[_Client]
) -> int:
    """일 하나를 하고 죽는 자식을, 할 일이 없을 때까지 거듭 띄웁니다. 죽은 횟수를 돌려줍니다."""
    kills, units = 0, 1
    while True:
        before = migration.state
        child = workspace.run(_command(workspace, target, schema, units), log="migration.log")
        try:
            while (code := child.poll()) is None:
                time.sleep(0.005)
        finally:
            child.stop()  # 기다리다 중단해도 남기지 않습니다
        if code == 0:
            return kills
        if code != -signal.SIGKILL:
            raise BackendUnavailable(f"마이그레이션이 멈췄습니다: {child.log.read_text()[-300:]}")
        kills += 1
        for client in crew:
            client.ask_once()
        # 읽기만 하고 죽었으면 남은 것이 없습니다. 다음 자식은 하나 더 하고 죽습니다
        units = units + 1 if migration.state == before else 1


def _command(workspace: Workspace, target: str, schema: str, units: int) -> list[str]:
    where = workspace.folder / "target"  # 주소에는 비밀번호가 있을 수 있어 인자로 넘기지 않습니다
    where.write_text(target, encoding="utf-8")
    argv = [sys.executable, "-m", "ddialab.ops.migration", f"@{where}", "--schema", schema]
    return [*argv, "--batch", "100", "--die-after", str(units)]


class _Client:
    """복제본 하나와 그 클라이언트: 스레드 하나에서 제 연결로 쓰고 고치고 읽습니다."""

    def __init__(self, number: int, target: str, schema: str, typed: dict[int, str]):
        mine = {id: text for id, text in typed.items() if id % 7 == number}  # 내가 고칠 것
        self.crowd = _Following(Random(number), draw, mine)
        self._database = Database.open(target, schema=schema)
        replica = Replica(f"t{number}", self._database)
        self._thread = EndlessClient(lambda: self.crowd.request(replica), PAUSE)

    def stop(self) -> None:
        self._thread.stop()
        self._database.close()

    def ask_once(self) -> None:
        """요청 하나를 처음부터 끝까지 마치게 합니다. 죽은 자리마다 클라이언트가 겪어야 합니다."""
        enough = self.crowd.requests + 2  # 지금 하던 것과 그다음 것
        while self.crowd.requests < enough and self._thread.alive:
            time.sleep(PAUSE)


class _Following(Crowd):
    """요청마다 시킨 방식부터 확인합니다. 읽은 내용까지 맞아야 성공입니다."""

    def ask(self, service: Replica, number: int) -> bool:
        service.refresh()
        return super().ask(service, number)

    def read(self, service: Replica, id: int) -> bool:
        return service.read(id) == tagged_post(id, self.texts[id])


def _count(
    kills: int, typed: dict[int, str], crew: list[_Client], reader: Replica, seconds: float
) -> LiveRun:
    """클라이언트들의 장부를 모두 모아 데이터베이스와 견줍니다."""
    crowds = [client.crowd for client in crew]
    texts = typed | {id: text for crowd in crowds for id, text in crowd.texts.items()}
    seen = audit_posts(texts, reader)
    return LiveRun(
        kills,
        sum(crowd.requests for crowd in crowds),
        sum(len(crowd.failures) for crowd in crowds),
        *map(len, (texts, seen.lost, seen.stale, seen.extra)),
        seconds,
    )
