"""실습 04의 교훈: 노트북이 보여 주지 않은 마흔 시드에서, 그리고 손으로 죽인 장면에서."""

from __future__ import annotations

import json
import re
from statistics import mean, stdev

import pytest

import execute
import hands
from ddialab.core.errors import InvalidValue
from ddialab.core.recorded import PACKAGE
from ddialab.experiments.queue_and_log import order, power, redelivery, scenes
from ddialab.experiments.queue_and_log.broker import FSYNC, KINDS, Broker, make_queue
from ddialab.experiments.queue_and_log.by_hand import LAST
from playing import at_random, changes, last, played, told

LAB = "04-queue-and-log"
SEEDS = range(40, 80)  # 노트북이 보여 준 것은 0부터 39까지입니다
LIST, CHANNEL, STREAM, LOG = range(4)
OFF, NO, EVERYSEC, ALWAYS = range(4)


def near(found, formula, more=0.0) -> bool:
    error = 3.5 * stdev(found) / len(found) ** 0.5
    return abs(mean(found) - formula) < error + more


# --- 언제 확인하나 ---


@pytest.mark.parametrize("chance", redelivery.CHANCES)
def test_acknowledging_first_loses_and_later_repeats_by_the_formula(chance):
    early = [redelivery.deaths(True, seed, chance) for seed in SEEDS]
    late = [redelivery.deaths(False, seed, chance) for seed in SEEDS]
    assert not any(one.twice for one in early)
    assert not any(one.lost for one in late)
    assert any(one.lost for one in early)
    assert any(one.twice for one in late)
    assert near([one.lost for one in early], redelivery.expected(True, chance), 0.2)
    assert near([one.twice for one in late], redelivery.expected(False, chance), 0.2)


def test_remembering_numbers_does_everything_once():
    for seed in SEEDS:
        assert redelivery.deaths(False, seed, redelivery.CHANCES[-1], once=True) == (0, 0)
        early = redelivery.deaths(True, seed, redelivery.CHANCES[-1], once=True)
        assert early.lost > 0, "잃은 것은 번호로 되찾지 못합니다"


# --- 정전 ---


def test_a_kill_loses_nothing_that_was_written_and_a_power_cut_all_that_was_not_synced():
    for seed in SEEDS:
        for fsync in ("no", "everysec", "always"):
            assert power.lost(fsync, power.KILL, seed) == 0
        assert power.lost("off", power.KILL, seed) > 0
        assert power.lost("always", power.POWER, seed) == 0
        assert 0 <= power.lost("everysec", power.POWER, seed) < power.lost("no", power.POWER, seed)


@pytest.mark.parametrize("rate", power.RATES)
def test_every_second_loses_half_a_second_on_average(rate):
    lost = [power.lost("everysec", power.POWER, seed, rate) for seed in SEEDS]
    assert near(lost, power.expected("everysec", rate), 1)
    assert near([power.lost("no", power.POWER, s, rate) for s in SEEDS], power.expected("no", rate))


# --- 순서 ---


@pytest.mark.parametrize("gap", order.GAPS)
def test_two_workers_overtake_by_the_formula_and_a_key_never(gap):
    shared = [order.overtaken(gap, seed) for seed in SEEDS]
    assert near(shared, order.expected(gap), 0.002)
    assert not any(order.overtaken(gap, seed, by_key=True) for seed in SEEDS[:8])


# --- 손으로 죽이는 큐 ---


def counts(seen, *names) -> dict[str, int]:
    return {name: last(seen, "count", name) for name in names or ("done", "lost", "twice")}


def first_take(kind, seed) -> int:
    """워커 A가 처음으로 메시지를 받은 때(밀리초)."""
    moves = changes(scenes.TOY, seed, [kind, EVERYSEC])
    return int(next(c[0] for c in moves if c[1] == "move" and c[3:] == ("A", "work")) * 1000)


@pytest.mark.parametrize("kind", range(4))
def test_what_a_killed_worker_held_is_lost_only_where_nobody_remembers(kind):
    for seed in SEEDS:
        script = [(first_take(kind, seed) + 500, "kill", "A")]
        seen = changes(scenes.TOY, seed, [kind, EVERYSEC], script)
        ((fate, _),) = told(seen, "answer", scenes.FATE.id)
        never, one, _ = scenes.FATE.choices
        assert fate == (never if kind == LIST else one)
        assert counts(seen)["lost"] == (1 if kind == LIST else 0)
        assert counts(seen)["done"] == LAST - (kind == LIST)


def test_the_scene_asks_before_it_counts_what_was_lost():
    script = [(first_take(LIST, 1) + 500, "kill", "A")]
    seen = changes(scenes.TOY, 1, [LIST, EVERYSEC], script)
    until = next(i for i, change in enumerate(seen) if change[1] == "ask")
    assert told(seen[:until], "state", "A") == [("down",)]
    assert counts(seen[:until])["lost"] == 0 < counts(seen)["lost"], "물음 곁에 답이 보입니다"


