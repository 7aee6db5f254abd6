"""장면을 듣고 키보드로 다니는 독자: 초점이 있는 곳과, 알림 영역에서 들리는 말."""

import pytest
from scene_page import description
from scene_tab import SCENE, at, idle, told

FOCUSED = (
    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"
)


def focused(page) -> str:
    return page.evaluate(FOCUSED)


def heard(page) -> str:
    """알림 영역에서 마지막으로 들린 말."""
    return page.locator(".ddialab-said[role=status]").inner_text()


@pytest.mark.parametrize("button", ["예상 남기기", "그냥 보기"])
def test_after_a_guess_the_focus_is_on_the_play_button(visit, button):
    page = visit("shelf")
    page.evaluate(f"{SCENE}.play()")
    page.locator(".dds-ask input").fill("8건")
    page.get_by_role("button", name=button).press("Enter")
    assert focused(page) == "멈춤"


def test_the_verdict_on_a_guess_is_said(visit):
    """들릴 자리는 판정보다 먼저 있어야 합니다. 말과 함께 생긴 영역은 읽히지 않습니다."""
    page = visit("shelf")
    region = page.locator("[role=status]:has(> .dds-compare)")
    assert region.evaluate("one => getComputedStyle(one).display") != "none"
    region.evaluate("one => { globalThis.kept = one; }")
    page.evaluate("ddialabGuess.remember('shelf-length/peeked', '1')")
    at(page, 6)
    assert region.inner_text() == "결과: 4건."
    assert region.evaluate("one => one === kept")


def test_a_question_with_choices_is_heard_on_arrival(visit):
    """초점은 첫 보기로 가므로, 묻는 말은 보기를 묶은 것의 이름이어야 들립니다."""
    page = visit("shelf")
    page.evaluate("ddialabGuess.remember('shelf-length/peeked', '1')")
    at(page, 6.9)
    page.evaluate(f"{SCENE}.play()")
    page.wait_for_selector(".dds-ask form")
    snapshot = page.locator(".dds-ask").aria_snapshot()
    assert 'group "예상해 보세요. 무엇이 먼저 사라질까요?"' in snapshot
    assert page.evaluate("document.activeElement.value") == "캐시"


def test_a_question_after_an_own_action_takes_the_focus(visit):
    """앞서 돌려 둔 모델이 조작한 그 순간에 물어도 같습니다."""
    page = visit("asking")
    page.locator("[data-action=kill]").press("Enter")
    page.wait_for_function(f"{SCENE}.playing")
    page.locator("[data-action=start]").press("Enter")
    page.wait_for_selector(".dds-ask form")
    idle(page)
    assert page.evaluate("document.activeElement.value") == "곧"


def test_a_hint_is_said(visit):
    page = visit("shelf")
    hints = page.locator(".dds-hints")
    assert hints.get_attribute("aria-live") == "polite"
    hints.evaluate("one => { globalThis.kept = one; }")
    page.get_by_role("button", name="힌트 1/3").press("Enter")
    assert hints.inner_text() == "첫째 힌트"
    assert hints.evaluate("one => one === kept")


def test_a_step_says_the_moment_and_its_sentence_once(visit):
    page = visit("cluster")
    at(page, 5.9)
    page.get_by_role("button", name="한 순간 앞으로").press("Enter")
    page.wait_for_function("document.querySelector('.ddialab-said').textContent")
    first = heard(page)
    assert first.startswith(page.inner_text(".dds-clock") + ". ")
    for _ in range(20):
        if "꺼졌습니다" in heard(page):
            break
        before = heard(page)
        page.get_by_role("button", name="한 순간 앞으로").press("Enter")
        page.wait_for_function(
            "was => document.querySelector('.ddialab-said').textContent !== was", arg=before
        )
    assert heard(page) == "6.0초. n1이 꺼졌습니다."
    assert page.get_attribute(".dds-now", "aria-live") == "off"  # 같은 말을 두 번 하지 않습니다
    page.get_by_role("button", name="처음으로").press("Enter")
    assert heard(page) == "0.0초."


def test_the_time_slider_says_the_sentence_of_the_moment(visit):
    page = visit("cluster")
    page.focus(".dds-range")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    assert page.get_attribute(".dds-range", "aria-valuetext") == "9.0초"  # 시각은 막대가 읽습니다
    page.wait_for_function("document.querySelector('.ddialab-said').textContent.includes('n1')")
    assert heard(page) == "6.0초: n1이 꺼졌습니다.", "지난 일이면 언제의 일인지까지"


def test_the_end_is_said_with_its_counters(visit):
    page = visit("cluster")
    at(page, 29.9)
    ended = "끝났습니다. 성공 {}, 실패 {}.".format(*page.locator(".dds-count b").all_inner_texts())
    page.click(".dds-play")
    page.wait_for_function(f"!{SCENE}.playing && {SCENE}.time === 30000")
    assert heard(page) == ended
    page.click(".dds-play")
    assert heard(page) == ""  # 다시 끝나면 다시 들립니다


def test_scenes_on_one_page_have_names_of_their_own(visit):
    page = visit("both")
    for name in ("cluster", "shelf"):
        title = description(name)["title"]
        assert page.get_by_role("figure", name=title, exact=True).count() == 1


def test_forgetting_says_where_one_is_and_keeps_the_focus(visit):
    page = visit("cluster")
    page.locator("[data-action=kill]").press("Enter")
    page.wait_for_function(f"{SCENE}.playing")
    page.get_by_role("button", name="내 조작 지우기").press("Enter")
    assert focused(page) == "재생"
    assert heard(page) == "0.0초."


def test_the_question_on_the_way_of_a_link_names_the_moment_first(visit):
    about = description("shelf")
    page = visit("shelf", f"#scene=shelf&seed=3&at=0&a=&t=6000&m={about['digest']}")
    page.wait_for_selector(".dds-ask form")
    name = "이 링크는 6.0초의 장면입니다. 먼저 예상해 보세요."
    assert page.get_by_role("group", name=name).count() == 1
    assert page.evaluate("document.activeElement.closest('.dds-ask') !== null")


def test_what_the_sender_of_a_link_did_is_not_counted_as_own(visit):
    page = visit("cluster", "#scene=by-hand&seed=7&at=2&a=6000.kill.n2&t=9000&m=0a1b2c3d")
    page.wait_for_function(f"{SCENE}.time === 9000 && !{SCENE}.actions.pressing")
    at(page, 3)
    page.locator("[data-action=kill]").press("Enter")
    page.wait_for_function(f"{SCENE}.playing")
    assert told(page) == ""
