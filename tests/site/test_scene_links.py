"""이 순간의 링크: 같은 장면이 열리고, 이상한 링크는 까닭을 말합니다."""

from scene_tab import SCENE, asked, at, idle, told

GOOD = "#scene=by-hand&seed=7&at=2&a=6000.kill.n1,8000.rate.3&t=9000&m=0a1b2c3d"

BAD = [
    GOOD.replace("seed=7", "seed=1e99"),
    GOOD.replace("seed=7", "seed=NaN"),
    GOOD.replace("seed=7", "seed=-1"),
    GOOD.replace("at=2", "at=9"),
    GOOD.replace("at=2", "at=2,0"),
    GOOD.replace("kill.n1", "kill.n9"),
    GOOD.replace("kill.n1", "constructor.n1"),
    GOOD.replace("kill.n1", "kill.__proto__"),
    GOOD.replace("rate.3", "rate.4"),
    GOOD.replace("rate.3", "rate.03x"),
    GOOD.replace("8000.", "5000."),  # 시각이 거꾸로
    GOOD.replace("8000.", "40000."),  # 장면이 끝난 뒤
    GOOD.replace("t=9000", "t=90000"),
    GOOD.replace("t=9000", "t=9000.5555"),
    GOOD.replace(",", "%2C"),
    GOOD.replace("n1", "n1\u202e"),
    GOOD.replace("n1", "<img src=x onerror=alert(1)>"),
    GOOD.replace("m=0a1b2c3d", "m=xyz"),
    GOOD + "&more=1",
    GOOD + "\n",
    GOOD.replace("a=6000.kill.n1", "a=" + ",".join(["6000.kill.n1"] * 65)),
    GOOD.replace("6000.kill.n1", "6000.kill.n1," * 80_000),
]

READ = f"hash => ddialabScene.link.read(hash, {SCENE}.description)"


def test_links_are_read_by_a_strict_grammar(visit):
    page = visit("cluster")
    read = page.evaluate(READ, GOOD)
    assert read["actions"] == [[6000, "kill", "n1"], [8000, "rate", 3]]
    assert (read["seed"], read["at"], read["time"], read["old"]) == (7, [2], 9000, False)
    assert page.evaluate(READ, GOOD.replace("0a1b2c3d", "00000000"))["old"]
    assert [bad[:80] for bad in BAD if page.evaluate(READ, bad) is not None] == []


def test_a_link_opens_the_same_moment(visit):
    page = visit("cluster", GOOD)
    page.wait_for_function(f"{SCENE}.time === 9000")
    idle(page)
    opened = asked(page)[1]
    assert (opened["actions"], opened["seed"]) == ([[6000, "kill", "n1"], [8000, "rate", 3]], 7)
    assert not page.evaluate(f"{SCENE}.playing")
    assert page.locator(".dds-knobs output").inner_text() == "초당 20건"
    written = page.evaluate(f"ddialabScene.link.write({SCENE}.story, 9000, {SCENE}.description)")
    assert written == GOOD
    # 밀리초로 내리면, 한 순간씩 가서 멈춘 독자의 바로 앞 순간이 열립니다
    between = GOOD.replace("t=9000", "t=9000.4")
    link = f"ddialabScene.link.write({SCENE}.story, 9000.4, {SCENE}.description)"
    assert page.evaluate(link) == between
    page.evaluate("hash => { location.hash = hash; }", between)
    page.wait_for_function(f"{SCENE}.time === 9000.4")
    page.evaluate("location.hash = '#scene=by-hand&seed=7&at=2&a=6000.kill.n1&t=7000&m=0a1b2c3d'")
    page.wait_for_function(f"{SCENE}.time === 7000")
    assert page.evaluate(f"{SCENE}.reel === {SCENE}.saved")  # 저장된 장면의 순간입니다


ASKS = "#scene=shelf&seed=3&at=0&a=&t=11000&m=ffffffff"  # 물음 둘을 지난 순간


def test_a_link_past_a_question_says_so_and_goes_there_once_answered(visit):
    page = visit("shelf", ASKS)
    for answer in (
        lambda: page.locator(".dds-ask input").fill("8"),
        lambda: page.get_by_label("큐", exact=True).check(),
    ):
        ask = page.locator(".dds-ask form")
        assert "이 링크는 11.0초의 장면입니다. 먼저 예상해 보세요." in ask.inner_text()
        assert ask.locator(":focus").count() == 1
        assert page.evaluate(f"{SCENE}.time") in (2000, 7000)
        assert "목표" not in page.inner_text(".dds-verdict")
        assert "캐시" not in page.text_content(".dds-compare")
        answer()
        page.get_by_role("button", name="예상 남기기").click()
    assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 11_000]
    assert told(page) == "11.0초의 장면입니다."
    assert page.inner_text(".dds-count b") == "3"


def test_the_button_goes_straight_to_the_moment_of_the_link(visit):
    page = visit("shelf", ASKS)
    assert page.get_by_role("button", name="그냥 보기").count() == 0
    page.get_by_role("button", name="그 순간으로").click()
    assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 11_000]
    assert page.locator(".dds-ask form").count() == 0
    kept = page.evaluate("Object.keys(localStorage).filter((name) => name.endsWith('/peeked'))")
    assert len(kept) == 2
    page.get_by_role("button", name="처음으로").click()
    page.evaluate(f"{SCENE}.play()")
    page.wait_for_function(f"{SCENE}.time > 100")
    assert told(page) == ""


def test_an_old_link_says_so_and_a_bad_one_shows_the_scene_as_usual(visit):
    page = visit("cluster", GOOD.replace("0a1b2c3d", "00000000"))
    page.wait_for_function(f"{SCENE}.time === 9000 && !{SCENE}.actions.pressing")
    assert "모델이 바뀌었습니다" in told(page)
    for bad in ("#scene=<img src=x onerror=alert(1)>", "#scene=another&seed=1", GOOD + "&x"):
        page = visit("cluster", bad)
        assert "링크를 읽을 수 없습니다" in told(page)
        assert page.evaluate(f"{SCENE}.time") == 0
        assert page.locator("img").count() == 0
        assert asked(page) == []
    page = visit("cluster", "#another-heading")
    assert told(page) == ""


def test_a_refused_clipboard_leaves_the_link_to_copy_by_hand(visit):
    page = visit("cluster")
    at(page, 7.5)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.get_by_role("button", name="이 순간의 링크 복사").click()
    page.wait_for_selector(".dds-address")
    link = page.input_value(".dds-address")
    assert link.endswith("#scene=by-hand&seed=7&at=2&a=6000.kill.n1&t=7500&m=0a1b2c3d")
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == link
