"""비밀번호를 확인하는 문: 연결할 때 한 번 묻고, 그다음부터는 역할이 허락한 것만 합니다.

Valkey의 연결과 같습니다. 비밀번호는 연결할 때만 확인하므로, 나중에 바꾸어도 열린 연결은
그대로입니다. 무엇을 허락하는지는 `service.roles`의 표를 봅니다.
"""

from __future__ import annotations

from ddialab.service import roles

KEYS, GET, SET, FLUSHALL = "KEYS", "GET", "SET", "FLUSHALL"
DONE, REFUSED, CUT = "answered", "refused", "cut"


class Link:
    """열어 둔 연결 하나. ``user``의 역할로 명령을 보냅니다."""

    def __init__(self, door: Door, user: str):
        self.door, self.user, self.open = door, user, True

    def send(self, command: str, key: str = "", value: str = "") -> tuple[str, str | None]:
        """(`DONE`이나 `REFUSED`나 `CUT`, 답)."""
        if not self.open:
            return CUT, None
        if not roles.allows(self.door.roles[self.user], command, key):
            return REFUSED, None
        return DONE, self.door.do(command, key, value)


class Door:
    """``users``는 사용자마다 (역할, 비밀번호)입니다."""

    def __init__(self, users: dict[str, tuple[str, str]]):
        self.roles = {user: role for user, (role, _) in users.items()}
        self.data: dict[str, str] = {}
        self._secrets = {user: secret for user, (_, secret) in users.items()}
        self._links: list[Link] = []

    def connect(self, user: str, secret: str) -> Link | None:
        """비밀번호가 맞으면 연결을 열고, 틀리면 None."""
        if self._secrets[user] != secret:
            return None
        link = Link(self, user)
        self._links.append(link)
        return link

    def rotate(self, user: str, secret: str) -> None:
        """``user``의 비밀번호를 바꿉니다. 열린 연결은 그대로 둡니다."""
        self._secrets[user] = secret

    def cut(self, user: str) -> None:
        """``user``의 연결을 모두 끊습니다."""
        for link in self._links:
            if link.user == user:
                link.open = False
        self._links = [link for link in self._links if link.open]

    def do(self, command: str, key: str, value: str) -> str | None:
        """허락된 명령을 합니다. 없는 키의 답은 None입니다."""
        if command == KEYS:
            return ", ".join(self.data)
        if command == FLUSHALL:
            self.data = {}
        elif command == SET:
            self.data[key] = value
        return self.data.get(key)
