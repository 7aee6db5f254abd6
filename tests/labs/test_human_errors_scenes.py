"""실습 10의 장면들: 되살릴 시점이 정하는 것, 도전, 설정을 내보내는 작은 장면."""

from __future__ import annotations

import re

import pytest

from ddialab.experiments.human_errors import canary, release, scenes
from playing import changes, last, met, told, turned

SEEDS = range(canary.SEEDS.stop, 2 * canary.SEEDS.stop)


def lost(seed, *lines):
    """첫 장면에서 조작 ``lines``를 한 뒤에 잃은 글의 수."""
    lines = [(ms, name, target or "posts") for ms, name, target in lines]
    return last(changes(scenes.TOY, seed, script=lines), "count", "lost")


def test_what_the_first_scene_gives_back_depends_on_the_moment_that_is_picked():
    before = scenes.MOMENTS.index(9.0)
    for seed in SEEDS:
        delete, pick = (9_100, "delete", None), (12_000, "point", before)
        untouched = lost(seed, delete)
        replayed = lost(seed, delete, pick, (16_000, "replay", None))
        copied = lost(seed, delete, pick, (16_000, "copy", None))
        assert untouched > 0 < replayed <= copied, "앞선 시점으로 가면 실수 뒤의 글을 잃습니다"


def test_the_answer_of_the_first_scene_follows_what_the_reader_did():
    _, some, none = scenes.AGAIN.choices
    delete, replay = (9_100, "delete", "posts"), (15_000, "replay", "posts")
    for seed in SEEDS:
        end = changes(scenes.TOY, seed, script=[delete, replay])
        assert last(end, "answer", "replayed") == none, "로그에는 DELETE도 있습니다"
        early = changes(scenes.TOY, seed, script=[delete, (12_000, "point", 17), replay])
        assert "ask" not in [change[1] for change in early], (
            "DELETE를 재생하지 않으면 묻지 않습니다"
        )
    twice = [(2_000, "delete", "posts"), (10_000, "delete", "posts"), (11_000, "point", 14)]
    between = [
        last(
            changes(scenes.TOY, seed, script=[*twice, (12_000, *replay[1:])]), "answer", "replayed"
        )
        for seed in SEEDS
    ]
    assert between.count(some) > 30, "두 DELETE의 사이로 돌아가면 그사이에 쓴 것만 돌아옵니다"


def said(seen) -> str:
    """장면이 한 말을 차례로."""
    return "\n".join(words for (words,) in told(seen, "say"))


def test_the_first_scene_says_at_once_why_nothing_came_back():
    """끝까지 다시 실행하면 DELETE도 실행됩니다. 앞까지만이면 그 까닭을 말하지 않습니다."""
    reason, late = "로그에 DELETE도 있습니다", "DELETE 뒤에 뜬 스냅샷입니다"
    delete, early = (9_100, "delete", "posts"), (12_000, "point", 16)
    for seed in SEEDS:
        end = changes(scenes.TOY, seed, script=[delete, (15_000, "replay", "posts")])
        assert reason in said(end)
        assert late not in said(end)
        before = changes(scenes.TOY, seed, script=[delete, early, (15_000, "replay", "posts")])
        assert reason not in said(before)
        assert late not in said(before)
        copied = changes(scenes.TOY, seed, script=[delete, (17_000, "copy", "posts")])
        assert late in said(copied)
        assert reason not in said(copied)


def test_the_first_scene_tells_on_which_side_of_the_delete_the_moment_lies():
    deletes = [(4_980, "delete", "posts"), (6_980, "delete", "posts")]
    for moment, side in ((4.5, "앞"), (5.0, "DELETE 사이"), (7.0, "뒤"), (scenes.END, "뒤")):
        pick = (8_000, "point", scenes.MOMENTS.index(moment))
        seen = changes(scenes.TOY, 1, script=[*deletes, pick])
        assert said(seen).endswith(f"{side}입니다.")
        assert scenes.moment_name(moment) in said(seen)
    assert said(changes(scenes.TOY, 1, script=[(8_000, "point", 3)])) == ""


def test_even_a_delete_pressed_first_of_all_can_be_undone():
    pick, replay = (3_000, "point", 0), (3_100, "replay", "posts")
    seen = changes(scenes.TOY, 1, script=[(0, "delete", "posts"), pick, replay])
    assert "DELETE(1.00초) 앞입니다" in said(seen)
    assert "로그에 DELETE도" not in said(seen)
    assert "다시 엽니다" in said(seen)


