"""실습 03의 교훈: 모든 순서와 모든 죽는 자리에서, 그리고 노트북이 보여 주지 않은 마흔 시드에서."""

from __future__ import annotations

import json
import re
from random import Random

import numpy as np
import pytest

import hands
from ddialab.core.errors import InvalidValue
from ddialab.core.recorded import PACKAGE
from ddialab.experiments.composite_system import scenes, window
from ddialab.experiments.composite_system.crash_points import every_death
from ddialab.experiments.composite_system.orders import (
    RACES,
    Race,
    every_order,
    races,
    shuffles,
    some_orders,
    stale_reads,
    stale_searches,
    stuck,
)
from ddialab.experiments.composite_system.price import index_down, price
from ddialab.experiments.composite_system.promises import COLUMNS, gather, promises
from ddialab.experiments.composite_system.rebuild import while_in_use
from ddialab.experiments.composite_system.system import System
from ddialab.service.writes import WAYS
from playing import changes, played, told

LAB = "03-composite-system"
SEEDS = range(40, 80)  # 노트북이 보여 준 것은 0부터 39까지입니다
SORA, NARAE, RELAY = "sora", "narae", "relay"


# --- 모든 순서 ---


def place(race: Race, one: str, step: str) -> int:
    """그 순서에서 ``one``이 ``step``을 한 차례."""
    return race.taken.index((one, step))


def test_the_orders_are_all_there_and_each_only_once():
    for way in ("invalidate", "lease"):
        orders = [tuple(race.taken) for race in races(way)]
        assert len(orders) == len(dict.fromkeys(orders)) == shuffles(3, 4) == 35
        assert len(races(way, "write")) == shuffles(4, 4) == 70


def test_a_stale_title_stays_exactly_when_an_older_read_fills_a_deleted_key():
    for race in races("invalidate"):
        older = place(race, "reader", "database") < place(race, "writer", "database")
        late = place(race, "reader", "fill") > place(race, "writer", "cache")
        assert stuck(race) == (older and late)
        assert stale_reads(race) == stuck(race)


def test_two_writers_leave_the_index_wrong_exactly_when_their_orders_differ():
    for way in ("invalidate", "lease"):
        for race in races(way, "write"):
            first, second = (
                place(race, "writer", step) < place(race, "other", step)
                for step in ("database", "index")
            )
            assert stuck(race) == (first != second)


def test_the_lease_cures_the_fill_and_the_log_cures_both():
    for filled in (False, True):
        assert not any(stuck(race) for race in races("lease", filled=filled))
        assert not any(stuck(race) for race in races("outbox", filled=filled))
        waiting = races("outbox", filled=filled, waits=True)
        assert not any(stuck(r) or stale_reads(r) or stale_searches(r) for r in waiting)
    assert not any(stuck(race) for race in races("outbox", "write"))


def test_without_waiting_the_answer_is_faster_than_the_copies():
    late = races("outbox", filled=True)
    assert any(stale_reads(race) for race in late)
    assert any(stale_searches(race) for race in late)


def test_some_orders_of_two_waiting_writers_agree_as_well():
    def start() -> Race:
        return Race(System("outbox", waits=True), RACES["write"])

    for seed in SEEDS:
        for race in some_orders(start, 5, seed):
            assert not stuck(race)
            assert not stale_reads(race)
            assert not stale_searches(race)


def test_every_order_of_one_is_one_order():
    assert len(list(every_order(lambda: Race(System("dual"), ("writer",))))) == 1


# --- 모든 죽는 자리 ---


def test_only_the_log_catches_up_wherever_a_process_dies():
    for seed in SEEDS:
        control, cured = every_death("dual", seed), every_death("outbox", seed)
        assert not any(death.drifts for death in cured)
        assert any(death.drifts for death in control)
        assert all(death.lost == 0 for death in [*control, *cured])


def test_what_drifts_is_what_comes_after_the_step_of_the_death():
    """글을 쓰다 죽으면 그 단계와 뒤의 사본이 어긋납니다. 캐시에는 아직 없는 글이라 괜찮습니다."""
    steps = ("cache", "index", "timeline", "trending")
    for way in ("dual", "invalidate", "lease"):
        deaths = [death for death in every_death(way, 1) if death.doing == "쓰기"]
        for death in deaths:
            left = steps[steps.index(death.step) :] if death.step in steps else ()
            assert death.views == [view for view in left if view != "cache"]


def test_waiting_changes_nothing_of_what_a_death_leaves():
    for seed in SEEDS[:4]:
        assert not any(death.drifts for death in every_death("outbox", seed, waits=True))


