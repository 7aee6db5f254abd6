"""장면의 물음: 멈추어 묻고, 예상한 다음에 답합니다."""

import pytest
from scene_tab import DESK, PHONE, SCENE, at, hint, told


def test_the_scene_halts_and_asks_before_it_tells(visit):
    page = visit("shelf")
    at(page, 19)
    assert page.evaluate(f"{SCENE}.time") == 2000
    drawn = page.inner_html(".dds")
    assert "4건" not in drawn
    assert "m4" not in drawn
    form = page.locator(".dds-ask form")
    form.get_by_role("button", name="예상 남기기").click()
    assert "먼저 예상을 적으세요" in form.inner_text()
    form.locator("input").fill("많이")
    form.get_by_role("button", name="예상 남기기").click()
    assert "읽을 수 없습니다" in form.inner_text()
    form.locator("input").fill("8건")
    form.locator("input").press("Enter")
    page.wait_for_function(f"{SCENE}.time > 2000")
    assert page.evaluate("localStorage.getItem('ddialab:shelf.html:shelf-length')") == "8건"
    at(page, 6)
    said = "예상: 8건. 결과: 4건. 예상이 2배 컸습니다."
    assert said in page.inner_text(".dds-compare")
    result = "localStorage.getItem('ddialab:shelf.html:shelf-length/result')"
    assert page.evaluate(result) == said, "진도가 예상 곁에 보여 줍니다"
    at(page, 3)
    assert not page.is_visible(".dds-compare")


def test_a_reader_may_look_without_guessing(visit):
    page = visit("shelf")
    page.evaluate(f"{SCENE}.play()")
    page.wait_for_selector(".dds-ask form")
    assert page.evaluate("document.activeElement.type") == "text"  # 재생이 멈춘 곳으로 갑니다
    page.get_by_role("button", name="그냥 보기").click()
    at(page, 19)
    assert page.evaluate(f"{SCENE}.time") == 7000
    page.get_by_label("캐시", exact=True).check()
    page.get_by_role("button", name="예상 남기기").click()
    at(page, 19)
    lines = page.inner_text(".dds-compare").splitlines()
    assert lines == ["결과: 4건.", "예상: 「캐시」.", "결과: 「캐시」.", "맞혔습니다."]
    results = "Object.entries(localStorage).filter(([name]) => name.endsWith('/result'))"
    [[_, said]] = page.evaluate(results)
    assert said == "예상: 「캐시」. 결과: 「캐시」. 맞혔습니다."


def test_play_leads_to_the_open_question(visit):
    page = visit("shelf")
    at(page, 19)
    for press in ("재생", "한 순간 앞으로"):
        page.get_by_role("button", name=press, exact=True).press("Enter")
        page.wait_for_function("document.activeElement.type === 'text'")
        assert told(page) == "먼저 예상하거나 「그냥 보기」를 누르세요."
        assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 2000]
    assert hint(page) == "예상하면 이어집니다."
    page.get_by_role("button", name="그냥 보기").press("Enter")
    assert page.evaluate("document.activeElement.innerText").strip() == "멈춤", (
        "물음은 사라졌습니다"
    )
    assert told(page) == ""


@pytest.mark.parametrize(("size", "tag"), [(DESK, "INPUT"), (PHONE, "LABEL")])
def test_on_a_phone_the_keyboard_does_not_cover_the_picture(visit, size, tag):
    page = visit("shelf", size=size)
    page.evaluate(f"{SCENE}.play()")
    page.wait_for_selector(".dds-ask form")
    assert page.evaluate("document.activeElement.tagName") == tag
    assert "큐의 길이는" in page.evaluate("document.activeElement.closest('label').textContent")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_what_was_asked_about_is_in_sight_after_the_answer(visit, size):
    """물음은 그림 아래에 있어, 답하러 내려간 독자는 답의 움직임을 놓칩니다."""
    page = visit("shelf", size=size, reduced_motion="reduce")  # 옮긴 곳에 곧바로 가게
    page.evaluate("document.body.style.paddingBottom = '3000px'")
    at(page, 19)
    page.evaluate("document.querySelector('.dds-ask').scrollIntoView()")
    seen = """() => {
      const box = (one) => document.querySelector(one).getBoundingClientRect();
      return box(".dds-board").top >= 0 && box(".dds-stage").top >= box(".dds-board").bottom - 1
        && box(".dds-line").bottom <= innerHeight;
    }"""
    assert not page.evaluate(seen), "물음을 읽는 동안에는 그림이 가려져 있습니다"
    page.get_by_role("button", name="그냥 보기").click()
    page.wait_for_function(seen)
    place = page.evaluate("scrollY")
    page.evaluate(f"{SCENE}.look()")
    assert page.evaluate("scrollY") == place, "보이면 그대로 둡니다"


def test_a_question_is_heard_with_its_choices_and_so_is_its_answer(visit):
    page = visit("shelf")
    at(page, 19)
    page.get_by_role("button", name="그냥 보기").click()
    at(page, 19)
    group = page.get_by_role("group", name="예상해 보세요. 무엇이 먼저 사라질까요?")
    assert group.get_by_role("radio").count() == 2
    assert page.get_by_role("status").filter(has_text="결과: 4건.").count() == 1
