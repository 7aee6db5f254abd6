"""역할(PostgreSQL): 프로그램마다 테이블에 할 수 있는 일과, 행마다 보일 사람.

웹 서버의 비밀번호로 테이블을 없애지 못하는 것은 권한(GRANT)이, 남의 비공개 글을 읽지 못하는 것은
행 수준 보안(row level security)이 막습니다. 누구의 글을 보일지는 프로그램의 말이 아니라 로그인한
세션의 토큰으로 정합니다. 세션은 로그인 프로그램만 만들므로, 웹 서버의 비밀번호만으로는 누구도 될 수
없습니다.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from ddialab.blocks.connection import Connection
from ddialab.blocks.posts import check_text
from ddialab.core.errors import InvalidValue, check_choice

# 역할마다 테이블에 허락한 일. 괄호 안은 컬럼입니다. 여기에 없는 일은 막힙니다
GRANTS = {
    "app": {
        "posts": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "private_posts": ("SELECT", "INSERT"),
        "submitted": ("SELECT", "INSERT"),
    },
    "login": {"sessions": ("SELECT", "INSERT", "DELETE")},
    "reporter": {"posts": ("SELECT (id, author, deleted)",)},
}
SETTING = "app.session"  # 트랜잭션마다 이 설정에 토큰을 적습니다
# 남의 것은 만들지도 고치지도 못하고, 비공개 글은 쓴 사람에게만 보입니다
MINE = "author = {schema}.whoami()"
MY_POST = "EXISTS (SELECT FROM {schema}.posts p WHERE p.id = private_posts.id AND p.{mine})"
VISIBLE = {
    "posts": ("{mine} OR NOT {schema}.is_private(id)", "{mine}"),
    "private_posts": (MY_POST, MY_POST),
    "submitted": ("{mine}", "{mine}"),
}
# 함수는 주인의 권한으로 실행됩니다(SECURITY DEFINER). 역할은 답만 얻고 테이블은 보지 못합니다
FUNCTIONS = """
CREATE FUNCTION {schema}.whoami() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT author FROM {schema}.sessions
  WHERE token = encode(sha256(convert_to(current_setting('app.session', true), 'UTF8')), 'hex') $$;
CREATE FUNCTION {schema}.is_private(post bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM {schema}.private_posts WHERE id = post) $$;
"""


def tables(schema: str) -> list[str]:
    """주인이 한 번 실행할 문장들: 세션의 테이블, 함수, 행마다의 규칙."""
    made = [f"CREATE TABLE {schema}.sessions (token TEXT PRIMARY KEY, author TEXT NOT NULL)"]
    made += [one for one in FUNCTIONS.format(schema=schema).split(";\n") if one.strip()]
    for name, rules in VISIBLE.items():
        mine = MINE.format(schema=schema)
        seen, written = [rule.format(schema=schema, mine=mine) for rule in rules]
        made += [
            f"ALTER TABLE {schema}.{name} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY seen ON {schema}.{name} FOR SELECT USING ({seen})",
            f"CREATE POLICY added ON {schema}.{name} FOR INSERT WITH CHECK ({written})",
            f"CREATE POLICY changed ON {schema}.{name} FOR UPDATE USING ({written})",
            f"CREATE POLICY removed ON {schema}.{name} FOR DELETE USING ({written})",
        ]
    return made


def grants(role: str, password: str, schema: str) -> list[str]:
    """``role``을 만들고 `GRANTS`대로 허락하는 문장들. ``password``에는 따옴표가 없어야 합니다."""
    may = GRANTS[check_choice("role", role, GRANTS)]
    if not re.fullmatch(r"[\w-]{16,}", password, re.ASCII):
        raise InvalidValue(
            "password: 역할의 비밀번호로 쓸 수 없습니다.",
            "영문자, 숫자, -, _로 된 16자 이상이어야 합니다.",
            "secrets.token_urlsafe(24)로 지으세요.",
        )
    return [
        f"CREATE ROLE {role} LOGIN PASSWORD '{password}'",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        *(f"GRANT {', '.join(what)} ON {schema}.{name} TO {role}" for name, what in may.items()),
    ]


def log_in(connection: Connection, author: str) -> str:
    """``author``의 세션을 만들고 토큰을 돌려줍니다. 로그인 프로그램의 연결로 부릅니다.

    토큰은 사람이 짓지 않은 긴 난수라서 느린 해시가 필요 없습니다. 테이블에는 해시만 남습니다.
    """
    token = secrets.token_urlsafe(24)
    kept = hashlib.sha256(token.encode()).hexdigest()
    sql = f"INSERT INTO {connection.table('sessions')} VALUES (?, ?)"
    connection.run(sql, (kept, check_text("author", author)))
    return token


@contextmanager
def signed_in(connection: Connection, token: str) -> Iterator[None]:
    """``with`` 안의 문장은 ``token``의 세션으로 실행됩니다. 끝나면 설정도 사라집니다."""
    with connection.transaction():
        connection.run(f"SELECT set_config('{SETTING}', ?, true)", (token,))
        yield