# --- 시계 위에서 ---


@pytest.mark.parametrize("hold", window.HOLDS)
def test_late_fills_follow_the_formula_and_the_lease_has_none(hold):
    shares = [window.late_fills("invalidate", hold, seed) for seed in SEEDS]
    error = 3.5 * np.std(shares, ddof=1) / np.sqrt(len(shares)) + 1e-3
    assert abs(np.mean(shares) - window.expected_late_fills(hold)) < error
    few = [window.late_fills("lease", hold, seed, trials=10) for seed in SEEDS]  # 다른 값: 늘 0
    assert not any(few)


def test_the_relay_is_never_later_than_its_bound_and_on_average_by_the_formula():
    for interval in window.INTERVALS:
        seconds = []
        for seed in SEEDS:
            for lag in window.lags(interval, seed):
                assert 0 < lag.seconds <= window.longest_lag(interval, lag.together) + 1e-9
                seconds.append(lag.seconds)
        error = 3.5 * np.std(seconds, ddof=1) / np.sqrt(len(seconds))
        more = 0.05 * interval  # 고치기 둘이 한 간격에 들면 조금 더 걸립니다
        assert abs(np.mean(seconds) - window.expected_lag(interval)) < error + more


def test_a_rebuilt_index_is_whole_and_only_a_swap_hides_the_work():
    for seed in SEEDS:
        swapped, in_place = while_in_use(seed), while_in_use(seed, in_place=True)
        assert swapped.missed == swapped.drifts == in_place.drifts == 0 < in_place.missed
        assert swapped.writes == in_place.writes > 0


# --- 값과 약속 ---


def test_the_log_answers_after_one_step_unless_it_waits():
    assert price("outbox").before == 1 < price("outbox").after
    assert price("outbox", waits=True) == (price("outbox").before + price("outbox").after, 0)
    assert price("dual") == (5, 0)


def test_an_index_that_is_down_fails_who_writes_to_it_and_drifts_where_nobody_returns():
    assert index_down("outbox") == (True, True, 0)
    assert index_down("outbox", waits=True) == (False, True, 0)
    for way in ("dual", "invalidate", "lease"):
        assert index_down(way) == (False, True, 1)


def test_the_table_of_promises():
    kept = {
        column.name: [one.broken == 0 for one in promises(gather(column))] for column in COLUMNS
    }
    durable, read, search, never_back, overlap, death = zip(*kept.values(), strict=True)
    assert all(durable)
    assert read == (False, False, True, False, True)
    assert search == (False, False, False, False, True)
    assert not any(never_back)
    assert overlap == death == (False, False, False, True, True)


# --- 나쁜 입력 ---


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: races("triple"),
        lambda: races("dual", "delete"),
        lambda: shuffles(-1, 3),
        lambda: window.late_fills("dual", 0, 1),
        lambda: window.late_fills("dual", 5, 1, gap=0),  # 다른 값: 거절할 것
        lambda: window.lags(0, 1),
        lambda: window.longest_lag(1, 0),  # 다른 값: 거절할 것
        lambda: list(some_orders(lambda: None, -1)),
        lambda: System("none"),
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()


# --- 장면 ---

RACE = [(1000, "step", NARAE), (2000, "step", NARAE)]
RACE += [(3000 + 500 * n, "step", SORA) for n in range(4)]
RACE += [(8000, "step", NARAE), (9500, "step", NARAE)]


def stale(seen) -> int:
    counted = told(seen, "count", "stale")
    return counted[-1][0] if counted else 0


@pytest.mark.parametrize("way", range(3))
def test_the_hand_makes_the_stale_title_only_without_a_lease(way):
    seen = changes(scenes.TOY, 1, [way], RACE)
    assert stale(seen) == (0 if WAYS[way] == "lease" else 1)
    ((fate, _),) = told(seen, "answer", scenes.LATE.id)
    assert fate == scenes.LATE.choices[0 if WAYS[way] == "lease" else 2]


@pytest.mark.parametrize("way", range(4))
def test_a_screen_that_forgets_the_copies_makes_a_stale_title_in_every_way(way):
    first = [(1000 + 500 * n, "step", NARAE) for n in range(3)]
    seen = changes(scenes.TOY, 1, [way], [*first, (4000, "forget", SORA), (5000, "step", NARAE)])
    assert stale(seen) == 1


