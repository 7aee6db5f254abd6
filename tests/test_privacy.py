"""PostgreSQL의 역할: 표에 적힌 일만 되고, 남의 비공개 글은 비밀번호를 훔쳐도 보이지 않습니다."""

from __future__ import annotations

import psycopg
import pytest

from ddialab.core.errors import InvalidValue, MissingCapability
from ddialab.core.postgresql import OWNER
from ddialab.ops.access import GuardedPostgres
from ddialab.service.front import Front
from ddialab.service.privacy import GRANTS, grants, log_in, signed_in

TABLES = {
    "posts": ("id", "author", "text", "deleted"),
    "private_posts": ("id",),
    "submitted": ("author", "key", "id"),
    "sessions": ("token", "author"),
}
WHOLE = {
    "INSERT": "INSERT INTO {table} DEFAULT VALUES",
    "DELETE": "DELETE FROM {table} WHERE false",
    "TRUNCATE": "TRUNCATE {table}",
    "DROP": "DROP TABLE {table} CASCADE",
    "ALTER": "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "GRANT": "CREATE POLICY open ON {table} USING (true)",
}


@pytest.fixture(scope="module")
def server():
    try:
        with GuardedPostgres() as opened:
            yield opened
    except MissingCapability as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def posts(server):
    """소라의 비공개 글과 공개 글: 토큰과 함께."""
    login = server.as_role("login").connection
    sora, narae = log_in(login, "소라"), log_in(login, "나래")
    front = Front(server.as_role("app"))
    with signed_in(front.database.connection, sora):
        secret = front.submit("소라", "k1", "비밀", private=True)
        public = front.submit("소라", "k2", "공개")
    return {"소라": sora, "나래": narae, "secret": secret, "public": public, "front": front}


def statements():
    """(할 일, 테이블, 문장) 모두."""
    for table, columns in TABLES.items():
        name = f"ddialab.{table}"
        for verb, sql in WHOLE.items():
            yield verb, table, sql.format(table=name)
        for column in columns:
            yield f"SELECT ({column})", table, f"SELECT {column} FROM {name} WHERE false"
            yield f"UPDATE ({column})", table, f"UPDATE {name} SET {column} = DEFAULT WHERE false"


def granted(role: str, verb: str, table: str) -> bool:
    """표에 그 일이, 테이블 전체로든 컬럼으로든, 있는가."""
    if role == OWNER:
        return True
    kind, _, column = verb.partition(" ")
    for what in GRANTS[role].get(table, ()):
        named = what.partition("(")[2].rstrip(")").split(", ") if "(" in what else None
        if what.split()[0] == kind and (named is None or column.strip("()") in named):
            return True
    return False


@pytest.mark.parametrize("role", [*GRANTS, OWNER])
def test_every_statement_of_every_role_is_answered_as_the_table_says(server, role):
    wrong = []
    with psycopg.connect(server.url(role)) as driver:
        for verb, table, sql in statements():
            with driver.transaction(force_rollback=True):
                allowed = permitted(driver, sql)
            if allowed != granted(role, verb, table):
                wrong.append((verb, table, allowed))
    assert wrong == []


def permitted(driver, sql: str) -> bool:
    try:
        with driver.transaction():
            driver.execute(sql)
    except psycopg.errors.InsufficientPrivilege:
        # 권한은 있지만 행의 규칙이 막은 것은 권한의 표에서는 된 것입니다
        return sql.startswith("INSERT") and not _denied(driver, sql)
    except psycopg.Error:
        return True
    return True


def _denied(driver, sql: str) -> bool:
    table = sql.split()[2]
    return not driver.execute("SELECT has_table_privilege(%s, 'INSERT')", (table,)).fetchone()[0]


def test_only_the_owner_makes_tables(server):
    for role in GRANTS:
        with psycopg.connect(server.url(role)) as driver:
            for sql in (
                "CREATE TABLE ddialab.mine (id int)",
                "CREATE TABLE public.mine (id int)",
                "CREATE TEMP TABLE mine (id int)",
                "CREATE ROLE another",
                "COPY ddialab.posts TO PROGRAM 'cat'",
                "SELECT pg_read_file('postgresql.conf')",
                "SELECT * FROM pg_authid",
            ):
                assert not permitted(driver, sql), sql


def test_the_author_sees_the_private_post_and_nobody_else(server, posts):
    front, secret, public = posts["front"], posts["secret"], posts["public"]
    with signed_in(front.database.connection, posts["소라"]):
        assert front.read("소라", secret.id) == secret
        assert front.page("소라", "소라") == [public, secret]
        assert front.submit("소라", "k1", "비밀") == secret
    with signed_in(front.database.connection, posts["나래"]):
        assert front.read("나래", secret.id) is None
        assert front.page("나래", "소라") == [public]


def test_the_program_may_lie_about_who_asks(server, posts):
    """앞문은 누가 물었는지를 프로그램에게서 듣지만, 행의 규칙은 토큰만 믿습니다."""
    front, secret = posts["front"], posts["secret"]
    with signed_in(front.database.connection, posts["나래"]):
        assert front.read("소라", secret.id) is None
        with pytest.raises(InvalidValue, match="row-level security"):
            front.submit("소라", "k3", "나래가 쓴 소라의 글")
    owner = Front(server.as_role(OWNER))
    assert owner.read("소라", secret.id) == secret, (
        "대조군: 관리자의 연결은 프로그램의 말을 믿습니다"
    )


@pytest.mark.parametrize("token", ["", "소라", "' OR true --"])
def test_a_made_up_token_is_nobody(posts, token):
    front = posts["front"]
    with signed_in(front.database.connection, token):
        assert [post.text for post in front.database.posts()] == ["공개"]
        assert front.database.update(posts["public"].id, "바뀜") is None
        assert not front.database.delete(posts["public"].id)


def test_a_session_ends_with_the_transaction(posts):
    """연결은 여럿이 돌려 씁니다. 앞 사람의 세션이 남으면 다음 사람이 그 글을 봅니다."""
    database = posts["front"].database
    with signed_in(database.connection, posts["소라"]):
        assert len(database.posts()) == 2
    assert len(database.posts()) == 1


def test_tokens_are_not_kept(server, posts):
    rows, _ = server.as_role(OWNER).connection.run("SELECT token, author FROM sessions")
    assert {author for _, author in rows} == {"소라", "나래"}
    assert not {posts["소라"], posts["나래"]} & {token for token, _ in rows}


@pytest.mark.parametrize("password", ["짧음", "x" * 15, "a'; DROP ROLE app; --aaaaaaaa"])
def test_a_password_that_breaks_the_statement_is_refused(password):
    with pytest.raises(InvalidValue, match="password") as refused:
        grants("app", password, "ddialab")
    assert password not in str(refused.value)
