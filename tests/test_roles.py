"""역할: 표에 적힌 대로 진짜 서버가 허락하고 거절하는가. 서비스는 제 역할로 모두 되는가."""

from __future__ import annotations

import pytest
import redis
from redis.exceptions import NoPermissionError

from ddialab.blocks.database import Database
from ddialab.blocks.queue.redis import RedisChannel, RedisList, RedisStream
from ddialab.blocks.rate_limit import RateLimit
from ddialab.blocks.search import open_search
from ddialab.core.errors import BackendUnavailable, InvalidValue
from ddialab.ops.access import GuardedValkey
from ddialab.service.composite import CompositeService
from ddialab.service.roles import ANY, DANGEROUS, ROLES, acl_rules, allows

EVERY = tuple(dict.fromkeys([c for role in ROLES.values() for c in role.commands if c != ANY]))
COMMANDS = (*EVERY, *DANGEROUS)
KEYS = (
    "post:7", "timeline:소라", "trending", "trending2", "position:cache", "likes:7", "limit:소라",
    "jobs:mail", "session:abc", "dm:소라:나래", "*",
)  # fmt: skip
# 키를 받는 명령마다 인자들. {}가 키의 자리입니다
ARGUMENTS = {
    "GET": "{}", "SET": "{} x", "DEL": "{}", "INCRBY": "{} 1", "WATCH": "{}", "RPUSH": "{} x",
    "FCALL": "take 1 {} 1.0 1.0 1000", "PUBLISH": "{} x", "XADD": "{} * body x", "LPOP": "{}",
    "LLEN": "{}", "SUBSCRIBE": "{}", "XGROUP CREATE": "{} g 0 MKSTREAM", "XGROUP SETID": "{} g 0",
    "XREADGROUP": "GROUP g c COUNT 1 STREAMS {} >", "XACK": "{} g 0-1",
    "XAUTOCLAIM": "{} g c 0 0-0", "XPENDING": "{} g", "XINFO GROUPS": "{}", "XRANGE": "{} - +",
    "RENAME": "{0} {0}", "DUMP": "{}",
}  # fmt: skip
KEYLESS = {
    "SLOWLOG GET": "1", "CONFIG GET": "maxmemory", "CONFIG SET": "maxmemory 0", "KEYS": "none",
    "SCAN": "0", "ACL SETUSER": "nobody", "EVAL": "return/**/1 0", "REPLICAOF": "NO ONE",
    "SHUTDOWN": "ABORT", "CLIENT KILL": "ID 0", "FUNCTION LOAD": "nothing",
}  # fmt: skip


@pytest.fixture(scope="module")
def server():
    with GuardedValkey() as opened:
        yield opened


def permitted(client, command: str, key: str) -> bool:
    """``client``로 보내 봅니다. 권한 밖의 까닭으로 거절당하면 허락된 것입니다."""
    words = ARGUMENTS[command].format(key) if command in ARGUMENTS else KEYLESS.get(command, "")
    connection = client.connection_pool.get_connection()
    try:
        if command == "EXEC":
            connection.send_command("MULTI")
            if "NOPERM" in refusal(connection):
                connection.send_command("EXEC")
                return "NOPERM" not in refusal(connection)
        connection.send_command(*command.split(), *words.split())
        return "NOPERM" not in refusal(connection)
    finally:
        connection.disconnect()  # 구독이나 감시를 남기지 않게
        client.connection_pool.release(connection)


def refusal(connection) -> str:
    try:
        connection.read_response()
    except NoPermissionError:
        return "NOPERM"
    except redis.ResponseError as error:
        return str(error)
    return ""


def places(command: str) -> tuple[str, ...]:
    return KEYS if command in ARGUMENTS else ("",)


@pytest.mark.parametrize("role", ROLES)
def test_every_command_of_every_role_is_answered_as_the_table_says(server, role):
    client = server.as_role(role).client
    wrong = [
        (command, key)
        for command in COMMANDS
        for key in places(command)
        if permitted(client, command, key) != allows(role, command, key)
    ]
    assert wrong == []


