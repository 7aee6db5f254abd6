"""실습 11의 교훈: 노트북이 보여 주지 않은 마흔 시드에서, 그리고 손으로 낸 사고에서."""

from __future__ import annotations

import re
from itertools import product

import pytest

import execute
import hands
from ddialab.core.errors import InvalidValue
from ddialab.experiments.abuse import bucket, door, flood, scenes, theft
from ddialab.resilience.limiter import TokenBucket
from ddialab.service import roles
from ddialab.stress.load import Constant, Poisson
from playing import at_random, changes, last, met, told

LAB = "11-abuse"
SEEDS = range(40, 80)  # 노트북이 보여 준 것은 0부터 39까지입니다
PRESS = [(6000, "flood", "flooder")]
ADMIN, LEAST = [0], [1]


def number(seen, name):
    """장면의 마지막 수. 한 번도 세지 않았으면 0."""
    return last(seen, "count", name) if told(seen, "count", name) else 0


def said(seen):
    return [words for (words,) in told(seen, "say")]


# --- 문 ---


def opened(role="app"):
    shop = door.Door({"app": (role, "old")})
    return shop, shop.connect("app", "old")


def test_the_door_answers_exactly_what_the_table_allows():
    commands = (door.KEYS, door.GET, door.SET, door.FLUSHALL)
    for role, command, key in product(roles.ROLES, commands, ("post:1", "session:x", "")):
        fate, _ = opened(role)[1].send(command, key, "값")
        assert (fate == door.DONE) == roles.allows(role, command, key)


def test_a_refused_command_changes_nothing():
    shop, link = opened()
    shop.data["session:x"] = "로그인"
    for command, key in ((door.FLUSHALL, ""), (door.SET, "session:x")):
        assert link.send(command, key, "가짜") == (door.REFUSED, None)
    assert shop.data == {"session:x": "로그인"}


def test_a_new_password_does_not_close_an_open_link_but_a_cut_does():
    shop, link = opened()
    shop.rotate("app", "new")
    assert link.send(door.GET, "post:1")[0] == door.DONE
    assert shop.connect("app", "old") is None
    fresh = shop.connect("app", "new")
    shop.cut("app")
    assert link.send(door.GET, "post:1") == fresh.send(door.GET, "post:1") == (door.CUT, None)


# --- 버킷 ---


@pytest.mark.parametrize(("rate", "burst"), [(2.0, 1), (2.0, 10), (0.5, 3), (7.0, 30)])
def test_no_window_holds_more_than_the_bound(rate, burst):
    for seed in SEEDS:
        times = bucket.flooded(seed, rate, burst)  # 다른 값: 여러 크기에서
        for window in (0.1, 1.0, 7.0, 60.0):
            most, limit = bucket.most_in_any(times, window), bucket.bound(window, rate, burst)
            assert most <= limit + 1e-9
            assert window < 1 or most > 0.85 * limit - 1, "폭주는 허락한 것을 거의 다 씁니다"


def test_a_limiter_that_forgets_at_each_second_breaks_the_bound():
    """초가 바뀔 때마다 가득 채우는 것은 이 약속을 지키지 못합니다."""
    times = [ms / 1000 for ms in range(900, 1100, 20)]
    passed, counts = [], {}
    for now in times:
        counts[int(now)] = counts.get(int(now), 0) + 1
        if counts[int(now)] <= 2:
            passed.append(now)
    promised = bucket.bound(0.2, rate=2, burst=2)  # 다른 값: 「초당 2건」
    assert bucket.most_in_any(passed, 0.2) > promised


@pytest.mark.parametrize("share", [0.3, bucket.LOAD, 0.9, 1.0, 1.5])
@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_poisson_people_are_refused_by_the_formula(share, size):
    found = [bucket.wrong(Poisson(share * bucket.RATE), seed, size) for seed in SEEDS]
    assert sum(found) / len(found) == pytest.approx(bucket.wrong_expected(share, size), abs=0.006)


