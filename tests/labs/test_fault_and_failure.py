"""실습 06의 교훈: 노트북이 보여 주지 않은 마흔 해에서도, 장면에서도."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

import hands
from ddialab.blocks.database import Database
from ddialab.core import metrics
from ddialab.core.engine import Engine
from ddialab.core.errors import InvalidValue
from ddialab.core.scene import Play
from ddialab.experiments.fault_and_failure import (
    availability,
    by_hand,
    expectations,
    paths,
    scenes,
)
from ddialab.experiments.fault_and_failure.paths import FUNCTIONS, ROLES, installed
from ddialab.experiments.fault_and_failure.station import Station
from ddialab.experiments.fault_and_failure.tally import FATES, FAULT, PARTIAL, TOTAL
from ddialab.service.front import Front
from ddialab.stress.faults import Fault, FaultPlan
from playing import changes, last, met, told

LAB = "06-fault-and-failure"
SEEDS = range(1000, 1040)  # 노트북이 보여 준 것은 0부터 39까지입니다
QUIET, EVENING = [0], [1]  # 장면의 부하


def holds(values, formula):
    """공식이 여러 해의 99.9% 구간 안에 듭니다."""
    _, low, high = metrics.mean_interval(values, confidence=0.999)
    return low <= formula <= high


# --- 길 ---


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("counts", [{}, {"replica": 0}, {"api": 2}, {"lb": 2, "log": 2, "db": 2}])
def test_the_closed_form_is_what_every_state_of_the_path_adds_up_to(function, counts):
    """닫힌 식은 길과 따로 적은 것입니다. 꺼지고 켜진 모든 경우를 더한 것과 같아야 합니다."""
    has, one, stuck = installed(counts), 0.9, 0.0
    groups = availability.NEEDS[function]
    used = [name for roles in groups for role in roles for name in has[role]]
    for states in itertools.product((True, False), repeat=len(used)):
        down = tuple(name for name, up in zip(used, states, strict=True) if not up)
        if not paths.works(paths.request(has, function), down):
            stuck += np.prod([one if up else 1 - one for up in states])
    assert availability.expected(has, function, one) == pytest.approx(stuck)


def test_without_spares_every_part_of_the_path_is_a_single_point():
    alone = installed({"replica": 0})
    found = {name: paths.single_points(alone, name) for name in FUNCTIONS}
    assert found["write"] == ("lb1", "api1", "db1", "log1")
    assert found["search"] == ("lb1", "api1", "index1")
    assert found["read"] == ("lb1", "api1", "db1")
    assert found["home"] == ("lb1", "api1")
    doubled = installed(dict.fromkeys(ROLES, 2))
    assert not any(paths.single_points(doubled, name) for name in FUNCTIONS)


def test_a_read_that_hits_needs_no_database():
    has = installed()
    assert paths.works(paths.request(has, "read", True), ("db1", "replica1"))
    assert not paths.works(paths.request(has, "read", False), ("db1", "replica1"))


# --- 한 해 ---

SETUPS = ({"replica": 0}, {"api": 2}, {"api": 3}, {"api": 2, "log": 2}, dict.fromkeys(ROLES, 2))


@pytest.fixture(scope="module")
def years():
    """부품의 수마다, 글쓰기와 검색이 안 되던 시간."""
    return [
        {f: availability.unavailable(installed(c), f, seeds=SEEDS) for f in ("write", "search")}
        for c in SETUPS
    ]


def test_years_follow_series_and_parallel(years):
    for counts, found in zip(SETUPS, years, strict=True):
        for function, values in found.items():
            assert holds(values, availability.expected(installed(counts), function)), counts


def test_the_control_without_spares_stops_in_every_year(years):
    assert years[0]["write"].min() > 0.05


def test_the_next_part_goes_where_there_is_only_one(years):
    _, two, three, log, every = (found["write"].mean() for found in years)
    assert two - three < 0.05 * two
    assert two - log > 0.2 * two
    assert every < 0.1 * two


def test_common_causes_are_a_part_in_series_and_more_copies_do_not_help():
    for n in (1, 2, 3):
        assert holds(
            availability.all_down(n, 0.1, seeds=SEEDS), availability.with_common_cause(n, 0.1)
        )
    two, three = (availability.all_down(n, 0.1, seeds=SEEDS).mean() for n in (2, 3))
    assert three > two / 2
    assert three > 20 * availability.independent(3), "독립 공식은 크게 틀립니다"
    assert holds(availability.all_down(2, 0, seeds=SEEDS), availability.independent(2))


def test_blocked_time_is_counted_once_when_outages_overlap():
    plan = FaultPlan(
        [
            Fault(1, "crash", "n1", 4),
            Fault(3, "crash", "n2", 5),
            Fault(364, "crash", "n1", 9),
        ]
    )
    both = availability.blocked(plan, lambda: paths.all_of(("n1", "n2")))
    assert both == [(1, 8), (364, 365)]
    assert availability.blocked(plan, lambda: paths.any_of(("n1", "n2"))) == [(3, 5)]


# --- 네 가지 기대 ---


@pytest.fixture(scope="module")
def careless():
    namespace = {}
    exec(hands.saved_cell(LAB, "class Careless"), namespace)  # 노트북이 보여 주는 바로 그 서비스
    return namespace["Careless"]


def test_the_careful_service_keeps_all_four_and_the_careless_one_none(careless):
    for seed in SEEDS:
        assert not any(expectations.verdicts(Front, seed).values())
        assert all(expectations.verdicts(careless, seed).values())


def test_each_of_the_four_can_be_broken_alone():
    """확인마다, 그 하나만 어긴 서비스를 그 확인만 알아봅니다."""

    class Reversed(Front):
        def page(self, user, author, before=None):
            return super().page(user, author, before)[::-1]

    class Twice(Front):
        def submit(self, user, key, text, private=False):
            return super().submit(user, f"{key}{self.database.count(True)}", text, private)

    class SameText(Front):
        def submit(self, user, key, text, private=False):
            return super().submit(user, str(hash((text, private))), text, private)

    class One(Front):
        def page(self, user, author, before=None):
            found = super().page(user, author, before)
            self.database.posts(author)
            return found

    class Open(Front):
        def read(self, user, id):
            return self.database.post(id)

    names = list(expectations.EXPECTATIONS)
    for place, service in ((0, Reversed), (1, Twice), (1, SameText), (2, One), (3, Open)):
        found = expectations.verdicts(service, seed=7)
        assert [name for name in names if found[name]] == [names[place]], service


def test_the_cost_of_a_page_counts_statements_and_rows():
    with Database.open(":memory:") as database:
        database.insert_posts([("소라", "글")] * 5)
        with expectations.counting(database.connection) as seen:
            database.posts("소라")
            database.post(1)
        assert seen == [8]
        database.post(1)
        assert seen == [8]


# --- 나쁜 입력 ---


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: installed({"api": 0}),
        lambda: installed({"apis": 2}),
        lambda: installed({"replica": -1}),
        lambda: paths.single_points(installed(), "delete"),
        lambda: availability.together(0, 0, 1),
        lambda: availability.together(2, 1, 1),
        lambda: availability.with_common_cause(2, -0.1),
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()


# --- 장면 ---

EXPECTED = {  # 부품 하나를 고장 낸 결과: (평소, 저녁)
    "lb1": (TOTAL, TOTAL),
    "api1": (FAULT, TOTAL),
    "api2": (FAULT, TOTAL),
    "cache1": (FAULT, PARTIAL),
    "db1": (PARTIAL, PARTIAL),
    "replica1": (FAULT, FAULT),
    "index1": (PARTIAL, PARTIAL),
    "log1": (PARTIAL, PARTIAL),
    "worker1": (PARTIAL, PARTIAL),
}


def broken(seed, at, part, until=20_000):
    """5초에 ``part``를 고장 내고 판정이 나올 때까지 간 변화들."""
    play = Play(scenes.TOY, seed, at, [(5_000, "break", part)])
    while not play.run(until):
        pass
    return play.changes


@pytest.mark.parametrize("part", EXPECTED)
def test_what_one_broken_part_does_is_not_luck(part):
    for at, fate in zip((QUIET, EVENING), EXPECTED[part], strict=True):
        for seed in SEEDS:
            seen = broken(seed, at, part, 40_000)
            answer = f"{scenes.label(part, scenes.BASE)}: {fate}"
            assert told(seen, "answer", f"broke-{part}") == [(answer, answer)], seed
            assert len(told(seen, "say")) == 2, "판정은 그대로입니다"


def test_nothing_fails_while_nothing_is_broken():
    for at in (QUIET, EVENING):
        for seed in SEEDS:
            seen = changes(scenes.TOY, seed, at)
            assert not any(told(seen, "count", name) for name in ("fail", "late", "stale"))


def test_the_scene_asks_before_anything_fails():
    for seed in SEEDS[:8]:
        for part in EXPECTED:
            seen = broken(seed, EVENING, part)
            kinds = [change[1] for change in seen]
            bad = [
                i
                for i, change in enumerate(seen)
                if change[1] == "count" and change[2] in ("fail", "late", "stale")
            ]
            assert kinds.count("ask") == 1
            assert all(i > kinds.index("ask") for i in bad)


def test_a_broken_worker_shows_only_later_and_nobody_is_refused():
    for seed in SEEDS:
        seen = broken(seed, QUIET, "worker1")
        stale = [change[0] for change in seen if change[1:3] == ("count", "stale")]
        assert stale[0] > 5 + by_hand.HOP * 3 + 3.0
        assert not told(seen, "count", "fail")


def test_what_is_mended_before_the_verdict_is_not_judged():
    script = [(5_000, "break", "db1"), (7_000, "fix", "db1")]
    for seed in SEEDS[:10]:
        seen = changes(scenes.TOY, seed, QUIET, script)
        assert not told(seen, "answer")
        fails = [change[0] for change in seen if change[1:3] == ("count", "fail")]
        assert all(time < 10 for time in fails), "고치면 다시 됩니다"


def test_a_pair_that_only_stops_things_together():
    script = [(4_000, "break", "db1"), (30_000, "break", "replica1")]
    for seed in SEEDS[:10]:
        seen = changes(scenes.TOY, seed, QUIET, script)
        assert last(seen, "answer", "broke-db1") == f"DB: {PARTIAL}"
        assert "읽기" not in told(seen, "say")[1][0]
        fails = [c[0] for c in seen if c[1:3] == ("mark", "read")]
        assert fails
        assert min(fails) >= 30


def test_what_is_answered_is_not_answered_again_when_the_load_turns():
    """평소에 맞힌 예상이 저녁에 빗나가지 않습니다. 저녁의 결과는 문장으로만 말합니다."""
    script = [(5_000, "break", "cache1"), (25_000, "rate", 1)]
    for seed in SEEDS[:10]:
        seen = changes(scenes.TOY, seed, QUIET, script)
        assert told(seen, "answer", "broke-cache1") == [(f"캐시: {FAULT}",) * 2]
        assert re.match("저녁, 캐시 고장. 멈춘 기능: .*홈", told(seen, "say")[-1][0])


def test_a_guess_is_not_judged_under_another_load():
    script = [(5_000, "break", "cache1"), (7_000, "rate", 1)]
    seen = changes(scenes.TOY, 1000, QUIET, script)
    assert not told(seen, "answer")
    script = [(5_000, "break", "cache1"), (5_100, "rate", 1)]  # 물음에 답하기 전에 돌렸습니다
    seen = changes(scenes.TOY, 1000, QUIET, script)
    assert last(seen, "answer", "broke-cache1") == f"캐시: {PARTIAL}"


def test_what_is_pressed_while_the_question_is_open_is_not_done():
    script = [(5_000, "break", "db1"), (5_100, "break", "log1"), (5_200, "fix", "db1")]
    seen = changes(scenes.TOY, 1000, QUIET, script)
    assert told(seen, "state") == [("db1", "down")]
    assert told(seen, "say")[1:3] == [("DB 고장. 물음에 답하기 전에 누른 것은 다시 누르세요.",)] * 2
    assert last(seen, "answer", "broke-db1") == f"DB: {PARTIAL}"


@pytest.mark.parametrize("first", ["cache1", "worker1", "api1"])
def test_what_one_part_left_behind_is_not_blamed_on_the_next(first):
    """저녁에 오래 꺼 두어 밀린 것이, 고친 다음에 고장 낸 복제본의 탓이 되지 않습니다."""
    script = [(3_000, "break", first), (60_000, "fix", first), (60_500, "break", "replica1")]
    for seed in SEEDS[:8]:
        seen = changes(scenes.TOY, seed, EVENING, script)
        assert last(seen, "answer", "broke-replica1") == f"DB 복제본: {FAULT}"


def test_no_part_shows_more_at_work_than_it_can_do():
    for about in (scenes.TOY, scenes.SPARES):
        places, most = {}, 0
        for _, kind, *what in changes(about, 1000, about.challenge and about.challenge.at):
            if kind == "move":
                places[what[0]] = what[1:]
                busy = [where for where in places.values() if where == ["api1", "work"]]
                most = max(most, len(busy))
            elif kind == "gone":
                places.pop(what[0], None)
        assert most == by_hand.CAPACITY["api"][0]


def test_only_the_requests_of_the_broken_moment_fail_when_the_challenge_is_met():
    """여분이 있으면 실패는 DB를 대신하기 전의 몇 건뿐입니다. 고쳐도 실패하지 않습니다."""
    at = scenes.SPARES.challenge.at
    for seed in SEEDS:
        seen = changes(scenes.SPARES, seed, at)
        bad = [c[0] for c in seen if c[1] == "count" and c[2] in ("fail", "late", "stale")]
        breaks = [c[0] for c in seen if c[1] == "state" and c[3] == "down"]
        assert len(bad) < 12
        fails = [change[0] for change in seen if change[1:3] == ("count", "fail")]
        assert all(any(0 <= time - at < 3 for at in breaks) for time in fails)


def test_a_worker_goes_on_after_what_was_behind_is_cleared():
    script = [(4_000, "break", "db1"), (8_000, "fix", "db1")]
    for seed in SEEDS[:10]:
        seen = changes(scenes.TOY, seed, EVENING, script)
        assert not told(seen, "count", "stale")


def test_every_fate_can_be_guessed():
    assert set(FATES) == {fate for fates in EXPECTED.values() for fate in fates}


@pytest.mark.parametrize("skipped", range(7))
def test_each_spare_of_the_challenge_is_needed(skipped):
    """풀이에서 하나를 빼면 이루어지지 않습니다. 예산보다 많이 두어도 그렇습니다."""
    at = list(scenes.SPARES.challenge.at)
    at[skipped] = 0 if at[skipped] else 1
    assert not any(met(scenes.SPARES, seed, at) for seed in SEEDS[:8])


def test_the_saved_story_asks_three_times():
    script = eval(re.search(r"STORY = (\[.*?\])\n", hands.saved_cell(LAB, "STORY"), re.S)[1])
    seen = changes(scenes.TOY, scenes.TOY.seed, None, script)
    asked = [change[2] for change in seen if change[1] == "ask"]
    assert asked == ["broke-api1", "broke-cache1", "broke-db1"]
    assert [change[2] for change in seen if change[1] == "answer"] == asked


def test_a_stopped_station_fails_what_is_inside_and_starts_empty():
    engine, heard = Engine(1), []
    station = Station(engine, 1, 1.0)
    for name in "가나":
        station.visit(lambda: None, lambda ok, name=name: heard.append((name, ok)))
    assert station.busy
    engine.run(0.5)
    station.stop()
    assert heard == [("가", False), ("나", False)]
    station.start()
    assert not station.busy
    station.visit(lambda: None, lambda ok: heard.append(("다", ok)))
    engine.run(5.0)
    assert heard[2:] == [("다", True)]
    assert engine.now == 5.0


# --- 바꿔 보기 ---


def without_the_log(reader, item):
    (gone,) = re.findall(r"` (and .*?)`을 지워", item)
    (claim,) = re.findall(r"「(마흔.*?)」", item)
    before = reader.value("float(sum(lost))")
    reader.edit(f" {gone}", "")
    reader.run_below('"lb1" in up and')
    assert reader.value("float(sum(lost))") < 0.85 * before
    assert claim in reader.broken()


def half_of_them_together(reader, item):
    old, new = re.findall(r"`(percents = .*?)`", item)
    reader.edit(old, new)
    reader.run_below(new)
    assert reader.broken() == []
    for first in (0, 1000, 2000):
        years_of = f"seeds=range({first}, {first + 40})"
        one, three = (
            reader.value(f"float(availability.all_down({n}, 0.5, {years_of}).mean())")
            for n in (1, 3)
        )
        assert 0.4 < three / one < 0.6


def only_the_double_click(reader, item):
    said = reader.run(hands.code_of(item))
    assert "두 개" not in said
    assert expectations.QUOTED in said


TRIES = {
    '` and "log1" in up`': without_the_log,
    "`percents = [0, 10, 50]`": half_of_them_together,
    "class Once(Careless)": only_the_double_click,
}
