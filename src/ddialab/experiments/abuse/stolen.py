"""훔친 비밀번호: 역할마다 그 비밀번호로 무엇이 되는지, 바꾸면 언제부터 못 쓰는지."""

from __future__ import annotations

from typing import Any

from ddialab.blocks.postgres import psycopg
from ddialab.ops.access import GuardedPostgres, GuardedValkey
from ddialab.service.front import Front
from ddialab.service.privacy import log_in, signed_in

ANSWERED, REFUSED, NO_ROWS, CUT = "answered", "refused", "0 rows", "cut"
ROLES = ("admin", "app", "reporter")
ATTACKS = {  # 도둑이 보내는 명령. 마지막에 가까울수록 피해가 큽니다
    "KEYS *": ("KEYS", "*"),
    "GET session:sora": ("GET", "session:sora"),
    "SET post:1": ("SET", "post:1", "가짜 글"),
    "EVAL": ("EVAL", "return 1", "0"),
    "CONFIG SET": ("CONFIG", "SET", "maxmemory", "0"),
    "FLUSHALL": ("FLUSHALL",),
}
AUTHOR, READER = "소라", "나래"


def attacks(server: GuardedValkey) -> dict[str, dict[str, str]]:
    """역할마다 {공격: 답}."""
    found = {}
    for role in ROLES:
        server.as_role("login").set("session:sora", AUTHOR)
        client = server.as_role(role).client
        found[role] = {name: _answer(client, words) for name, words in ATTACKS.items()}
    return found


def rotated(server: GuardedValkey) -> dict[str, Any]:
    """비밀번호를 바꾸는 동안 도둑이 받은 답.

    ``overlap``은 새 비밀번호를 더해 둘 다 되는 동안의 (옛것, 새것), ``old``는 옛 비밀번호를 뺀 뒤
    이미 열려 있던 연결, ``new``는 옛 비밀번호로 새로 여는 연결, ``killed``는 그 연결을 끊은
    뒤입니다.
    """
    admin, stolen = server.as_role("admin").client, server.passwords["app"]
    connection = server.as_role("app").client.connection_pool.get_connection()
    fresh = f"{stolen}-new"
    admin.execute_command("ACL", "SETUSER", "app", f">{fresh}")
    overlap = [_knock(server, stolen), _knock(server, fresh)]
    admin.execute_command("ACL", "SETUSER", "app", f"<{stolen}")
    old, new = _still(connection), _knock(server, stolen)
    admin.execute_command("CLIENT", "KILL", "USER", "app")
    return {"overlap": overlap, "old": old, "new": new, "killed": _still(connection)}


def statements(server: GuardedPostgres) -> dict[str, dict[str, str]]:
    """역할마다 {공격: 답}. 도둑에게는 비밀번호만 있고 누구의 세션도 없습니다."""
    secret, public = write_posts(server)
    tried = {
        "남의 비공개 글": f"SELECT text FROM ddialab.posts WHERE id = {secret}",
        "남의 글 고치기": f"UPDATE ddialab.posts SET text = '훔침' WHERE id = {public}",
        "세션 만들기": f"INSERT INTO ddialab.sessions VALUES ('도둑', '{AUTHOR}')",
        "TRUNCATE": "TRUNCATE ddialab.posts",
        "DROP TABLE": "DROP TABLE ddialab.posts CASCADE",
    }
    found = {}
    for role in ("owner", "app", "reporter"):
        with psycopg().connect(server.url(role)) as driver:
            found[role] = {name: _statement(driver, sql) for name, sql in tried.items()}
    return found


def write_posts(server: GuardedPostgres) -> tuple[int, int]:
    """글쓴이가 로그인해 쓴 (비공개 글, 공개 글)의 번호."""
    front, login = Front(server.as_role("app")), server.as_role("login").connection
    with signed_in(front.database.connection, log_in(login, AUTHOR)):
        secret = front.submit(AUTHOR, "private", "아무에게도 말하지 마세요", private=True)
        return secret.id, front.submit(AUTHOR, "public", "점심 #김밥").id


def _answer(client: Any, words: tuple[str, ...]) -> str:
    from redis.exceptions import NoPermissionError

    try:
        client.execute_command(*words)
    except NoPermissionError:
        return REFUSED
    return ANSWERED


def _knock(server: GuardedValkey, password: str) -> str:
    """``password``로 새로 연결해 봅니다."""
    import redis

    client = redis.Redis(port=server.port, username="app", password=password)
    try:
        return ANSWERED if client.ping() else REFUSED
    except redis.AuthenticationError:
        return REFUSED
    finally:
        client.close()


def _still(connection: Any) -> str:
    """열려 있던 연결로 물어봅니다."""
    import redis

    try:
        connection.send_command("GET", "post:1", check_health=False)
        connection.read_response()
    except redis.ConnectionError:
        return CUT
    return ANSWERED


def _statement(driver: Any, sql: str) -> str:
    """``sql``을 해 보고 되돌립니다."""
    errors = psycopg().errors
    try:
        with driver.transaction(force_rollback=True):
            changed = driver.execute(sql)
            empty = changed.rowcount == 0
    except errors.InsufficientPrivilege:
        return REFUSED
    return NO_ROWS if empty else ANSWERED
