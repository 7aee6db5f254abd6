"""실습 09의 교훈: 노트북이 보여 주지 않은 마흔 시드에서, 그리고 손으로 낸 사고에서."""

from __future__ import annotations

import json
import re

import pytest

import execute
import hands
import micropython
from ddialab.cluster.guarded import Policies
from ddialab.core.errors import InvalidValue
from ddialab.experiments.software_errors import by_hand, poison, scenes, storm, trials
from ddialab.resilience.shedding import Shedder
from live.carry import carry
from playing import at_random, changes, last, played, told
from policies import function

LAB = "09-software-errors"
SEEDS = range(40, 80)  # 노트북이 보여 준 것은 0부터 39까지입니다
CURES = ("no-retry", "backoff", "budget", "breaker", "shedding")
SEND = [(3000, "poison", "users")]
STALL = [(6000, "stall", "db"), (16_000, "resume", "db")]


# --- 독이 든 요청 ---


def test_one_request_kills_all_three_again_and_again():
    for seed in SEEDS:
        day = poison.day(seed)
        assert day.deaths >= 5 * poison.REPLICAS, "켜질 때마다 또 죽습니다"
        assert day.dark > 15


@pytest.mark.parametrize("kills", [1, 2, 3])
def test_quarantine_stops_it_after_as_many_deaths_as_it_allows(kills):
    for seed in SEEDS:
        day, without = poison.day(seed, kills=kills), poison.day(seed)
        assert day.deaths == kills
        assert (day.dark > 0) == (kills == poison.REPLICAS), "하나라도 남으면 다 죽지 않습니다"
        assert day.failed < without.failed


@pytest.mark.parametrize(("retries", "replicas"), [(0, 3), (1, 3), (2, 3), (2, 6), (4, 6), (5, 4)])
def test_a_single_sending_kills_by_the_formula(retries, replicas):
    for seed in SEEDS[:10]:
        day = poison.day(seed, retries, replicas, again=0)  # 다른 값: 한 번만 보냅니다
        assert day.deaths == poison.expected_deaths(retries, replicas)


@pytest.mark.parametrize(("retries", "replicas"), [(1, 3), (2, 4), (2, 5), (4, 6)])
def test_more_replicas_than_tries_keep_the_service_but_not_the_servers(retries, replicas):
    for seed in SEEDS:
        spare = poison.day(seed, retries, replicas)  # 다른 값: 여유분이 있는 곳
        assert spare.dark == 0
        assert spare.deaths >= 12, "독은 그대로라 보낼 때마다 또 죽습니다"
        assert spare.failed < poison.day(seed).failed


def test_more_retries_eat_the_spares_again():
    for seed in SEEDS:
        assert poison.day(seed, 4, 5).dark > 0  # 다른 값: 재시도까지 늘린 곳


def test_without_retries_the_service_never_goes_dark_but_the_poison_still_kills():
    for seed in SEEDS:
        day = poison.day(seed, retries=0)  # 다른 값: 재시도가 없는 대조군
        assert day.dark == 0
        assert day.deaths > 5


# --- 재시도 폭풍 ---


def test_the_storm_stays_when_its_trigger_is_gone():
    for seed in SEEDS:
        stormy = storm.cured("none", seed)
        assert not stormy.healed
        assert stormy.when is None
        assert stormy.tail == 0


@pytest.mark.parametrize("name", CURES)
def test_every_cure_heals_and_has_its_price(name):
    for seed in SEEDS:
        found, without = storm.cured(name, seed), storm.cured("none", seed)
        assert found.healed
        assert found.failed < without.failed
        price = found.failed if name != "backoff" else found.slow - 60
        assert price > 5, "거절하거나 늦춥니다"


def test_a_budget_keeps_the_retries_of_ordinary_days():
    """폭풍이 아니라 서버 하나가 잠깐 죽은 날입니다. 재시도하지 않으면 그것도 실패가 됩니다."""
    lost = {
        name: sum(storm.one_died(name, seed).failed for seed in SEEDS)
        for name in ("no-retry", "budget")
    }
    assert lost["budget"] < lost["no-retry"] / 2


def test_a_short_backoff_does_not_heal():
    assert not any(storm.cured("short", seed).healed for seed in SEEDS)


def test_a_longer_trouble_defeats_only_the_backoff():
    healed = {
        name: sum(storm.cured(name, seed, 30.0).healed for seed in SEEDS)  # 다른 값: 더 긴 사고
        for name in ("backoff", "breaker", "shedding")
    }
    assert healed["backoff"] < 30
    assert healed["breaker"] == healed["shedding"] == len(SEEDS)