def test_a_worker_killed_with_the_poison_was_not_idle():
    idle = changes(scenes.TOY, 1, [LIST, EVERYSEC], [(100, "kill", "A")])
    assert told(idle, "say") == [("A: 쉬다가 죽었습니다.",)]
    script = [(100, "poison", "service"), (1000, "kill", "A"), (1000, "kill", "B")]
    words = told(changes(scenes.TOY, 1, [LIST, EVERYSEC], script), "say")
    assert any("독이 든 메시지를 들고 죽었습니다." in said for (said,) in words)


@pytest.mark.parametrize("kind", [STREAM, LOG])
def test_killed_after_handling_it_is_done_twice(kind):
    twice = 0
    for seed in SEEDS:
        still = changes(scenes.TOY, seed, [kind, EVERYSEC])
        handled = next(c[0] for c in still if c[1] == "look" and c[3] == "ok")
        who = next(
            c[3] for c in still if c[1] == "move" and c[2] == still_dot(still) and c[4] == "work"
        )
        script = [(int(handled * 1000) + 300, "kill", who)]
        seen = changes(scenes.TOY, seed, [kind, EVERYSEC], script)
        ((fate, _),) = told(seen, "answer", scenes.FATE.id)
        assert fate == scenes.FATE.choices[2]
        twice += counts(seen)["twice"]
        assert counts(seen)["lost"] == 0
    assert twice >= len(SEEDS)


def still_dot(seen) -> str:
    """처음으로 처리된 메시지의 점."""
    return next(c[2] for c in seen if c[1] == "look" and c[3] == "ok")


def test_both_subscribers_get_everything():
    seen = changes(scenes.TOY, 1, [CHANNEL, EVERYSEC])
    assert counts(seen) == {"done": LAST, "lost": 0, "twice": LAST}


@pytest.mark.parametrize("kind", [LIST, STREAM, LOG])
@pytest.mark.parametrize("name", ["kill", "power"])
def test_a_broker_keeps_what_its_setting_keeps(kind, name):
    lost = {
        sync: counts(changes(scenes.TOY, 1, [kind, sync], [(7700, name, "broker")]))["lost"]
        for sync in range(4)
    }
    assert lost[ALWAYS] == 0 < lost[OFF]
    assert lost[NO] == (0 if name == "kill" else lost[OFF])
    assert lost[EVERYSEC] <= lost[NO]


def test_a_poison_message_blocks_a_log_and_a_stream_for_ever_but_not_a_list():
    script = [(1000, "poison", "service")]
    done = [counts(changes(scenes.TOY, 1, [kind, ALWAYS], script))["done"] for kind in range(4)]
    assert done[LIST] == LAST
    assert done[LOG] <= 1
    assert done[STREAM] == LAST, "독은 되풀이해 오지만, 그사이에 다른 워커가 나머지를 처리합니다"


def test_only_what_is_kept_can_be_rewound():
    for kind, again in ((LIST, 0), (CHANNEL, LAST), (STREAM, None), (LOG, None)):
        seen = changes(scenes.TOY, 1, [kind, ALWAYS], [(12_000, "rewind", "broker")])
        if again is None:
            assert counts(seen)["twice"] > 2
        else:
            assert counts(seen)["twice"] == again


def test_the_challenge_needs_every_part_of_its_solution():
    solution = list(scenes.NIGHT.challenge.at)
    for place in range(4):
        for value in range(len(scenes.NIGHT.knobs[place].values)):
            at = [value if i == place else one for i, one in enumerate(solution)]
            met = [last(changes(scenes.NIGHT, seed, at), "goal") for seed in SEEDS[:10]]
            assert all(met) == any(met) == (at == solution), at


# --- 손으로 죽이는 복제된 로그 ---

CUT = [(3000, "cut", "b2"), (3100, "cut", "b3")]
DIE = [(6000, "kill", "b1"), (6500, "restore", "b2"), (6600, "restore", "b3")]


def test_acks_one_loses_what_it_acknowledged_and_acks_all_has_not_acknowledged():
    one = changes(scenes.REPLICAS, 1, [0], CUT + DIE)
    every = changes(scenes.REPLICAS, 1, [1], CUT + DIE)
    assert counts(one, "lost")["lost"] > 2
    assert counts(every, "lost")["lost"] == 0
    assert told(one, "answer", "leader-killed")[0][0] == scenes.LEADER_DIED.choices[1]
    assert told(every, "answer", "leader-killed")[0][0] == scenes.LEADER_DIED.choices[0]


def test_one_kill_at_the_moment_of_the_page_loses_what_only_the_leader_had():
    """페이지의 링크는 팔로워가 따라 적기 전에 서 있습니다. 조금 뒤나 acks=all이면 잃지 않습니다."""
    page = (execute.ROOT / "chapters/1-data-systems/queue-and-log.md").read_text("utf-8")
    (moment,) = re.findall(r"\{moment\} queue_and_log.scenes:REPLICAS ([\d.]+)", page)
    then = round(float(moment) * 1000)
    kills = ((0, then), (0, then + 300), (1, then))
    runs = [changes(scenes.REPLICAS, 1, [at], [(ms, "kill", "b1")]) for at, ms in kills]
    assert [counts(seen, "lost")["lost"] for seen in runs] == [1, 0, 0]
    assert told(runs[0], "answer", "leader-killed")[0][0] == scenes.LEADER_DIED.choices[1]


