"""훔친 비밀번호와 오남용을 진짜 서버에서: 대조군은 뚫리고, 독자의 서버는 그대로입니다."""

from __future__ import annotations

import pytest

from ddialab.core.backend import open_redis
from ddialab.core.errors import MissingCapability
from ddialab.experiments.abuse import flooded, injected, real, taker
from ddialab.experiments.abuse.flooded import BURST, FLOOD, PEOPLE
from ddialab.experiments.abuse.stolen import ATTACKS
from ddialab.ops.access import GuardedValkey
from ddialab.service.edge import ROOM
from ddialab.service.roles import ROLES, allows
from postgres_server import postgres_url  # noqa: F401
from suite.effort import trials


@pytest.fixture(scope="module")
def valkey():
    """독자의 서버가 REDIS_URL에 있을 때의 결과와, 그 서버가 받은 명령들."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDIALAB_BACKEND", "local")
        with open_redis() as reader:
            reader.client.set("post:1", "독자의 글")
            patch.delenv("DDIALAB_BACKEND")
            patch.setenv("REDIS_URL", f"redis://127.0.0.1:{reader.port}/0")
            reader.client.config_resetstat()
            found = real.valkey()
            counts = reader.client.info("commandstats")
            assert reader.client.get("post:1") == "독자의 글"
            yield found, {name for name, count in counts.items() if count["calls"]}


@pytest.fixture(scope="module")
def postgres():
    try:
        return real.postgres()
    except MissingCapability as missing:
        pytest.skip(str(missing))


def test_the_reader_s_redis_gets_no_command(valkey):
    assert valkey[1] == {"cmdstat_config|resetstat"}


def test_the_reader_s_database_gets_no_statement(postgres_url, monkeypatch):  # noqa: F811
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    before = postgres_url.log.read_bytes()
    real.postgres()
    assert postgres_url.log.read_bytes() == before


def test_a_stolen_password_does_what_its_role_may(valkey):
    """관리자의 비밀번호(대조군)로는 모두 되고, 웹 서버의 것으로는 거짓 글만 됩니다."""
    attacks = valkey[0]["attacks"]
    for role, answers in attacks.items():
        assert {name: allowed(role, name) for name in ATTACKS} == answers
    assert set(attacks["admin"].values()) == {"answered"}
    assert [name for name, answer in attacks["app"].items() if answer == "answered"] == [
        "SET post:1"
    ]
    assert valkey[0]["commands"] > 5 * len(ROLES["app"].commands)


def allowed(role: str, attack: str) -> str:
    command, _, rest = attack.partition(" ")
    if attack in ("CONFIG SET",):
        command, rest = attack, ""
    key = rest if ":" in rest else ""
    return "answered" if allows(role, command, key) else "refused"


def test_a_changed_password_does_not_close_what_is_open(valkey):
    assert valkey[0]["rotated"] == {
        "overlap": ["answered", "answered"],
        "old": "answered",
        "new": "refused",
        "killed": "cut",
    }


def test_two_processes_never_take_more_than_there_is(valkey):
    """읽고 적는 쪽(대조군)은 언제나 꼭 두 배를 꺼냅니다."""
    assert valkey[0]["limiters"] == {
        "naive": {"budget": taker.BUDGET, "passed": 2 * taker.BUDGET},
        "atomic": {"budget": taker.BUDGET, "passed": taker.BUDGET},
    }


@pytest.mark.proof
def test_again_and_again_they_take_no_more(tally):
    """진짜 프로세스 둘이 함께 꺼내기를 되풀이합니다"""
    with GuardedValkey() as server:
        for _ in range(trials(30)):
            server.as_role("admin").clear()
            took = real.limiters(server)
            passed = (took["naive"]["passed"], took["atomic"]["passed"])
            assert passed == (2 * taker.BUDGET, taker.BUDGET)
            tally.tried += 1


def test_the_stolen_database_password(postgres):
    attacks = postgres["attacks"]
    assert set(attacks["owner"].values()) == {"answered"}, "대조군: 관리자는 무엇이든 됩니다"
    assert attacks["app"] == {
        "남의 비공개 글": "0 rows",
        "남의 글 고치기": "0 rows",
        "세션 만들기": "refused",
        "TRUNCATE": "refused",
        "DROP TABLE": "refused",
    }
    assert set(attacks["reporter"].values()) == {"refused"}


def test_injection_is_stopped_by_either_line(postgres):
    """문장을 이어 붙이면(대조군) 남의 글을 읽고 테이블을 없앱니다. 권한만으로도 둘 다 막습니다."""
    stopped = {"others": 0, "dropped": False}
    found = postgres["injection"]
    assert found["owner"]["string"]["others"] >= injected.SECRETS
    assert found["owner"]["string"]["dropped"]
    assert [found["owner"]["parameters"], *found["app"].values()] == [stopped] * 3


def test_an_honest_word_is_found_by_both_searches():
    """대책이 검색을 망가뜨린 것은 아닙니다."""
    from ddialab.ops.access import GuardedPostgres
    from ddialab.service.front import Front
    from ddialab.service.privacy import log_in, signed_in

    try:
        server = GuardedPostgres()
    except MissingCapability as missing:
        pytest.skip(str(missing))
    with server:
        front, login = Front(server.as_role("app")), server.as_role("login").connection
        connection = front.database.connection
        with signed_in(connection, log_in(login, "소라")):
            front.submit("소라", "k", "it's 김밥", private=True)
            front.submit("소라", "k2", "라면", private=True)
            driver = connection._driver
            assert injected.safe_search(driver, "소라", "it's") == [("소라", "it's 김밥")]
            assert injected.naive_search(driver, "소라", "라면") == [("소라", "라면")]


@pytest.mark.parametrize(
    ("mode", "served", "flood_served"),
    [("none", 0, ROOM), ("shared", 0, BURST), ("each", PEOPLE, BURST)],
)
def test_the_flood_of_one_and_the_others(mode, served, flood_served):
    assert flooded.flooded(mode) == {
        "sent": PEOPLE,
        "served": served,
        "refused": PEOPLE - served,
        "flood_sent": FLOOD,
        "flood_served": flood_served,
        "flood_refused": FLOOD - flood_served,
    }