@pytest.mark.parametrize("retries", [1, 2])
def test_the_threshold_parts_those_that_heal_from_those_that_do_not(retries):
    edge = storm.threshold(retries)
    assert storm.load_after(edge, retries) == pytest.approx(1)
    below = [storm.run(Policies(), seed, retries, 0.75 * edge) for seed in SEEDS]  # 다른 값: 아래
    above = [storm.run(Policies(), seed, retries, 1.5 * edge) for seed in SEEDS]  # 다른 값: 위
    assert all(one.healed for one in below)
    assert not any(one.healed for one in above)


def test_the_threshold_holds_only_within_its_conditions():
    for seed in SEEDS:
        brief = storm.run(Policies(), seed, stall=2.0)  # 다른 값: 짧은 사고
        assert brief.healed, "사고가 짧으면 줄이 길어지지 않습니다"
        assert storm.run(Policies(room=Shedder(5).admit), seed).healed, "헛일을 세우지 않습니다"
        once = storm.run(Policies(), seed, retries=0)  # 다른 값: 재시도가 없는 대조군
        assert once.healed, "재시도가 없으면 처리 한도까지 낫습니다"


def test_a_written_policy_is_judged_as_the_book_s_own():
    for seed in SEEDS[:5]:
        mine = storm.storm(lambda attempt, chance: storm.BASE * chance, seed)
        assert mine == storm.cured("backoff", seed)
        assert storm.storm(lambda attempt, chance: None, seed) == storm.cured("no-retry", seed)
        assert storm.storm(lambda attempt, chance: 0, seed) == storm.cured("none", seed)


def test_a_written_policy_gets_the_same_judgement_in_micropython():
    carried = carry([f"{storm.__name__}:storm"])
    (name,) = carried.names.values()
    asks = [f"print(json.dumps(list({name}(lambda n, x: 9 * x, {s}))))" for s in SEEDS[:2]]
    said = micropython.run(carried.text, asks)
    assert said.error == ""
    mine = [storm.storm(lambda n, x: 9 * x, s) for s in SEEDS[:2]]
    assert [json.loads(line) for line in said.lines] == json.loads(json.dumps(mine))


# --- 장면 ---


def test_the_poison_scene_answers_what_happens_when_they_come_back():
    for seed in range(40):
        seen = changes(scenes.POISON, seed, None, SEND)
        ((fate, why),) = told(seen, "answer", scenes.ALL_DOWN.id)
        assert fate == scenes.ALL_DOWN.choices[2]
        assert why.startswith(fate)
        assert "또 보냈고" in why
        until = next(i for i, change in enumerate(seen) if change[1] == "answer")
        assert last(seen[:until], "count", "deaths") == 6, "셋이 또 다 죽은 그때 답합니다"
        assert last(seen, "count", "deaths") >= 9


def test_the_poison_scene_asks_before_the_second_round():
    seen = changes(scenes.POISON, 1, None, SEND)
    until = next(i for i, change in enumerate(seen) if change[1] == "ask")
    assert last(seen[:until], "count", "deaths") == 3
    when = seen[until][0]
    assert not [c for c in seen[until + 1 :] if c[0] == when], "죽은 서버가 하던 일까지 치웠습니다"


def test_each_refused_poison_is_told_and_leaves_the_servers_alone():
    seen = changes(scenes.POISON, 1, [2, 1], SEND)
    refused = [change for change in seen if change[1] == "say" and "거절했습니다" in change[2]]
    assert len(refused) == last(seen, "count", "fail")
    assert all("멀쩡합니다" in words for _, _, words in refused[1:])
    assert "멀쩡합니다" not in refused[0][2], "처음 거절할 때는 죽은 서버가 있습니다"


@pytest.mark.parametrize(("retries", "deaths"), [(0, 1), (1, 2)])
def test_fewer_retries_kill_fewer_and_quarantine_lets_one_live(retries, deaths):
    soon = [(39_000, "poison", "users")]  # 앱이 다시 보내기 전에 끝납니다
    for seed in range(10):
        seen = changes(scenes.POISON, seed, [retries, 0], soon)
        assert last(seen, "count", "deaths") == deaths
        assert told(seen, "ask") == []
        assert last(changes(scenes.POISON, seed, [2, 1], SEND), "count", "deaths") == 2


def test_the_storm_scene_does_not_heal_and_each_remedy_does():
    soon, late, never = scenes.RESUMED.choices
    for seed in range(40):
        for remedy in range(len(scenes.NAMES) if seed < 10 else 1):
            seen = changes(scenes.STORM, seed, [2, remedy], STALL)
            ((fate, _),) = told(seen, "answer", scenes.RESUMED.id)
            assert (fate == never) == (remedy == 0)
        patient = changes(scenes.STORM, seed, [0, 0], STALL)
        assert told(patient, "answer", scenes.RESUMED.id)[0][0] in (soon, late)


def test_the_storm_scene_does_nothing_by_itself():
    for seed in range(40):
        seen = changes(scenes.STORM, seed)
        fails = last(seen, "count", "fail") if told(seen, "count", "fail") else 0
        assert fails <= 3, "멈추기 전에는 멀쩡합니다"