def test_a_table_that_promises_too_much_is_found(server, monkeypatch):
    """대조군: 서버에 건 것과 표가 다르면 위의 테스트가 봅니다."""
    widened = ROLES["reporter"]._replace(commands=("PING", "GET", "DEL"))
    monkeypatch.setitem(ROLES, "reporter", widened)
    client = server.as_role("reporter").client
    assert allows("reporter", "DEL", "likes:7") != permitted(client, "DEL", "likes:7")


def test_no_program_may_do_what_is_dangerous():
    programs = [role for role in ROLES if role != "admin"]
    assert [(r, c) for r in programs for c in DANGEROUS if allows(r, c)] == []
    assert all(allows("admin", command) for command in DANGEROUS)


def test_a_key_belongs_to_the_roles_that_name_it():
    """비밀번호 하나를 잃어도 로그인한 사람의 세션은 로그인 프로그램의 것입니다."""
    owners = {key: [role for role in ROLES if allows(role, "GET", key)] for key in KEYS[:-1]}
    assert owners == {
        "post:7": ["admin", "app", "worker"],
        "timeline:소라": ["admin", "app", "worker"],
        "trending": ["admin", "app", "worker", "reporter"],
        "trending2": ["admin"],
        "position:cache": ["admin", "app", "worker"],
        "likes:7": ["admin", "app", "reporter"],
        "limit:소라": ["admin", "app"],
        "jobs:mail": ["admin", "app", "worker"],
        "session:abc": ["admin", "login"],
        "dm:소라:나래": ["admin"],
    }


def test_nobody_comes_in_without_a_password(server):
    stranger = redis.Redis(port=server.port)
    with pytest.raises(redis.AuthenticationError):
        stranger.get("post:7")
    stranger.close()


def serve(app, database):
    """웹 서버가 하는 일을 사본을 맞추는 방법마다 한 번씩."""
    for way in ("dual", "invalidate", "lease"):
        service = CompositeService(way, database, app, open_search())
        service.follow("소라", "나래")
        post = service.publish("나래", "점심 #김밥")
        assert service.read(post.id) == service.read(post.id)
        service.edit(post.id, "저녁 #라면")
        assert [one.text for one in service.home("소라")] == ["저녁 #라면"]
        assert service.trending() == [("라면", 1)]
        assert service.delete(post.id)
    assert not app.swap("post:1", "이미 바뀐 값", "새 값")
    app.client.incr("likes:1")
    assert RateLimit(app, 1, 5).take("소라")


def work(app, worker):
    """웹 서버가 맡긴 일을 워커가 받습니다: 리스트, 스트림, 채널."""
    RedisList(app, "jobs:list").send("하나")
    with pytest.raises(BackendUnavailable):  # 문자열이 아닌 키. 지켜보기를 그만둡니다
        app.swap("jobs:list", "하나", "둘")
    mine = RedisList(worker, "jobs:list")
    assert (mine.waiting(), mine.receive("w").body) == (1, "하나")
    stream = RedisStream(worker, "jobs:mail")
    app.ask("xadd", "jobs:mail", {"body": "둘"})
    assert (stream.receive("w").body, stream.waiting(), len(stream.pending())) == ("둘", 0, 1)
    stream.ack(stream.claim("other", 0))
    stream.rewind()
    assert stream.replay() == ["둘"]
    channel = RedisChannel(worker, "jobs:news")
    channel.subscribe("w")
    assert RedisChannel(app, "jobs:news").send("셋") == 1
    channel.close()


def test_web_server_and_worker_need_all_of_their_commands_and_no_more(server, tmp_path):
    """표에 빠진 명령이 있으면 서비스가 멈추고, 쓰지 않는 명령이 있으면 여기서 남습니다."""
    admin, app, worker = (server.as_role(role) for role in ("admin", "app", "worker"))
    admin.client.flushall()
    admin.client.config_resetstat()
    app.client.ping()
    with Database.open(tmp_path / "posts.db") as database:
        serve(app, database)
    work(app, worker)
    counts = admin.client.info("commandstats")
    used = {name for name, count in counts.items() if count["calls"]}
    named = {*ROLES["app"].commands, *ROLES["worker"].commands}
    assert {c for c in named if f"cmdstat_{c.lower().replace(' ', '|')}" not in used} == set()


@pytest.mark.parametrize("call", [allows, acl_rules])
def test_an_unknown_role_is_named(call):
    with pytest.raises(InvalidValue, match=r"'root'.*app"):
        call("root", "GET")
