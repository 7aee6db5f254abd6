"""장면의 슬라이더: 돌리면 무엇이 남고 무엇이 처음부터인가."""

import pytest
from scene_tab import SCENE, asked, at, told


def test_a_live_knob_keeps_the_past_and_another_starts_over(visit):
    page = visit("both")
    at(page, 5)
    page.evaluate(f"{SCENE}.play()")
    page.locator(".dds-knobs input").first.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.playing && {SCENE}.branch.live.reel?.story.actions.length")
    assert {"do": "act", "name": "rate", "target": 3} in asked(page)
    assert page.locator(".dds-knobs output").first.inner_text() == "초당 20건"
    page.locator(".dds-knobs input").nth(1).press("ArrowRight")
    page.wait_for_function("ddialabScene.mounted[1].reel !== ddialabScene.mounted[1].saved")
    opened = next(one for one in asked(page) if one != "connect" and one.get("scene") == "shelf")
    assert (opened["at"], opened["actions"]) == ([1], [])


def test_starting_over_keeps_the_other_knobs_where_the_reader_left_them(visit):
    page = visit("retries")
    rate, retries = (page.locator(".dds-knobs input").nth(i) for i in (0, 1))
    at(page, 5)
    rate.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.actions.length")
    retries.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.at[1] === 1")
    opened = [one for one in asked(page) if one != "connect" and one["do"] == "open"][-1]
    assert (opened["at"], opened["actions"]) == ([3, 1], [])


def test_a_knob_turned_twice_in_a_row_goes_two_steps(visit):
    """모델이 답하기 전에 또 눌러도, 모델이 앞서 돌고 있어도 앞의 것이 남습니다."""
    page = visit("cluster")
    at(page, 5)
    page.evaluate(f"""async () => {{
      const {{ branch }} = {SCENE}, input = document.querySelector(".dds-knobs input");
      const press = (way) => {{ input[way](); input.dispatchEvent(new Event("change")); }};
      const answered = async () => {{ await branch.live.last; {SCENE}.pause(); }};
      press("stepDown"), press("stepDown");
      await answered();
      await branch.grow({SCENE}.time);
      press("stepUp");
      await answered();
      press("stepUp");
      await answered();
    }}""")
    assert [place for *_, place in page.evaluate(f"{SCENE}.story.actions")] == [1, 0, 1, 2]
    assert told(page) == ""


@pytest.mark.parametrize(("seconds", "knob"), [(30, 0), (30, 1), (0, 0), (0, 1), (9, 1)])
def test_a_knob_at_the_end_or_the_beginning_sets_the_next_run(visit, seconds, knob):
    """돌린 값과 조작이 남고, 누르기 전에는 움직이지 않습니다."""
    page = visit("retries")
    at(page, seconds)
    page.locator(".dds-knobs input").nth(knob).press("ArrowRight")
    page.wait_for_function(f"{SCENE}.reel !== {SCENE}.saved && !{SCENE}.actions.pressing")
    placed = [3, 0] if knob == 0 else [2, 1]
    acts = [[6000, "kill", "n1"], [14000, "start", "n1"]]
    assert page.evaluate(f"[{SCENE}.story.at, {SCENE}.story.actions]") == [placed, acts]
    assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 0]
    assert told(page) == ("설정을 바꾸어 처음으로 돌아왔습니다." if seconds == 9 else "")
    page.click(".dds-play")
    page.wait_for_function(f"{SCENE}.time > 700")
    values = page.locator(".dds-knobs input").evaluate_all("all => all.map((one) => +one.value)")
    assert values == placed


def test_a_knob_turned_while_paused_shows_that_moment_and_stays_there(visit):
    page = visit("cluster")
    at(page, 5)
    page.locator(".dds-knobs input").first.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.actions.length && !{SCENE}.actions.pressing")
    assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 5000]
    assert page.evaluate(f"{SCENE}.story.actions") == [[5000, "rate", 3]]


def test_a_knob_turned_while_playing_goes_on(visit):
    page = visit("retries")
    page.evaluate(f"{SCENE}.seek(5000); {SCENE}.play()")
    page.locator(".dds-knobs input").nth(1).press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.at[1] === 1 && {SCENE}.playing && {SCENE}.time > 0")