def test_the_answer_is_true_whatever_the_reader_presses():
    asked = 0
    for seed in range(40):
        seen = played(scenes.STORM, seed, None, at_random(scenes.STORM, seed)).changes
        for fate, text in told(seen, "answer", scenes.RESUMED.id):
            asked += 1
            assert fate == text
            assert fate in scenes.RESUMED.choices
    assert asked > 3


def test_what_fails_while_the_database_stops_again_is_not_the_answer():
    again = [*STALL, (18_000, "stall", "db")]
    for seed in range(10):
        stopped = changes(scenes.STORM, seed, None, again)
        assert told(stopped, "answer") == [], "멈춘 채로는 낫는지 알 수 없습니다"
        seen = changes(scenes.STORM, seed, None, [*again, (24_000, "resume", "db")])
        ((at, fate),) = [(change[0], change[3]) for change in seen if change[1] == "answer"]
        assert fate == scenes.RESUMED.choices[-1]
        assert at == 24.0 + by_hand.LATE, "마지막으로 돌아온 다음을 봅니다"


def test_the_challenge_needs_the_line_and_the_wait_together():
    solution = list(scenes.CHEAP.challenge.at)
    for place, start in enumerate(scenes.CHEAP.start()):
        if start != solution[place]:
            at = [start if i == place else one for i, one in enumerate(solution)]
            assert not any(last(changes(scenes.CHEAP, seed, at), "goal") for seed in SEEDS[:20])


# --- 나쁜 입력 ---


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: storm.cured("prayer", 1),
        lambda: storm.history("prayer", 1),
        lambda: storm.storm(lambda attempt, chance: "곧", 1),
        lambda: storm.storm(lambda attempt, chance: -1, 1),
        lambda: storm.run(Policies(), 1, retries=3),  # 다른 값: 거절할 것
        lambda: storm.run(Policies(), 1, use=1.0),  # 다른 값: 거절할 것
        lambda: storm.run(Policies(), 1, stall=100.0),  # 다른 값: 거절할 것
        lambda: poison.day(1, replicas=0),  # 다른 값: 거절할 것
        lambda: poison.day(1, kills=0),  # 다른 값: 거절할 것
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()


# --- 저장된 실습 ---


def test_the_committed_lab_says_what_the_lesson_says(committed):
    results = committed(LAB)[1]
    assert results["healed_none"] == results["healed_short"] == "0번"
    assert {results[f"healed_{name.replace('-', '_')}"] for name in CURES} == {"40번"}
    assert results["edge"] == "33.3%"


def test_the_linked_moments_show_what_the_text_says():
    text = (execute.ROOT / "labs" / f"{LAB}.ipynb").read_text("utf-8")
    found = re.findall(r"#scene=([\w-]+)[^\"]*?at=(\d),(\d)", text)
    assert ("poison-request", "2", "1") in found
    assert ("retry-storm", "2", "4") in found
    seen = changes(scenes.POISON, scenes.POISON.seed, [2, 1], SEND)
    refused = next(c[0] for c in seen if c[1] == "say" and "격리한" in c[2])
    assert 3.5 < refused < 4.6, "그 순간에는 이미 격리했습니다"


# --- 바꿔 보기 ---


def sending_again(reader, item):
    old, new = re.findall(r"`(again=\d)`", item)
    reader.edit(old, new)
    reader.run_below("once = {")
    assert reader.broken() == ["시드와 상관없이 공식과 같습니다"]


def a_longer_trouble(reader, item):
    old, new = re.findall(r'`("stall": \d\.0)`', item)
    reader.edit(old, new)
    reader.run_below("broken = {")
    assert reader.broken() == ["조건이 깨지면 공식의 위에서도 낫습니다"]


def by_chance(reader, item):
    assert "(0, 'ZeroDivisionError')" in reader.run(hands.code_of(item))


def my_own(reader, item):
    assert reader.run(hands.code_of(item)).startswith("나음 40")


TRIES = {
    "`again=0`": sending_again,
    '`"stall": 2.0`': a_longer_trouble,
    "무작위 입력": by_chance,
    "내 백오프": my_own,
}


def test_a_policy_that_heals_by_luck_is_not_a_remedy():
    """처음에 보이는 정책은 시드에 따라 낫기도 하고 낫지 않기도 합니다. 더 나은 것이 있습니다."""
    wait = function("retry")

    def lost(policy):
        return [trials.endure(policy, seed).score for seed in SEEDS]

    lucky, never = lost(wait), lost(lambda attempt, chance: None)
    once = lost(lambda attempt, chance: 60 * chance if attempt == 1 else None)
    assert min(lucky) < min(never) < max(never) < max(lucky)
    assert sum(once) < sum(never) / 2