def test_the_formula_knows_what_is_known():
    for share in (0.1, 0.7, 2.0):  # 하나만 담으면 Erlang B이고, 크게 넘치면 넘친 몫만 거절합니다
        assert bucket.wrong_expected(share, 1) == pytest.approx(share / (1 + share))
    assert bucket.wrong_expected(2.0, 60) == pytest.approx(1 / 2)
    assert bucket.wrong_expected(0.5, 60) == pytest.approx(0, abs=1e-9)
    assert bucket.wrong_expected(0, 3) == 0
    falling = [bucket.wrong_expected(0.7, size) for size in range(1, 40)]
    assert falling == sorted(falling, reverse=True)


def test_the_formula_does_not_hold_for_people_who_come_in_bursts():
    for size in (2, 5, 10):
        for seed in SEEDS:
            pages = bucket.wrong(bucket.Pages(bucket.LOAD * bucket.RATE), seed, size)
            assert pages > bucket.wrong_expected(bucket.LOAD, size) + 0.05


def test_it_does_not_hold_for_people_who_come_evenly_either():
    even = bucket.wrong(Constant(bucket.LOAD * bucket.RATE), 1, 2)
    assert even == 0 < bucket.wrong_expected(bucket.LOAD, 2)


def test_pages_keep_the_rate_they_promise():
    for seed in SEEDS[:10]:
        through, refused = bucket.passed(bucket.Pages(1.2), 100, 100, seed, bucket.WATCH)
        assert refused == []
        assert len(through) == pytest.approx(1.2 * bucket.WATCH, rel=0.25)


