"""역할: 게시글 서비스의 프로그램마다 캐시 서버에서 할 수 있는 명령과 키.

프로그램마다 꼭 필요한 것만 허락합니다(최소 권한). 훔친 비밀번호로 할 수 있는 일은 그 역할이 할 수
있는 일뿐입니다. 이 표에서 서버에 걸 규칙(ACL)도 만들고, 장면도 이 표를 봅니다.
"""

from __future__ import annotations

from typing import NamedTuple

from ddialab.core.errors import check_choice

ANY = "*"
CONNECT = ("PING",)
READ = ("GET",)
WRITE = ("SET", "DEL")
SWAP = ("WATCH", "UNWATCH", "MULTI", "EXEC")  # 그사이 바뀌지 않았을 때만 고치기
LIMIT = ("FCALL", "TIME")  # 요청 수 제한: 미리 올려 둔 함수를 부르기만 합니다
SEND = ("RPUSH", "PUBLISH", "XADD")
RECEIVE = (
    "LPOP", "LLEN", "SUBSCRIBE", "XGROUP CREATE", "XGROUP SETID", "XREADGROUP", "XACK",
    "XAUTOCLAIM", "XPENDING", "XINFO GROUPS", "XRANGE",
)  # fmt: skip
OPERATE = (
    "INFO", "DBSIZE", "SLOWLOG GET", "CONFIG GET", "CLIENT LIST", "FUNCTION LOAD", "BGREWRITEAOF",
)  # fmt: skip
# 어느 프로그램에도 필요 없는 것. 관리자의 비밀번호 하나를 모두가 쓰면 이것까지 열립니다
DANGEROUS = (
    "FLUSHALL", "FLUSHDB", "KEYS", "SCAN", "CONFIG SET", "ACL LIST", "ACL SETUSER", "EVAL",
    "SCRIPT FLUSH", "MONITOR", "REPLICAOF", "SHUTDOWN", "RENAME", "DUMP", "CLIENT KILL",
)  # fmt: skip


class Role(NamedTuple):
    """``title``이 하는 일에 허락한 ``commands``와, 그 명령을 쓸 수 있는 ``keys``.

    키의 끝이 ``*``면 그렇게 시작하는 키 모두입니다. 큐의 채널에도 같은 것이 적용됩니다.
    """

    title: str
    commands: tuple[str, ...]
    keys: tuple[str, ...]


COPIES = ("post:*", "timeline:*", "trending", "position:*")  # 원본에서 만든 사본들
JOBS = "jobs:*"

ROLES = {
    "admin": Role("관리자", (ANY,), (ANY,)),
    "app": Role(
        "웹 서버",
        (*CONNECT, *READ, *WRITE, "INCRBY", *SWAP, *LIMIT, *SEND),
        (*COPIES, "likes:*", "limit:*", JOBS),
    ),
    "worker": Role("워커", (*CONNECT, *READ, *WRITE, *SWAP, *RECEIVE), (*COPIES, JOBS)),
    "login": Role("로그인", (*CONNECT, *READ, *WRITE), ("session:*",)),
    "reporter": Role("통계", (*CONNECT, *READ), ("trending", "likes:*")),
    "operator": Role("운영자의 점검 도구", (*CONNECT, *OPERATE), ()),
}


def allows(role: str, command: str, key: str = "") -> bool:
    """``role``이 ``key``에 ``command``를 할 수 있는지. 키가 없는 명령이면 ``key``를 비웁니다."""
    may = ROLES[check_choice("role", role, ROLES)]
    if ANY not in may.commands and command not in may.commands:
        return False
    return key == "" or any(_covers(pattern, key) for pattern in may.keys)


def _covers(pattern: str, key: str) -> bool:
    if pattern.endswith(ANY):
        return key.startswith(pattern[: len(pattern) - 1])
    return pattern == key


def acl_rules(role: str, password: str) -> list[str]:
    """``role``을 만드는 ACL SETUSER의 인자들: 이름, 비밀번호, 허락하는 것. 나머지는 막힙니다."""
    may = ROLES[check_choice("role", role, ROLES)]
    commands = ["+@all" if one == ANY else "+" + one.replace(" ", "|") for one in may.commands]
    places = [mark + pattern for pattern in may.keys for mark in ("~", "&")]
    return [role, "reset", "on", ">" + password, *commands, *places]
