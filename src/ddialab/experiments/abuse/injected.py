"""SQL 인젝션: 찾을 말을 문장에 이어 붙인 검색과 매개변수로 넘긴 검색."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddialab.blocks.postgres import psycopg
from ddialab.experiments.abuse.stolen import AUTHOR, READER
from ddialab.ops.access import GuardedPostgres
from ddialab.service.front import Front
from ddialab.service.privacy import SETTING, log_in, signed_in

SECRETS = 3  # 남(소라)의 비공개 글
READ_ALL = "') > 0 OR true --"  # 찾을 말 자리에 넣어 조건을 참으로
DROP = "') > 0; DROP TABLE ddialab.posts CASCADE; --"  # 문장을 끝내고 하나 더

Search = Callable[[Any, str, str], list[tuple]]


def naive_search(driver: Any, me: str, word: str) -> list[tuple]:
    """내 비공개 글에서 ``word``를 찾습니다. 찾을 말이 문장의 일부가 됩니다."""
    sql = (
        "SELECT author, text FROM ddialab.posts JOIN ddialab.private_posts USING (id) "
        f"WHERE author = '{me}' AND strpos(text, '{word}') > 0"
    )
    return _rows(driver.execute(sql))


def safe_search(driver: Any, me: str, word: str) -> list[tuple]:
    """내 비공개 글에서 ``word``를 찾습니다. 문장은 정해져 있고 찾을 말은 값일 뿐입니다."""
    sql = (
        "SELECT author, text FROM ddialab.posts JOIN ddialab.private_posts USING (id) "
        "WHERE author = %s AND strpos(text, %s) > 0"
    )
    return _rows(driver.execute(sql, (me, word)))


SEARCHES: dict[str, Search] = {"string": naive_search, "parameters": safe_search}


def injection(server: GuardedPostgres) -> dict[str, dict[str, dict[str, Any]]]:
    """역할과 검색마다: 읽힌 남의 비공개 글(``others``)과 테이블이 없어졌는지(``dropped``)."""
    login = server.as_role("login").connection
    front, token = Front(server.as_role("app")), log_in(login, READER)
    with signed_in(front.database.connection, log_in(login, AUTHOR)):
        for n in range(SECRETS):
            front.submit(AUTHOR, f"secret-{n}", f"비밀 {n}", private=True)
    return {
        role: {name: _tried(server.url(role), token, search) for name, search in SEARCHES.items()}
        for role in ("owner", "app")
    }


def _tried(url: str, token: str, search: Search) -> dict[str, Any]:
    """나래로 로그인한 요청 안에서 두 가지를 찾아 보고, 모두 되돌립니다."""
    with psycopg().connect(url) as driver:
        with driver.transaction(force_rollback=True):
            driver.execute(f"SELECT set_config('{SETTING}', %s, true)", (token,))
            others = [text for author, text in search(driver, READER, READ_ALL) if author != READER]
        return {"others": len(others), "dropped": _drops(driver, search)}


def _drops(driver: Any, search: Search) -> bool:
    errors = psycopg().errors
    try:
        with driver.transaction(force_rollback=True):
            search(driver, READER, DROP)
            (left,) = driver.execute("SELECT to_regclass('ddialab.posts')").fetchone()
            return left is None
    except errors.InsufficientPrivilege:
        return False


def _rows(cursor: Any) -> list[tuple]:
    """마지막 문장의 행들. 행이 없는 문장이면 빈 리스트."""
    while cursor.nextset():
        pass
    return cursor.fetchall() if cursor.description else []
