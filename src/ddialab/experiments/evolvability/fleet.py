"""진짜 롤링 업그레이드: 게시글 서비스의 복제본이 각각 프로세스이고, 요청은 루프백의 HTTP로 옵니다.

로드 밸런서는 이 프로세스 안에 있습니다. 복제본을 하나씩 라우팅 대상에서 빼고, 하던 일이 끝나면
끄고, 새 버전을 띄워 다시 넣습니다.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from ddialab.blocks.database import Database
from ddialab.core.errors import BackendUnavailable, check_choice, check_integer
from ddialab.core.workspace import LOOPBACK, START_TIMEOUT, Process, Workspace
from ddialab.experiments.evolvability.documents import Documents
from ddialab.experiments.evolvability.rolling_upgrade import Taggers
from ddialab.experiments.evolvability.versions import NEW, OLD, TREATMENTS, VersionedPosts
from ddialab.service.http import port_of, start
from ddialab.service.posts import PostService
from ddialab.stress.client import EndlessClient
from ddialab.stress.crowd import Traffic

ANSWER_TIMEOUT = 5.0  # 초. 요청 하나의 답을 기다리는 시간
PAUSE = 0.003  # 초. 클라이언트마다 요청 사이에 쉬는 시간
SOAK = 100  # 복제본 하나를 바꾸고 다음을 바꾸기 전에, 두 버전이 섞인 채로 받을 요청의 수
WORKERS = 8  # 복제본 하나가 동시에 처리하는 요청의 수


def open_replica(target: str, version: int, way: str) -> PostService:
    """데이터베이스 ``target``을 ``version``버전의 프로그램으로 다루는 서비스를 엽니다."""
    return PostService(VersionedPosts(Documents(Database.open(target)), version, way))


@dataclass
class Member:
    """떠 있는 복제본 하나. ``busy``는 지금 맡은 요청의 수입니다."""

    process: Process
    port: int
    version: int
    busy: int = 0


class Fleet:
    """복제본 프로세스들과, 요청을 차례로 나눠 주는 로드 밸런서."""

    def __init__(self, workspace: Workspace, target: str, way: str, size: int = 3, soak: int = 0):
        self.workspace, self.target = workspace, target
        self.way = check_choice("way", way, TREATMENTS)
        self.soak = soak
        self._changed, self._turn, self._logs = threading.Condition(), 0, 0
        started = [self._launch(OLD) for _ in range(check_integer("size", size, 2, 8))]
        self.rotation = [self._wait_for_port(*one) for one in started]

    def upgrade(self) -> None:
        """복제본을 하나씩 새 버전으로 바꿉니다. 그동안 나머지가 라우팅 대상으로 남아 있습니다."""
        for member in list(self.rotation):
            with self._changed:
                self.rotation.remove(member)
                self._changed.wait_for(lambda: member.busy == 0)  # noqa: B023
            member.process.stop()
            fresh = self._wait_for_port(*self._launch(NEW))
            with self._changed:
                self.rotation.append(fresh)

    def publish(self, author: str, text: str, **fields: Any) -> dict:
        return self.ask("/publish", author=author, text=text, **fields)

    def edit(self, id: int, text: str) -> dict:
        return self.ask("/edit", id=id, text=text)

    def read(self, id: int) -> dict:
        return self.ask("/read", id=id)

    def ask(self, path: str, **body: object) -> Any:
        """복제본 하나에 요청을 보내고 답을 받습니다. 성공하지 못하면 `BackendUnavailable`."""
        with self._changed:
            self._turn += 1
            member = self.rotation[self._turn % len(self.rotation)]
            member.busy += 1
        try:
            return _post(member.port, path, body)
        except (OSError, http.client.HTTPException) as error:
            raise BackendUnavailable(f"{path}: 답을 받지 못했습니다({error}).") from None
        finally:
            with self._changed:
                member.busy -= 1
                self._changed.notify_all()

    def _launch(self, version: int) -> tuple[Process, int]:
        if version == NEW:
            self._serve(self.soak)
        self._logs += 1
        about = {"target": self.target, "version": version, "way": self.way}
        log = f"{self.way}-{self._logs}.log"
        return start(self.workspace, log, open_replica, WORKERS, **about), version

    def _serve(self, requests: int) -> None:
        """요청을 이만큼 더 받습니다. 빠른 컴퓨터에서도 두 버전이 섞여 지내야 합니다."""
        with self._changed:
            enough = self._turn + requests
            self._changed.wait_for(lambda: self._turn >= enough, START_TIMEOUT)

    def _wait_for_port(self, process: Process, version: int) -> Member:
        port = process.wait_until_ready(
            partial(port_of, process),
            f"버전 {version}의 복제본이",
            todo="커널을 다시 시작하고 이 절의 처음부터 다시 실행하세요.",
        )
        return Member(process, port, version)


def _post(port: int, path: str, body: dict) -> Any:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_TIMEOUT)
    try:
        connection.request("POST", path, json.dumps(body).encode())
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(said.decode())
        return json.loads(said)
    finally:
        connection.close()


# ── 클라이언트 ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FleetRun:
    """진짜 롤링 업그레이드의 결과: 모두 센 수이고, ``seconds``만 시간입니다."""

    requests: int
    failed: int
    published: int
    tagged: int
    lost: int
    seconds: float


def upgrade_fleet(target: str, workspace: Workspace, way: str, *, clients: int = 3) -> FleetRun:
    """복제본 셋을 띄우고, 클라이언트들이 쓰고 고치고 읽는 동안 하나씩 새 버전으로 바꿉니다."""
    fleet = Fleet(workspace, target, way, soak=SOAK)
    crowds = [Taggers(Traffic(), Random(n), has_tags=lambda id: True) for n in range(clients)]
    threads = [EndlessClient(partial(_ask, fleet, n, one), PAUSE) for n, one in enumerate(crowds)]
    started = time.monotonic()
    try:
        fleet.upgrade()
        seconds = time.monotonic() - started
    finally:
        for thread in threads:
            thread.stop()
        for member in fleet.rotation:
            member.process.stop()
    ledgers = [one.ledger for one in crowds]
    tagged = [id for ledger in ledgers for id in ledger.tagged]
    return FleetRun(
        sum(one.requests for one in crowds),
        sum(len(one.failures) for one in crowds),
        sum(len(ledger.published) for ledger in ledgers),
        len(tagged),
        _count_lost(target, tagged),
        seconds,
    )


def _ask(fleet: Fleet, number: int, clients: Taggers) -> None:
    """요청 하나. 클라이언트마다 게시글의 번호가 겹치지 않게 합니다."""
    clients.request(fleet, number=(clients.requests + 1) * 100 + number)


def _count_lost(target: str, tagged: list[int]) -> int:
    """태그를 달았다고 답한 게시글 가운데 지금 태그가 없는 것의 수."""
    with Database.open(target) as database:
        posts = VersionedPosts(Documents(database), NEW, "preserve")
        return sum(not posts.post(id)["tags"] for id in tagged)