@pytest.mark.parametrize("way", range(4))
def test_after_a_death_only_the_relay_goes_on(way):
    killed = [(1000, "step", SORA), (2000, "kill", SORA)]
    relays = [(6000 + 500 * n, "step", RELAY) for n in range(6)]
    play = played(scenes.TOY, 1, [way], [*killed, *relays])
    ((fate, _),) = told(play.changes, "answer", scenes.REST.id)
    assert fate == scenes.REST.choices[1 if WAYS[way] == "outbox" else 2]
    assert play.world.system.agree() == (WAYS[way] == "outbox")


def test_the_answers_are_true_whatever_the_reader_presses():
    """늦게 채운 뒤의 답은, 아무도 더 누르지 않으면 다음 읽기가 보게 될 것입니다."""
    asked = 0
    for seed in range(60):
        chance = Random(seed)
        presses = [NARAE] * chance.randint(1, 3) + [SORA] * chance.randint(3, 5)
        presses += [RELAY] * chance.choice((0, 5, 7)) + [NARAE]
        script = [(1000 + 1000 * n, "step", who) for n, who in enumerate(presses)]
        for way in range(4):
            play = played(scenes.TOY, 1, [way], script)
            for fate, _ in told(play.changes, "answer", scenes.LATE.id):
                asked += 1
                system = play.world.system
                assert (system.read == system.original) == (fate == scenes.LATE.choices[0])
    assert asked > 5


def test_in_the_challenge_readers_come_on_their_own_and_seeds_differ():
    counts = [played(scenes.MISHAP, seed).world.reads for seed in SEEDS]
    assert len(dict.fromkeys(counts)) > 5
    assert min(counts) > 5


def test_in_the_challenge_an_early_answer_is_seen_through_at_once():
    """사본을 기다리지 않으면, 답을 듣고 곧바로 읽는 나래가 반드시 옛 제목을 봅니다."""
    for seed in SEEDS:
        seen = changes(scenes.MISHAP, seed, [3, 0], scenes.MISHAP.challenge.script)
        assert stale(seen) >= 1


@pytest.mark.parametrize("way", range(4))
def test_in_the_challenge_a_lost_case_is_told_when_nothing_can_be_done_any_more(way):
    """서버가 죽고 릴레이가 없으면, 남은 시간을 기다리지 않고 판정합니다."""
    seen = changes(scenes.MISHAP, 1, [way, 0], scenes.MISHAP.challenge.script)
    (died,) = [time for time, *what in seen if what == ["state", SORA, "down"]]
    judged = [time for time, kind, *_ in seen if kind == "goal"]
    lost = [kept for kept, _ in told([change for change in seen if change[0] == died], "goal")]
    assert lost == ([] if WAYS[way] == "outbox" else [False])
    assert judged[-1] == scenes.OVER / 1000, "끝에서 한 번 더 봅니다"


# --- 저장된 실습 ---


def test_the_committed_lab_says_what_the_lesson_says(committed):
    results = committed(LAB)[1]
    assert (results["orders"], results["bad_orders"]) == ("35가지", "3가지")
    assert results["outbox_deaths"] == "0자리"
    assert results["killed_outbox"] == "0번"
    assert results["missed_swapped"] == "0번"


def test_the_recorded_run_is_whole_and_teaches_the_same():
    recorded = json.loads((PACKAGE / "recorded" / "03-crash.json").read_text("utf-8"))
    assert [len(table) for table in recorded.values()] == [6, 6]
    assert any(views for _, views in recorded["dual"])
    assert not any(views for _, views in recorded["outbox"])


# --- 바꿔 보기 ---


def a_lease(reader, item):
    old, new = re.findall(r"`(way = .*?)`", item)
    before = reader.value("len(orders)")
    reader.edit(old, new)
    reader.run_below(new)
    assert reader.value("(len(orders), len(bad))") == (before, 0)
    (claim,) = re.findall(r"「(무효화하는.*?)」", item)
    assert reader.broken() == [claim]


def another_day(reader, item):
    old, new = re.findall(r"`(every_death\(.*?\))`", item)
    before = reader.value("{way: len(found) for way, found in deaths.items()}")
    reader.edit(old, new)
    reader.run_below(new)
    assert reader.value("{way: len(found) for way, found in deaths.items()}") != before
    assert reader.value("drifted['outbox']") == 0 < reader.value("drifted['dual']")
    assert reader.broken() == []


def edit_often(reader, item):
    code = hands.code_of(item)
    for seed in range(1, 6):
        said = reader.run(code.replace("seed=1", f"seed={seed}"))
        together, longest, bound = map(float, re.findall(r"\d+(?:\.\d+)?", said))
        assert together > 10
        assert longest > bound


TRIES = {
    '`way = "invalidate"`': a_lease,
    "다른 시드": another_day,
    "seldom": edit_often,
}