def test_acks_all_goes_on_without_one_follower_and_stops_without_both():
    def acked(script):
        return counts(changes(scenes.REPLICAS, 1, [1], script), "acked")["acked"]

    one, both = [(3000, "kill", "b2")], [(3000, "kill", "b2"), (3100, "kill", "b3")]
    assert acked(one) > 40
    assert acked(both) < 5


def test_the_answers_are_true_whatever_the_reader_presses():
    asked = 0
    for seed in range(40):
        for acks in (0, 1):
            play = played(scenes.REPLICAS, seed, [acks], at_random(scenes.REPLICAS, seed))
            for fate, _ in told(play.changes, "answer", "leader-killed"):
                asked += 1
                assert fate == scenes.LEADER_DIED.choices[0] or acks == 0
    assert asked > 10


# --- 나쁜 입력 ---


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: redelivery.deaths(True, 1, 1.0),  # 다른 값: 거절할 것
        lambda: redelivery.deaths(True, 1, messages=0),  # 다른 값: 거절할 것
        lambda: power.lost("sometimes", power.KILL, 1),
        lambda: power.lost("no", "fire", 1),
        lambda: power.lost("no", power.KILL, 1, 0),  # 다른 값: 거절할 것
        lambda: order.overtaken(0, 1),
        lambda: order.overtaken(5, 1, pairs=0),  # 다른 값: 거절할 것
        lambda: make_queue("tape", lambda: 0.0),
        lambda: Broker(None, KINDS[0], "daily"),
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()


def test_the_kinds_and_policies_have_their_words():
    assert len(scenes.KIND.texts) == len(KINDS)
    assert list(scenes.SYNC_NAMES) == list(FSYNC)


# --- 저장된 실습 ---


def recorded(name):
    return json.loads((PACKAGE / "recorded" / f"04-{name}.json").read_text("utf-8"))


def test_the_committed_lab_says_what_the_lesson_says(committed):
    results = committed(LAB)[1]
    assert results["lost_list_taken"] == "1건"
    assert results["lost_stream_taken"] == results["lost_stream_handled"] == "0건"
    assert results["twice_stream_handled"] == "1건"
    assert results["once_twice"] == "0번"
    assert results["keyed"] == "0%"


def test_the_recorded_runs_are_whole_and_teach_the_same():
    consumers, servers, writers = recorded("consumers"), recorded("servers"), recorded("writers")
    assert [one["lost"] for one in consumers["taken"].values()] == [1, 4, 0]
    assert servers["off"]["list"] == 0
    assert all(servers[p]["list"] == servers[p]["acked"] for p in ("no", "everysec", "always"))
    assert all(one["lost"] == 0 for one in writers.values())
    assert writers["none"]["durable"] == 0


def test_the_linked_moments_show_what_the_text_says():
    text = (execute.ROOT / "labs" / f"{LAB}.ipynb").read_text("utf-8")
    links = re.findall(r"seed=1&at=(\d),(\d)&a=(\d+)\.(\w+)\.broker&", text)
    found = {name: (int(kind), int(sync), int(ms)) for kind, sync, ms, name in links}
    kind, sync, ms = found.pop("power")
    lost = [
        counts(changes(scenes.TOY, 1, [kind, at], [(ms, "power", "broker")]))["lost"]
        for at in range(4)
    ]
    assert lost[sync] > 0 == lost[ALWAYS], "설정을 바꾸어 볼 까닭이 있어야 합니다"
    kind, sync, ms = found.pop("rewind")
    seen = changes(scenes.TOY, 1, [kind, sync], [(ms, "rewind", "broker")])
    assert counts(seen, "twice")["twice"] > 0, "되감을 기록이 있어야 합니다"
    assert not found


# --- 바꿔 보기 ---


def fewer_tries(reader, item):
    old, new = re.findall(r"`(most=\d)`", item)
    reader.edit(old, new)
    reader.run_below("unlimited, limited =")
    assert reader.value("(limited['deaths'], limited['dead'], limited['done'])") == (1, 1, 1)
    assert reader.broken() == []


def one_partition(reader, item):
    old, new = re.findall(r"`(partitions=\d)`", item)
    reader.edit(old, new)
    reader.run_below(new)
    said = reader.run(
        'idle = topic.consumer("mail", "Z")\nprint(again.partitions, idle.partitions)'
    )
    assert said.strip() == "[0] []"


def numbers_apart(reader, item):
    said = reader.run(hands.code_of(item))
    assert "['1', '1']" in said
    assert "적은 번호: ['1']" in said


TRIES = {
    "`most=3`": fewer_tries,
    "`partitions=2`": one_partition,
    "따로": numbers_apart,
}