@pytest.mark.parametrize("back", ["copy", "replay"])
def test_a_restore_pressed_while_a_delete_is_being_typed_loses_no_delete(back):
    """「칩니다」를 듣고 곧바로 되살리기를 눌러도, 그 DELETE가 없던 일이 되지 않습니다."""
    seen = changes(scenes.TOY, 1, script=[(500, "delete", "posts"), (700, back, "posts")])
    assert any("아직 실행되지 않았습니다" in said for (said,) in told(seen, "say"))
    assert ("DEL",) in told(seen, "push", "log")
    assert last(seen, "count", "lost") > 0


def test_the_snapshot_that_would_be_restored_is_marked():
    pick = (29_000, "point", scenes.MOMENTS.index(12.0))  # 마지막 스냅샷보다 뒤
    for script, taken in (((), "24.0초"), ([pick], "8.0초")):
        rows = dict(told(changes(scenes.TOY, 1, script=script), "put", "copies"))
        assert [key for key, row in rows.items() if row.endswith("◀")] == [taken]


def test_numbers_that_are_given_again_are_told():
    """잃은 글의 번호를 새 글이 다시 씁니다. 로그의 오프셋은 되돌아가지 않습니다."""
    for seed in SEEDS:
        delete, copy = (9_100, "delete", "posts"), (15_000, "copy", "posts")
        seen = changes(scenes.TOY, seed, script=[delete, (12_000, "point", 16), copy])
        names = [item for (item,) in told(seen, "push", "log")]
        kept = int(re.search(r"새 글의 번호는 다시 (\d+)부터", said(seen))[1])
        assert names.count(f"글{kept}") == 2
        assert names.count(f"글{kept - 1}") == 1
    whole = changes(scenes.TOY, 1, script=[delete, (15_000, "replay", "posts")])
    names = [item for (item,) in told(whole, "push", "log")]
    assert "새 글의 번호" not in said(whole)
    assert len(names) == len(set(names))


def test_the_drill_tells_what_a_press_did():
    at, [press] = scenes.DRILL.challenge.at, scenes.DRILL.challenge.script
    early, again = (16_000, *press[1:]), (30_000, *press[1:])
    for seed in SEEDS:
        seen = changes(scenes.DRILL, seed, at, [early, press, again])
        assert "아직 아무도 모릅니다" in said(seen)
        assert "다시 엽니다. 잃은 글이 없습니다." in said(seen)
        assert "이미 되살렸습니다" in said(seen)
        [(met, _)] = told(seen, "goal")
        [back] = [when for when, kind, *_ in seen if kind == "goal"]
        assert (met, back < 25) == (True, True), "다시 열자마자 판정합니다"


PRESSES = [(17_500, "restore", "posts"), (23_100, "restore", "posts")]  # 알림이 울린 바로 뒤


def test_no_single_slider_meets_the_challenge_with_well_timed_presses():
    for at in turned(scenes.DRILL):
        assert not any(met(scenes.DRILL, seed, at, PRESSES) for seed in SEEDS), at


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_the_challenge_needs_every_part_of_its_solution(left):
    """풀이에서 슬라이더 하나만 처음 값으로 두면 이루지 못합니다."""
    at = list(scenes.DRILL.challenge.at)
    at[left] = scenes.DRILL.start()[left]
    assert not any(met(scenes.DRILL, seed, at, PRESSES) for seed in SEEDS)


def test_a_configuration_for_one_server_first_hurts_less():
    for seed in SEEDS:
        everyone, careful = (
            changes(scenes.RELEASE, seed, script=[(4_000, name, "lb")])
            for name in ("all", "canary")
        )
        failed = last(everyone, "count", "fail"), last(careful, "count", "fail")
        assert failed[0] > 2 * failed[1] > 0
        limits = [last(careful, "put", name, "한도") for name in release.SERVERS]
        assert limits == [f"{canary.OLD_LIMIT}자"] * len(limits), "나쁜 설정은 롤백됩니다"
        first = next(text for (text,) in told(careful, "say"))
        [fresh] = [
            name
            for time, kind, name, *put in careful
            if kind == "put" and time == 4 and put == ["한도", f"{canary.NEW_LIMIT}자"]
        ]
        assert first == f"{fresh}에 새 설정을 내보냈습니다.", "어느 서버인지 말합니다"
        whole = next(text for (text,) in told(everyone, "say"))
        assert whole == f"{', '.join(release.SERVERS)}에 새 설정을 내보냈습니다."
    idle = changes(scenes.RELEASE, 1)
    assert "fail" not in [change[2] for change in idle if change[1] == "count"]
