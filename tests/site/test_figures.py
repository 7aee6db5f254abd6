"""움직이는 그림: 커널도 서버도 없이 슬라이더가 그림을 바꾸고, 재생기가 재생하고 되감습니다."""

import pytest
from reader import BOOK, PAGES, Reader

FRAME = ".ddialab-scroll"


def pages_with(mark: str) -> list[str]:
    return [path for path in PAGES if mark in (BOOK / path).read_text("utf-8")]


def calm(read, path: str):
    """움직임을 줄여 달라는 독자의 페이지. 재생기는 0.5초마다 건너뜁니다."""
    return read(path, reduced_motion="reduce").page


@pytest.mark.parametrize("path", pages_with("ddialab-explore"))
def test_every_knob_step_by_keyboard_changes_the_picture(read, path):
    page = read(path).page
    for figure in page.locator(".ddialab-explore").all():
        picture, words = figure.locator(FRAME), figure.locator("output")
        for i, knob in enumerate(figure.locator("input[type=range]").all()):
            knob.press("Home")
            first = seen = picture.inner_html()
            for _ in range(int(knob.get_attribute("max"))):
                before = words.nth(i).inner_text()
                knob.press("ArrowRight")
                assert picture.inner_html() != seen, (knob.get_attribute("aria-label"), before)
                assert words.nth(i).inner_text() != before
                assert knob.get_attribute("aria-valuetext") == words.nth(i).inner_text()
                seen = picture.inner_html()
            knob.press("Home")
            assert picture.inner_html() == first


@pytest.fixture
def apart(browser, address):
    """남과 나누지 않는 탭을 쓰는 독자. 손으로 돌리기 시작한 시계는 되돌릴 수 없습니다."""
    reader = Reader(browser, address, reduced_motion="reduce")
    yield reader
    reader.context.close()


@pytest.mark.parametrize("path", pages_with("ddialab-player"))
def test_player_plays_and_pauses(apart, path):
    page = apart.open(path)
    page.clock.install()
    page.clock.pause_at(2**31)
    player = page.locator(".ddialab-player").first
    shown = player.locator(".ddp-clock")
    start = shown.inner_text()
    player.get_by_role("button", name="재생", exact=True).press("Enter")
    page.clock.run_for(1_200)
    assert shown.inner_text() != start
    player.get_by_role("button", name="멈춤").press("Enter")
    stopped = shown.inner_text()
    page.clock.run_for(1_200)  # 두 걸음이 넘어도 그대로여야 멈춘 것입니다
    assert shown.inner_text() == stopped


@pytest.mark.parametrize("path", pages_with("ddialab-player"))
def test_player_goes_back_without_changing_the_record(read, path):
    """끝까지 갔다가 처음으로 되감고 다시 가면 똑같은 화면이어야 합니다."""
    page = calm(read, path)
    for player in page.locator(".ddialab-player").all():
        slider, board = player.locator("input[type=range]"), player.locator(".ddp-board")
        begin = board.inner_text()
        slider.press("End")
        end = board.inner_text()
        assert end != begin
        slider.press("Home")
        assert board.inner_text() == begin
        slider.press("End")
        assert board.inner_text() == end
        player.get_by_role("button", name="한 사건 뒤로").press("Enter")
        assert player.locator(".ddp-now").inner_text().strip()


@pytest.mark.parametrize("path", pages_with("ddialab-player"))
def test_reader_can_turn_a_node_off(read, path):
    page = calm(read, path)
    for player in page.locator(".ddialab-player:has([data-name])").all():
        button = player.locator("[data-name]").first
        player.locator("input[type=range]").press("End")
        stage = player.locator(".ddp-strip").inner_html()
        button.press("Enter")
        assert button.get_attribute("aria-pressed") == "true"
        assert player.locator(".ddp-strip").inner_html() != stage


@pytest.mark.parametrize("path", pages_with("ddialab-predict"))
def test_guess_is_kept_in_the_browser_and_compared(read, path):
    reader = read(path)
    form = reader.page.locator(".ddialab-predict").first
    numbers = form.locator("input[type=text]")
    if numbers.count():
        numbers.fill("2")
    else:
        form.locator("input[type=radio]").first.check()
    asked = len(reader.requests)
    form.get_by_role("button", name="예상 남기기").press("Enter")
    reader.page.locator(".ddialab-compare", has_text="예상 ").first.wait_for()
    assert len(reader.requests) == asked, "예상은 어디에도 보내지 않습니다"
    reader.page.reload()
    assert "전에 적어 둔 예상" in form.inner_text()


@pytest.mark.parametrize("path", pages_with("ddialab-check"))
def test_self_check_answers_right_and_wrong(read, path):
    page = read(path).page
    for form in page.locator(".ddialab-check").all():
        replies = []
        for choice in form.locator("input[type=radio]").all():
            choice.check()
            form.get_by_role("button", name="확인").click()
            replies.append(form.locator("[role=status]").inner_text())
        assert sum(reply.startswith("맞습니다") for reply in replies) == 1
        assert all(len(reply) > 5 for reply in replies)
