"""진짜로 죽입니다: 받는 프로세스, Valkey, 로그에 쓰는 프로세스. 잃은 것을 셉니다."""

from __future__ import annotations

import pytest

from ddialab.core.errors import MissingCapability
from ddialab.core.workspace import Workspace
from ddialab.experiments.queue_and_log import real
from suite.effort import trials

pytestmark = pytest.mark.usefixtures("own_server")
LOST = {  # 들고 죽은 한 번에 (받자마자, 처리하고 확인하기 전에) 잃는 것과 두 번 하는 것
    ("list", "taken"): (1, 0),
    ("list", "handled"): (0, 0),
    ("channel", "taken"): (1 + real.AWAY, 0),
    ("channel", "handled"): (real.AWAY, 0),
    ("stream", "taken"): (0, 0),
    ("stream", "handled"): (0, 1),
}


@pytest.fixture
def own_server(monkeypatch):
    for name in ("REDIS_URL", "DDIALAB_BACKEND"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.proof
@pytest.mark.parametrize("policy", real.SERVERS)
def test_a_killed_server_keeps_what_it_wrote_and_only_that(policy, tally):
    """kill -9로 죽인 Valkey: AOF를 끄면 모두 잃고, 켜면 어느 appendfsync에서도 잃지 않습니다"""
    for n in range(trials(20)):
        found = real.killed_server(policy, writes=10 + 7 * n)
        kept = 0 if policy == "off" else found["acked"]
        assert (found["list"], found["stream"]) == (kept, kept)
        assert found["pending"] == (policy != "off"), "확인 대기도 함께 남습니다"
        tally.tried += 1


@pytest.mark.proof
@pytest.mark.parametrize("policy", ["always", "group", "none"])
def test_a_killed_writer_loses_nothing_it_acknowledged(policy, tally):
    """kill -9로 죽인 로그: 답한 것이 차례대로 모두 남습니다. 정전이라면 durable까지만 남습니다"""
    for n in range(trials(30)):
        found = real.killed_writer(policy, enough=1 + 13 * n)
        assert found["lost"] == 0
        assert found["kept"] - found["acked"] in (0, 1), "답하지 못한 마지막 하나는 있어도 됩니다"
        durable = {"always": found["acked"], "group": found["acked"] // 10 * 10, "none": 0}
        assert found["durable"] == durable[policy]
        tally.tried += 1


@pytest.mark.proof
@pytest.mark.parametrize("step", ["taken", "handled"])
def test_a_killed_consumer_loses_exactly_what_its_queue_forgets(step, tally):
    """받는 프로세스를 들고 있는 메시지와 함께 죽입니다"""
    for _ in range(trials(10)):
        for kind, found in real.killed_consumers(step).items():
            assert (found["lost"], found["twice"]) == LOST[kind, step]
            tally.tried += 1


def test_a_server_that_is_not_ours_is_never_killed(monkeypatch):
    with Workspace() as home, real.open_redis(folder=home.folder) as server:
        if server.kind != "local":
            pytest.skip("이 컴퓨터에는 Valkey가 없습니다")
        monkeypatch.setenv("DDIALAB_BACKEND", "remote")
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{server.port}/0")
        for kills in (real.killed_servers, lambda: real.killed_consumers("taken")):
            with pytest.raises(MissingCapability, match="죽이지 않습니다"):
                kills()
        assert server.process.poll() is None


def test_a_fake_server_cannot_show_it(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    with pytest.raises(MissingCapability):
        real.killed_servers()
    assert real.poison(most=3) == {"deaths": 3, "done": 1, "dead": 1, "count": 0}
    assert real.poison(most=None)["done"] == 0
