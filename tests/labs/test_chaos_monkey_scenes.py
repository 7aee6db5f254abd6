"""실습 08의 장면들이 말하려는 것: 시드 마흔 개에서, 그리고 고를 수 있는 설정마다."""

from __future__ import annotations

import itertools

import pytest

from ddialab.experiments.chaos_monkey.by_hand import CAME_BACK, PROMISES
from ddialab.experiments.chaos_monkey.scenes import MONKEY, STORY, WILD
from playing import changes, last, met, told

SEEDS = range(2000, 2040)
ALL = list(range(len(PROMISES)))
ASYNC, MIN_REPLICAS, WAIT_ONE, WAIT_TWO = ALL
SECOND = 1  # down-after 1초의 자리


def story(seed, promise=ASYNC, script=STORY):
    return changes(MONKEY, seed, [promise, SECOND], list(script))


def final(seen, *names):
    return tuple(last(seen, "count", name) for name in names)


def test_the_story_loses_what_was_answered_while_the_replicas_were_held():
    for seed in SEEDS:
        seen = story(seed)
        assert final(seen, "lost") == (5,)
        assert last(seen, "put", "store", "잃은 쓰기") == "5 6 7 8 9"


def test_the_node_that_came_back_throws_its_own_writes_away():
    for seed in SEEDS:
        seen = story(seed)
        asked = next(change[0] for change in seen if change[1] == "ask")
        answers = [change for change in seen if change[1] == "answer"]
        assert [change[3] for change in answers] == [CAME_BACK.choices[1]]
        assert asked == 14.0 < answers[0][0]
        rows = [last(seen, "put", "store", name) for name in ("n1", "n2", "n3")]
        assert len({row.partition("(")[0] for row in rows}) == 1


@pytest.mark.parametrize("promise", ALL)
def test_only_a_promise_that_waits_loses_nothing(promise):
    for seed in SEEDS:
        seen = story(seed, promise)
        lost, failed = final(seen, "lost", "failed")
        assert (lost > 0) is (promise in (ASYNC, MIN_REPLICAS))
        assert failed > 0
        assert bool(told(seen, "ask")) is (lost > 0), "잃은 것이 없으면 묻지 않습니다"


def test_min_replicas_loses_less_because_it_stops_taking_writes():
    for seed in SEEDS:
        (free, few), (less, more) = (
            final(story(seed, promise), "lost", "failed") for promise in (ASYNC, MIN_REPLICAS)
        )
        assert less < free
        assert more > few


def test_a_plain_kill_loses_nothing_but_a_cut_does():
    for seed in SEEDS:
        lost = {do: final(story(seed, script=[(6010, do, "n1")]), "lost") for do in ("kill", "cut")}
        assert lost == {"kill": (0,), "cut": (1,)}


def test_the_first_thing_offered_holds_a_replica_and_a_primary_is_not_held():
    """프라이머리를 붙잡아 「느림」이 되고도 잃는 것이 없으면 거꾸로 배웁니다."""
    first = MONKEY.actions[0]
    assert (first.name, first.targets[0]) == ("hold", "n2")
    seen = changes(MONKEY, 2000, [ASYNC, SECOND], [(3000, "hold", "n1")])
    assert ("n1", "slow") not in told(seen, "state")
    assert [one for (one,) in told(seen, "say")] == [
        "n1: 프라이머리는 붙잡지 않습니다. 복제본을 붙잡으세요."
    ]


def test_what_is_said_names_every_held_replica_and_why_writes_were_dropped():
    said = [one[0] for one in told(story(2000), "say")]
    assert "n2, n3: 복제를 붙잡았습니다. 연결은 그대로입니다." in said
    assert "n1: 복제본은 n2의 것을 그대로 따라 하므로 제 것을 버렸습니다." in said


def test_a_cut_primary_is_told_with_its_network():
    seen = changes(MONKEY, 2000, [ASYNC, SECOND], [(3000, "cut", "n1")])
    assert "n1: 프라이머리의 네트워크가 끊겼습니다." in [one[0] for one in told(seen, "say")]


def test_the_node_asked_about_is_seen_back_before_the_question():
    for seed in SEEDS:
        seen = story(seed)
        asked = next(place for place, change in enumerate(seen) if change[1] == "ask")
        assert told(seen[:asked], "state", "n1")[-1] != ("down",)


def test_a_longer_patience_is_a_longer_outage():
    script = [(6000, "kill", "n1")]
    for seed in SEEDS:
        failed = [
            final(changes(MONKEY, seed, [ASYNC, place], script), "failed")[0] for place in range(4)
        ]
        assert failed == sorted(failed)
        assert failed[0] < failed[2] < failed[3]


# --- 도전 ---


def test_each_wrong_setting_fails_for_its_own_reason():
    right = list(WILD.challenge.at)
    cases = {
        "답하고 잃음": (0, 0),
        "붙잡힌 하나를 기다림": (1, 1),
        "늦게 알아챔": (2, 3),
        "합의 못 함": (3, 2),
    }
    for seed in SEEDS:
        for why, (knob, place) in cases.items():
            at = [*right[:knob], place, *right[knob + 1 :]]
            lost, failed = final(changes(WILD, seed, at), "lost", "failed")
            assert (lost > 0) is (why == "답하고 잃음"), why
            assert (failed > 7) is (why != "답하고 잃음"), why


def test_without_agreement_nobody_takes_over():
    for seed in SEEDS:
        seen = changes(WILD, seed, [2, 0, 1, 2])
        assert not [one for one in told(seen, "say") if "새 프라이머리" in one[0]]


def test_losing_nothing_because_nobody_took_over_is_told_as_such():
    """처음 설정(합의 3개)은 잃은 것이 없지만 잘한 것이 아닙니다."""
    for seed in SEEDS:
        verdicts = [changes(WILD, seed, at) for at in ([0, 1, 3, 2], WILD.challenge.at)]
        stuck, took_over = [told(seen, "goal")[0][1] for seen in verdicts]
        assert stuck.startswith("페일오버하지 못했습니다. 잃은 쓰기는 0건")
        assert not took_over.startswith("페일오버하지 못했습니다")


def test_few_settings_meet_it():
    places = itertools.product(*(range(len(knob.values)) for knob in WILD.knobs))
    good = [at for at in places if all(met(WILD, seed, list(at)) for seed in SEEDS[:5])]
    assert all(at[:2] == (2, 0) and at[2] < 3 and at[3] < 2 for at in good)
    assert 4 <= len(good) <= 6
