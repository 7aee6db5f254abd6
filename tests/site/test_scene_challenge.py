"""장면의 도전: 힌트와 풀이와 까닭, 그리고 누가 이루었나."""

from scene_page import SHELF, description
from scene_tab import SCENE, asked, at, idle


def test_a_challenge_gives_three_hints_before_its_solution(visit):
    page = visit("shelf")
    solution = page.get_by_role("button", name="풀이 보기")
    for step in (1, 2, 3):
        assert not solution.is_visible()
        page.get_by_role("button", name=f"힌트 {step}/3").press("Enter")
    assert page.locator(".dds-hints li").all_inner_texts() == [
        "첫째 힌트",
        "둘째 힌트",
        "셋째 힌트",
    ]
    # 풀이로 초점이 가면, 한 번 더 누른 손이 보려 하지 않은 풀이를 봅니다
    assert page.evaluate("document.activeElement.textContent") == "셋째 힌트"
    assert page.get_attribute(".dds-hints", "aria-live") == "polite"
    solution.press("Enter")
    page.wait_for_function(f"{SCENE}.reel !== {SCENE}.saved")
    opened = next(one for one in asked(page) if one != "connect")
    assert (opened["at"], opened["actions"]) == ([1], [])


def test_a_challenge_starts_with_the_sliders_as_they_stand(visit):
    """처음 설정으로 되돌리면, 독자가 맞춰 둔 답을 버립니다."""
    page = visit("shelf")

    def opened():
        return [one for one in asked(page) if one != "connect" and one["do"] == "open"]

    page.locator(".dds-knobs input").first.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.reel !== {SCENE}.saved")
    before = len(opened())
    page.get_by_role("button", name="도전 시작").press("Enter")
    page.wait_for_function(
        f"fake.log.filter((one) => one.do === 'open').length > {before} && {SCENE}.playing"
    )
    assert len(opened()) == before + 1
    assert (opened()[-1]["at"], opened()[-1]["actions"]) == ([1], [])


def test_the_reason_comes_only_after_the_goal_is_met(visit):
    page = visit("shelf")
    why = description(SHELF)["challenge"]["why"]
    assert why not in page.inner_text(".dds-challenge")
    page.locator(".dds-knobs input").first.press("ArrowRight")
    reach_the_goal(page)
    assert why in page.get_by_role("status").filter(has_text="목표를 이뤘습니다").inner_text()
    page.evaluate(f"{SCENE}.rewind()")
    assert why not in page.inner_text(".dds-challenge")


def progress(page) -> list[str]:
    """이 브라우저의 진도에 남은 도전."""
    kept = page.evaluate("Object.keys(localStorage)")
    return sorted(name.split(":")[2] for name in kept if name.endswith("/met"))


def reach_the_goal(page) -> str:
    """목표를 이루는 데까지 가서, 판정을 돌려줍니다."""
    page.wait_for_function(f"{SCENE}.reel !== {SCENE}.saved")
    idle(page)
    page.evaluate(f"{SCENE}.pause(); {SCENE}.branch.grow(2000)")
    idle(page)
    at(page, 2)
    assert page.evaluate(f"{SCENE}.story.after({SCENE}.index).goal[0]")
    return page.inner_text(".dds-verdict")


def test_only_what_the_reader_did_is_a_challenge_met(visit):
    page = visit("shelf")
    for step in (1, 2, 3):
        page.get_by_role("button", name=f"힌트 {step}/3").press("Enter")
    page.get_by_role("button", name="풀이 보기").press("Enter")
    assert reach_the_goal(page).startswith("풀이로 목표를 이뤘습니다.")
    assert progress(page) == []
    page.evaluate(f"{SCENE}.forget()")
    page.locator(".dds-knobs input").first.press("ArrowRight")
    assert reach_the_goal(page).startswith("목표를 이뤘습니다.")
    assert page.get_attribute(".dds-verdict", "data-met") == "true"
    assert progress(page) == ["shelf/met"]
    solved = "#scene=shelf&seed=7&at=1&a=&t=2000&m=" + description(SHELF)["digest"]
    page = visit("shelf", solved)
    assert reach_the_goal(page).startswith("보낸 사람의 조작으로 목표를 이뤘습니다.")
    assert page.get_attribute(".dds-verdict", "data-met") is None
    assert description(SHELF)["challenge"]["why"] not in page.inner_text(".dds-challenge")
    assert progress(page) == []
