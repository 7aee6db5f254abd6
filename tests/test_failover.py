"""복제된 저장소의 모델: 언제 답하고, 누가 뽑히고, 무엇이 없어지나. 아무 차례로나 고장 내 봅니다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.cluster.election import agreed, can_vote, chosen
from ddialab.cluster.failover import PING, VOTE, Failover
from ddialab.cluster.promise import (
    ASYNC,
    MIN_REPLICAS,
    NAMES,
    NO_ANSWER,
    OK,
    PROMISES,
    TIMEOUT,
    WAIT,
    accepts,
    answers,
    counted,
    kind,
)
from ddialab.cluster.simulated import Simulated
from ddialab.core.engine import Engine
from ddialab.core.errors import BackendUnavailable, InvalidValue
from suite.effort import fuzz


def write(system, count=10):
    """``count``건을 씁니다. 키는 쓴 차례입니다."""
    first = len(system.outcomes) + 1
    for number in range(first, first + count):
        system.write(f"{number:04}")


def log(system, name):
    return system.model.nodes[name].log


# --- 판단 ---


def test_only_min_replicas_looks_at_the_lags():
    table = {(): (True, False), (5.0, 5.0): (True, False), (5.0, 1.0): (True, True)}
    for lags, (others, least) in table.items():
        assert [accepts(p, lags) for p in (ASYNC, WAIT, MIN_REPLICAS)] == [others, others, least]


def test_only_wait_needs_the_replicas_to_have_it():
    assert [answers(promise, 0) for promise in (ASYNC, MIN_REPLICAS, WAIT)] == [True, True, False]
    assert [answers(WAIT, received) for received in (1, 2, 3)] == [False, True, True]
    assert answers(WAIT, 1, enough=1)


def test_the_quorum_decides_when_they_agree():
    assert [agreed([3.0, 1.0, 2.0], quorum) for quorum in (1, 2, 3)] == [1.0, 2.0, 3.0]
    assert agreed([1.0], 2) is None
    assert [can_vote(up, 3) for up in (0, 1, 2, 3)] == [False, False, True, True]


def test_the_most_advanced_replica_is_chosen_and_the_first_among_equals():
    assert chosen([("n2", 3), ("n3", 5)]) == "n3"
    assert chosen([("n2", 5), ("n3", 5)]) == "n2"
    assert chosen([]) is None


def test_outcomes_are_counted_by_kind():
    assert kind("refused: NOREPLICAS") == "refused"
    assert counted([OK, "refused: READONLY", OK]) == {
        "ok": 2, "refused": 1, "timeout": 0, "no answer": 0,
    }  # fmt: skip


# --- 쓰기와 복제 ---


@pytest.mark.parametrize("promise", PROMISES)
def test_every_node_has_what_was_written(promise):
    system = Simulated(promise)
    write(system)
    system.settle()
    assert system.acknowledged == log(system, "n1") == log(system, "n2") == log(system, "n3")
    assert (len(system.acknowledged), system.missing(), system.extra()) == (10, [], [])


def test_wait_answers_after_the_replicas_have_it_and_the_others_before():
    for promise, slower in ((ASYNC, False), (MIN_REPLICAS, False), (WAIT, True)):
        system = Simulated(promise)
        for name in system.names:
            system.delay(name, 0.1)
        write(system, 1)
        assert (system.engine.now > 0.2) is slower
        assert (log(system, "n2") == log(system, "n1")) is slower


def test_wait_gives_up_but_the_write_is_there():
    system = Simulated(WAIT, wait=50)
    system.hold("n2")
    write(system, 1)
    assert (system.outcomes, system.acknowledged, system.extra()) == ([TIMEOUT], [], ["0001"])


def test_min_replicas_refuses_only_after_it_has_heard_nothing_for_a_while():
    system = Simulated(MIN_REPLICAS)
    system.hold("n2")
    system.hold("n3")
    write(system, 1)
    system.rest(1.5)
    write(system, 1)
    system.release("n3")
    write(system, 1)
    assert system.outcomes == [OK, "refused: NOREPLICAS", OK]


def test_min_replicas_refuses_at_once_when_the_replicas_are_gone():
    system = Simulated(MIN_REPLICAS)
    system.kill("n2")
    write(system, 1)
    system.cut("n3")
    write(system, 1)
    assert [kind(outcome) for outcome in system.outcomes] == [OK, "refused"]


def test_what_was_held_arrives_in_order():
    system = Simulated()
    system.hold("n2")
    write(system)
    assert log(system, "n2") == []
    system.release("n2")
    assert log(system, "n2") == log(system, "n1")


def test_a_shorter_delay_does_not_let_a_later_write_overtake():
    system = Simulated()
    system.delay("n2", 1.0)
    write(system, 1)
    system.delay("n2", 0.0)
    write(system, 1)
    system.rest(0.5)
    assert log(system, "n2") == []
    system.rest(1.0)
    assert log(system, "n2") == ["0001", "0002"]


# --- 죽고 이어받기 ---


def test_a_killed_process_has_already_handed_its_writes_over_and_a_cut_machine_has_not():
    lost = {}
    for cut in (False, True):
        system = Simulated()
        system.delay("n2", 0.3)
        system.delay("n3", 0.3)
        write(system)
        if cut:
            system.cut("n1")
        system.kill("n1")
        system.settle()
        lost[cut] = len(system.missing())
    assert lost == {False: 0, True: 10}


def test_the_new_primary_is_the_one_that_has_most():
    system = Simulated()
    system.hold("n2")
    write(system)
    system.kill("n1")
    system.settle()
    assert (system.primary, system.missing()) == ("n3", [])


def test_wait_for_one_is_lost_with_the_one_that_had_it():
    system = Simulated(WAIT, need=1)
    system.hold("n2")
    write(system)
    system.cut("n3")
    system.kill("n1")
    system.settle()
    assert (system.primary, len(system.acknowledged), len(system.missing())) == ("n2", 10, 10)


def test_the_old_primary_comes_back_as_a_replica_and_forgets_what_only_it_has():
    system = Simulated(disk=True)
    system.hold("n2")
    system.hold("n3")
    write(system)
    system.kill("n1")
    system.settle()
    system.release("n2")
    system.release("n3")
    write(system, 1)
    system.restart("n1")
    assert log(system, "n1") == system.acknowledged[:10]
    system.settle()
    assert log(system, "n1") == log(system, "n2") == ["0011"]


def test_a_node_that_is_still_copying_is_not_chosen_for_its_old_writes():
    system = Simulated(disk=True)
    system.hold("n2")
    system.hold("n3")
    write(system)
    system.kill("n1")
    system.settle()
    system.release("n2")
    system.release("n3")
    write(system, 2)
    system.hold("n1")
    system.restart("n1")
    system.rest(10.0)  # 복제본이 되었지만 복사가 붙잡혀, 옛 열 건을 아직 가지고 있습니다
    assert (len(log(system, "n1")), system.model.nodes["n1"].primary) == (10, False)
    system.kill("n2")
    system.settle()
    assert (system.primary, log(system, "n3")) == ("n3", ["0011", "0012"])


def test_an_answer_under_way_is_lost_with_the_network_but_not_with_the_process():
    heard = {}
    for do in ("kill", "cut"):
        model = Failover(Engine())
        heard[do] = []
        model.send("가", heard[do].append)
        model.engine.run(0.0015)  # 적었고, 답이 오는 중입니다
        getattr(model, do)("n1")
        model.engine.run(1.0)
    assert heard == {"kill": [OK], "cut": [NO_ANSWER]}


def test_holding_again_does_not_make_the_replica_fresh():
    system = Simulated(MIN_REPLICAS)
    for _ in range(2):
        for name in ("n2", "n3"):
            system.hold(name)
        system.rest(0.7)
    assert system.write("가") is False


@pytest.mark.parametrize(("disk", "lost"), [(True, 0), (False, 10)])
def test_a_primary_that_restarts_before_anyone_notices_needs_its_disk(disk, lost):
    system = Simulated(WAIT, disk=disk)
    write(system)
    system.kill("n1")
    system.restart("n1")
    system.settle()
    assert (system.primary, len(system.missing())) == ("n1", lost)
    assert log(system, "n2") == log(system, "n3") == log(system, "n1")


def test_a_short_pause_is_not_a_failover_and_a_long_one_is():
    for seconds, led in ((0.3, "n1"), (3.0, "n2")):
        system = Simulated(down_after=1000)
        system.pause("n1")
        system.rest(seconds)
        system.resume("n1")
        system.rest(5.0)
        system.settle()
        assert system.primary == led


def test_a_write_to_a_paused_primary_is_not_answered_but_is_written_when_it_wakes():
    system = Simulated(down_after=5000)
    system.pause("n1")
    write(system, 1)
    system.resume("n1")
    system.settle()
    assert (system.outcomes, system.extra()) == ([NO_ANSWER], ["0001"])


def test_a_client_asks_again_after_an_error():
    system = Simulated()
    write(system, 1)
    system.kill("n1")
    write(system, 2)
    system.settle()
    write(system, 1)
    assert system.outcomes == [OK, NO_ANSWER, NO_ANSWER, OK]


@pytest.mark.parametrize("killed", [1, 2, 3])
def test_without_a_majority_of_the_sentinels_nobody_takes_over(killed):
    system = Simulated()
    for name in ("s1", "s2", "s3")[:killed]:
        system.kill(name)
    system.kill("n1")
    if killed == 1:
        system.settle()
        assert system.primary == "n2"
        return
    with pytest.raises(BackendUnavailable, match="센티널의 과반"):
        system.settle()


def test_a_quorum_of_one_still_needs_the_majority_to_vote():
    system = Simulated(quorum=1)
    system.kill("s1")
    system.kill("s2")
    system.kill("n1")
    with pytest.raises(BackendUnavailable):
        system.settle()


def test_there_is_no_telling_what_is_missing_without_a_primary():
    system = Simulated()
    system.kill("n1")
    with pytest.raises(BackendUnavailable, match="settle"):
        system.missing()


@pytest.mark.parametrize("down_after", [200, 1000, 4000])
def test_it_takes_as_long_as_the_setting_says(down_after):
    """빨라도 마지막 안부를 뺀 만큼, 늦어도 down-after 뒤에 합의합니다."""
    for seed in range(40):
        system = Simulated(down_after=down_after, seed=seed)
        system.kill("n1")
        while system.primary is None:
            system.engine.run(1000.0, 1)
        down = down_after / 1000
        took = system.engine.now - VOTE
        assert down - min(PING, down) <= took <= down


# --- 계획한 페일오버 ---


def moved(coordinated, promise=ASYNC, held=()):
    """쉬지 않고 쓰는 동안 프라이머리를 옮깁니다. ``held``의 복제는 그동안 붙잡습니다."""
    system = Simulated(promise)
    write(system, 5)
    for name in held:
        system.hold(name)
    system.model.plan_failover(coordinated)
    while system.model.moving:
        write(system, 1)
        system.rest(0.01)
    write(system, 5)
    system.settle()
    return system


def test_a_plain_planned_failover_loses_what_the_old_primary_still_answers():
    plain, coordinated = moved(False), moved(True)
    assert len(plain.missing()) > 100
    assert coordinated.missing() == []
    assert plain.primary == coordinated.primary == "n2"
    refused = [outcome for outcome in coordinated.outcomes if outcome != OK]
    assert refused == ["refused: READONLY"] * len(refused) != [], (
        "센티널이 알릴 때까지 옛 곳에 씁니다"
    )


def test_min_replicas_stops_the_old_primary_once_its_replicas_have_left():
    free, least = moved(False), moved(False, MIN_REPLICAS)
    assert 0 < len(least.missing()) < len(free.missing()) / 4
    assert counted(free.outcomes)["refused"] == 0
    assert counted(least.outcomes)["refused"] > 100, "거절당해도 이어진 연결로 또 보냅니다"


@pytest.mark.parametrize("coordinated", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_move_that_is_disturbed_half_way_still_ends_with_one_primary(coordinated, name):
    """새 프라이머리를 세우고 모두에게 알리기 전에, 하나가 죽습니다."""
    system = Simulated(down_after=200, disk=True)
    write(system)
    system.model.plan_failover(coordinated)
    system.rest(0.6)
    system.kill(name)
    system.rest(5.0)
    assert system.primary not in (None, name)
    system.restart(name)
    system.settle()
    system.rest(20.0)
    assert [node.primary for node in system.model.nodes.values()].count(True) == 1
    assert log(system, "n1") == log(system, "n2") == log(system, "n3")


def test_a_coordinated_failover_gives_up_rather_than_lose():
    system = Simulated()
    system.hold("n2")
    system.hold("n3")
    write(system)
    assert system.planned_failover(True) is False
    assert (system.primary, system.missing()) == ("n1", [])
    assert system.planned_failover(False) is True
    assert (system.primary, len(system.missing())) == ("n2", 10)


def test_a_write_that_waited_for_a_failover_that_was_given_up_is_done():
    system = moved(True, held=("n2", "n3"))
    assert (system.primary, system.missing()) == ("n1", [])
    assert counted(system.outcomes)["ok"] == len(system.outcomes)


def test_a_write_that_waited_hears_nothing_when_the_two_change_places():
    system = Simulated()
    system.delay("n2", 0.2)
    system.delay("n3", 0.2)
    write(system, 1)
    system.model.plan_failover(True)
    write(system, 2)
    system.settle()
    write(system, 1)
    assert system.outcomes == [OK, NO_ANSWER, "refused: READONLY", OK]
    assert (system.primary, system.missing()) == ("n2", [])


def test_there_is_nowhere_to_move_to():
    system = Simulated()
    system.kill("n2")
    system.kill("n3")
    assert system.planned_failover(False) is False
    assert system.primary == "n1"


# --- 아무 차례로나 ---

HANDS = ("kill", "restart", "pause", "resume", "hold", "release", "cut", "heal")
doing = st.one_of(
    st.tuples(st.sampled_from(HANDS), st.sampled_from(NAMES)),
    st.tuples(st.just("write"), st.integers(1, 5)),
    st.tuples(st.just("rest"), st.sampled_from((0.0005, 0.01, 0.7, 3.0))),
    st.tuples(st.just("planned_failover"), st.booleans()),
)


def undo(system):
    for name in NAMES:
        for hand in ("release", "heal", "resume", "restart"):
            getattr(system, hand)(name)
    system.settle()


@fuzz(1000)
@given(st.lists(doing, max_size=25), st.sampled_from(PROMISES), st.booleans(), st.integers(0, 9))
def test_whatever_happens_it_settles_and_every_node_is_the_same(steps, promise, disk, seed):
    system = Simulated(promise, seed=seed, disk=disk, wait=50)
    for do, value in steps:
        if do == "write":
            write(system, value)
        else:
            getattr(system, do)(value)
        for name in NAMES:
            found = log(system, name)
            assert found == sorted(dict.fromkeys(found)), "쓴 차례가 바뀌거나 두 번 적혔습니다"
    undo(system)
    kept = log(system, system.primary)
    assert all(log(system, name) == kept for name in NAMES)
    assert [node.primary for node in system.model.nodes.values()].count(True) == 1
    assert system.missing() == [key for key in system.acknowledged if key not in kept]
    if promise == WAIT and disk:
        assert system.missing() == [], "모두의 디스크에 있는 것은 누가 뽑혀도 남습니다"
    write(system, 2)  # 이어져 있던 곳이 프라이머리가 아니면, 하나를 거절당하고 다시 찾습니다
    assert system.outcomes[-1] == OK


@fuzz(200)
@given(st.lists(doing, max_size=25), st.integers(0, 9))
def test_the_same_seed_and_steps_do_the_same(steps, seed):
    seen = []
    for _ in range(2):
        system = Simulated(seed=seed)
        for do, value in steps:
            write(system, value) if do == "write" else getattr(system, do)(value)
        seen.append((system.outcomes, system.times, [log(system, name) for name in NAMES]))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"promise": "maybe"}, "promise"),
        ({"down_after": 0}, "down_after"),
        ({"need": 3}, "need"),
        ({"wait": 0}, "wait"),
        ({"timeout": -1}, "timeout"),
        ({"quorum": 4}, "quorum"),
        ({"rejoin": -1}, "rejoin"),
    ],
)
def test_a_wrong_setting_is_answered(settings, name):
    with pytest.raises(InvalidValue, match=name):
        Failover(Engine(), **settings)


def test_a_wrong_node_or_time_is_answered():
    system = Simulated()
    for wrong in (
        lambda: system.kill("n9"),
        lambda: system.delay("n1", -1),
        lambda: system.rest(-1),
    ):
        with pytest.raises(InvalidValue):
            wrong()