def test_the_level_is_what_can_be_taken():
    limit = TokenBucket(2.0, 3)
    assert limit.left(0.0) == 3
    assert [limit.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert limit.left(0.0) == 0
    assert limit.left(0.75) == 1.5
    assert limit.left(0.5) == 1.5, "시계가 뒤로 가도 줄지 않습니다"
    assert limit.left(9.0) == 3


# --- 폭주 ---


def test_without_a_limit_the_flood_takes_the_service():
    for seed in SEEDS:
        one = flood.flooded(flood.FREE, seed)
        assert one.share < 0.5
        assert one.refused == 0
        assert one.flood > 0.8 * flood.most()


def test_one_shared_bucket_saves_the_service_and_refuses_the_people():
    even = flood.TOTAL / (flood.FLOOD + flood.ordinary())
    for seed in SEEDS:
        one = flood.flooded(flood.SHARED, seed)
        assert one.share < even
        assert one.served + one.refused == one.sent, "늦은 것은 없습니다: 서비스는 한가합니다"


def test_a_bucket_each_serves_everyone_and_holds_the_flood():
    seconds = flood.END - flood.AT
    for seed in SEEDS:
        one = flood.flooded(flood.EACH, seed)
        assert one.share == 1
        assert one.flood <= flood.BURST + flood.RATE * seconds


def test_a_bucket_smaller_than_a_page_refuses_people_who_never_hurry():
    for seed in SEEDS:
        small = flood.flooded(flood.EACH, seed, burst=flood.PAGE - 1)  # 다른 값: 한 건 모자란 것
        assert small.refused > 0


# --- 장면: 훔친 비밀번호 ---


@pytest.mark.parametrize(("at", "works"), [(ADMIN, True), (LEAST, False)])
def test_the_thief_does_what_the_role_allows(at, works):
    for seed in range(40):
        seen = changes(
            scenes.STOLEN, seed, at, [(3000, "session", "thief"), (5000, "flush", "thief")]
        )
        assert number(seen, "stolen") == works
        assert (number(seen, "out") > 0) == works
        assert sum("거절" in words for words in said(seen)) == (0 if works else 2)


def test_the_least_role_still_lets_a_fake_post_through():
    for seed in range(40):
        for at in (ADMIN, LEAST):
            assert number(changes(scenes.STOLEN, seed, at, [(3000, "post", "thief")]), "fake") > 0


def test_the_scene_answers_with_what_the_link_did():
    _, works, gone = theft.ROTATED.choices
    for at in (ADMIN, LEAST):
        seen = changes(scenes.STOLEN, 1, at, [(5000, "rotate", "service")])
        assert told(seen, "answer", "rotated")[0][0] == works
        cut = [(5000, "rotate", "service"), (6000, "cut", "service"), (9000, "list", "thief")]
        seen = changes(scenes.STOLEN, 1, at, cut)
        assert told(seen, "answer", "rotated")[0][0] == gone
        assert "연결하지 못합니다" in said(seen)[-1]


def test_cutting_without_a_new_password_lets_the_thief_back():
    lines = [(5000, "cut", "service"), (6500, "flush", "thief")]
    assert number(changes(scenes.STOLEN, 1, ADMIN, lines), "out") > 0


def test_cutting_first_and_rotating_later_does_not_throw_the_thief_out():
    """끊긴 도둑은 스스로 돌아옵니다. 그래서 차례가 있습니다."""
    seen = changes(scenes.STOLEN, 1, LEAST, [(5000, "cut", "service"), (8000, "rotate", "service")])
    assert any("다시 연결했습니다" in words for words in said(seen) if "도둑" in words)
    assert told(seen, "answer", "rotated")[0][0] == theft.ROTATED.choices[1]
    right = [(5000, "rotate", "service"), (9000, "cut", "service")]
    assert "도둑: 쥐고 있던 비밀번호로 다시 연결하지 못합니다." in said(
        changes(scenes.STOLEN, 1, LEAST, right)
    )


def test_nothing_is_asked_about_a_link_that_is_already_closed():
    lines = [(5000, "cut", "service"), (5500, "rotate", "service")]
    seen = changes(scenes.STOLEN, 1, LEAST, lines)
    assert not told(seen, "ask")
    assert "다시 연결하지 못합니다" in said(seen)[-1]


def test_people_never_suffer_from_what_the_operator_does():
    lines = [(5000, "rotate", "service"), (7000, "cut", "service")]
    for seed in range(40):
        seen = changes(scenes.STOLEN, seed, LEAST, lines)
        assert number(seen, "out") == number(seen, "fake") == 0


# --- 장면: 폭주 ---


def test_the_flood_scene_answers_what_it_counted():
    for seed in range(40):
        seen = changes(scenes.FLOOD, seed, None, PRESS)
        ((share, words),) = told(seen, "answer", "ordinary")
        sent, served = map(int, re.findall(r"(\d+)건", words))
        new = [time for time, kind, *what in seen if kind == "new" and what[1] == "people"]
        assert sent == sum(6 <= time <= 16 for time in new)
        assert share == pytest.approx(100 * served / sent)
        assert share < 70


def test_a_bucket_each_heals_the_flood_while_it_runs():
    for seed in range(40):
        seen = changes(scenes.FLOOD, seed, None, [*PRESS, (20_000, "way", 2), (20_000, "rate", 2)])
        refused = [time for time, *what in seen if what[:2] == ["count", "refused"]]
        assert refused, "하나를 나누는 동안에는 거절당합니다"
        assert max(refused) <= 20


def test_without_a_flood_nobody_is_hurt():
    for seed in range(40):
        seen = changes(scenes.FLOOD, seed, [2, 1, 1])
        assert number(seen, "refused") == number(seen, "late") == number(seen, "flood") == 0


def test_a_guess_is_not_answered_before_anything_was_sent():
    for seed in range(40):
        seen = changes(scenes.FLOOD, seed, None, [*PRESS, (6001, "way", 0)])
        ((_, words),) = told(seen, "answer", "ordinary")
        watched, sent, _ = map(int, re.findall(r"\d+(?=초|건)", words))
        assert sent > 0 or watched == 10


def test_a_guess_made_near_the_end_is_answered_too():
    seen = changes(scenes.FLOOD, 1, None, [(36_000, "flood", "flooder")])
    assert "4초 동안" in told(seen, "answer", "ordinary")[0][1]


def test_the_scene_says_whole_sentences_about_the_limit():
    for way, words in ((1, "모두가 버킷 하나를 나눠"), (2, "사람마다 버킷을 하나씩")):
        seen = changes(scenes.FLOOD, 1, None, [(3000, "way", 0), (4000, "way", way)])
        assert said(seen)[-1].startswith(f"{words} 씁니다.")


def test_late_answers_are_marked_too():
    seen = changes(scenes.FLOOD, 1, [0, 3, 1], PRESS)
    assert number(seen, "late") == len(told(seen, "mark", "late")) > 0


def test_the_challenge_counts_those_still_waiting():
    for seed in range(4):
        seen = changes(scenes.FAIR, seed, [0, 3, 0])
        arrived = [t for t, kind, *what in seen if kind == "new" and what[1] == "people"]
        late_or_waiting = sum(t < 41.5 for t in arrived) - number(seen, "ok")
        ((_, words),) = told(seen, "goal")
        assert int(re.search(r"요청 (\d+)건", words)[1]) >= late_or_waiting > number(seen, "late")


def test_the_flood_scene_survives_any_hand():
    for seed in range(40):
        seen = changes(scenes.FLOOD, seed, None, at_random(scenes.FLOOD, seed))
        assert len(told(seen, "answer", "ordinary")) == len(told(seen, "ask")) <= 1


def test_only_one_choice_meets_the_challenge():
    sizes = [range(len(knob.values)) for knob in scenes.FAIR.knobs]
    winners = [at for at in product(*sizes) if any(met(scenes.FAIR, s, list(at)) for s in range(4))]
    assert winners == [scenes.FAIR.challenge.at]


# --- 나쁜 입력 ---


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: bucket.wrong_expected(-0.1, 5),
        lambda: bucket.wrong_expected(0.5, 0),
        lambda: bucket.Pages(0),
        lambda: bucket.flooded(1, rate=0),  # 다른 값: 거절할 것
        lambda: flood.flooded("everyone", 1),
        lambda: flood.flooded(flood.EACH, 1, burst=0),  # 다른 값: 거절할 것
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()


# --- 저장된 실습 ---


def test_the_committed_lab_says_what_the_lesson_says(committed):
    results = committed(LAB)[1]
    assert results["served_each"] == "100.0%"
    assert results["passed"].startswith("129.")
    assert results["others_app"] == "0건"


def test_the_linked_moment_shows_the_thief_after_the_rotation():
    text = (execute.ROOT / "labs" / f"{LAB}.ipynb").read_text("utf-8")
    assert "#scene=stolen-password" in text


# --- 바꿔 보기 ---


def parameters(reader, item):
    (sql,) = re.findall(r'`("SELECT[^`]*")`', item)
    (call,) = re.findall(r"`(database\.execute\(sql, [^`]*\))`", item)
    cell = reader.cell("def search")
    old = next(line for line in cell.source.splitlines() if "sql = f" in line)
    reader.edit(old, f"    sql = {sql}")
    reader.edit("database.execute(sql)", call)
    reader.run_below("def search")
    assert reader.broken() == ["입력이 문장이 되면 모두의 글이 나옵니다"]


def a_big_bucket(reader, item):
    old, new = re.findall(r"`(sizes = \[[\d, ]*\])`", item)
    reader.edit(old, new)
    reader.run_below("wrong = {")
    assert dict.fromkeys(reader.broken()) == {"한꺼번에 오면 같은 평균에서도 더 거절당합니다": None}


def a_small_bucket(reader, item):
    old, new = re.findall(r"`(flood\.flooded\([^`]*\))`", item)
    reader.edit(old, new)
    reader.run_below(new)
    assert "사람마다 두면 보통 사람은 하나도 잃지 않습니다" in reader.broken()


def my_own(reader, item):
    assert "지나간 것: 4" in reader.run(hands.code_of(item))


TRIES = {
    "맨 위의 `search`": parameters,
    "`sizes = [1, 2, 5, 10]`": a_big_bucket,
    "페이지 하나보다 작게": a_small_bucket,
    "고정 윈도": my_own,
}
