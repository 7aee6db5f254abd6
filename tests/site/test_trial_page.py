"""직접 쓰는 정책: 페이지에서 쓰고, 실행하고, 틀리고, 다시 실행합니다. 책 없이 작은 페이지에서."""

from __future__ import annotations

import pytest
from checks.axe import SOURCE as AXE
from reader import PAGES, SETTLED, UNFOLD, Reader, source, visiting
from scene_page import THEME
from static_host import StaticHost

from ddialab.core.trial import scores, verdict
from ddialab.show.face import asset
from ddialab.show.trial import static_face
from live import files
from policies import ENDLESS, HUNGRY, LATEST, TRIALS, WRONG, function, written
from waiting import wait_until

NAME = "eviction"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 667}
HEAD = (
    '<!doctype html><html lang="ko" class="js" data-page="labs/any"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>정책</title>'
    '<link rel="icon" href="data:,"><link rel="stylesheet" href="page.css">'
)
SCRIPTS = ("live/connect.js", "ddialab.js")  # 편집기(trial.js)는 시동기가 받습니다
ENDED = """() => {
  const [status, wrong] = ["[role=status]", ".ddialab-wrong"].map(
    (one) => document.querySelector(`.ddialab-desk ${one}`).textContent);
  return wrong || /^(마쳤|멈추었)/.test(status);
}"""
TICK = "(tick) => { ddialabLive.tick = tick; }"  # 영영 오지 않을 답만 짧게 기다립니다


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """겨루기 하나가 든 작은 페이지와, 그것이 받을 파일들. 책의 `_static`처럼 놓습니다."""
    made = tmp_path_factory.mktemp("trial")
    files.write(made / "live")
    game, policy = TRIALS[NAME], function(NAME)
    others = [scores(game, rival) for rival in game.rivals]
    told = verdict(game, [game.run(policy, seed) for seed in range(len(others[0]))], others)
    face = static_face(game, written(NAME), others, told)
    (made / "ddialab.js").write_text(asset("guess.js") + asset("ddialab.js"), "utf-8")
    (made / "trial.js").write_text(asset("trial.js"), "utf-8")
    (made / "trial.css").write_text(asset("trial.css"), "utf-8")
    (made / "page.css").write_text(THEME + asset("ddialab.css"), "utf-8")
    scripts = "".join(f'<script defer src="{name}"></script>' for name in SCRIPTS)
    (made / "page.html").write_text(f"{HEAD}<main><h1>정책</h1>{face}</main>{scripts}", "utf-8")
    return made


@pytest.fixture
def visit(browser, folder):
    with visiting(browser, folder, until="textarea") as visited:
        yield visited


def write(page, code: str) -> None:
    page.get_by_label("내 정책").fill(code)


def run(page) -> str:
    """실행하고, 끝나면 오류의 문장들을 돌려줍니다. 마쳤으면 빈 문자열입니다."""
    page.get_by_role("button", name="실행", exact=True).click()
    page.wait_for_function(ENDED)
    return page.inner_text(".ddialab-wrong")


def status(page) -> str:
    return page.inner_text(".ddialab-desk [role=status]")


@pytest.mark.parametrize("file", [False, True], ids=["http", "file"])
def test_a_policy_is_written_run_and_set_beside_the_books(visit, file):
    reader = visit(file=file)
    page, before = reader.page, visit_table(reader.page)
    write(page, LATEST)
    assert run(page) == ""
    after = visit_table(page)
    assert status(page) == "마쳤습니다."
    assert after[0][0] == "내 정책"
    assert after[0][1] != before[0][1]
    assert [row[:2] for row in after[1:]] == [row[:2] for row in before[1:]], "책의 점수는 그대로"
    assert "가장 크게 진 곳은 시드" in page.inner_text("figure")
    page.get_by_role("button", name="처음 코드로").click()
    assert run(page) == ""
    assert visit_table(page) == before, "저장된 표와 페이지의 모델이 같은 말을 합니다"
    assert (reader.outside(), reader.errors) == ([], [])


def visit_table(page) -> list[list[str]]:
    rows = page.locator("tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("th, td").all()] for row in rows]


def test_every_wrong_policy_gets_its_sentences_and_the_page_stays_alive(visit):
    reader = visit()
    page = reader.page
    for what, code, said, line in WRONG:
        write(page, code)
        told = run(page)
        assert said in told, what
        assert told.count("\n") >= 2, what
        assert page.get_attribute("textarea", "aria-invalid") == "true", what
        named = page.locator(".ddialab-wrong pre")
        assert bool(named.count()) == bool(line) or "문법" in said, what
    write(page, LATEST)
    assert run(page) == ""
    assert reader.errors == []


@pytest.mark.parametrize(
    ("code", "said", "tick"),
    [(ENDLESS, "오래 답하지 않아", 20), (HUNGRY, "메모리", 5000)],
    ids=["endless", "hungry"],
)
def test_a_policy_that_never_ends_or_eats_memory_is_stopped(visit, code, said, tick):
    page = visit().page
    write(page, LATEST)
    assert run(page) == ""
    page.evaluate(TICK, tick)
    write(page, code)
    assert said in run(page)
    page.evaluate(TICK, 500)
    write(page, LATEST)
    assert run(page) == "", "죽은 모델은 새로 켭니다"
    # 끝난 워커가 사라졌다는 소식은 늦게 오기도 합니다. 페이지에 물어볼 때 밀린 소식을 듣습니다
    wait_until(lambda: page.evaluate("1") and len(page.workers) == 1, "죽은 워커가 사라짐")


def test_an_editor_that_comes_first_waits_for_what_it_needs(browser, folder):
    """예상을 읽고 쓰는 스크립트가 늦게 와도 편집기가 달립니다."""
    with StaticHost(folder) as host:
        reader = Reader(browser, host.url)
        page, held = reader.page, []
        page.route("**/ddialab.js", lambda route: held.append(route))
        with page.expect_request_finished(lambda request: "trial.js" in request.url):
            page.goto(f"{host.url}/page.html", wait_until="commit")
        page.evaluate("0")  # 먼저 온 편집기가 실행됩니다
        held[0].continue_()
        page.locator("textarea").wait_for()
        assert reader.errors == []
        reader.context.close()


def test_a_run_can_be_stopped_by_hand(visit):
    page = visit().page
    write(page, ENDLESS)
    page.get_by_role("button", name="실행", exact=True).click()
    page.get_by_role("button", name="멈추기").click()
    page.wait_for_function(ENDED)
    assert status(page) == "멈추었습니다."
    page.get_by_role("button", name="실행", exact=True).wait_for()


def test_nothing_runs_until_the_reader_presses(visit):
    """링크에 든 것도, 남겨 둔 코드도 저절로 실행되지 않고, 그 전에는 아무것도 받지 않습니다."""
    reader = visit(end=f"?policy=1#policy={LATEST[:9]}")
    page = reader.page
    assert page.input_value("textarea") == written(NAME)
    write(page, "import os\n")
    page.reload()
    page.locator("textarea").wait_for()
    assert page.input_value("textarea") == "import os\n"
    assert status(page) == "전에 고친 코드입니다."
    page.evaluate(SETTLED)
    names = {url.rpartition("/")[2] for url in reader.requests if "/live/" in url}
    assert names == {"connect.js"}, "워커도 모델도 받지 않습니다"
    assert page.workers == []
    assert page.evaluate("Object.keys(localStorage).sort()") == [
        f"ddialab:labs/any:{NAME}/policy",
        f"ddialab:labs/any:{NAME}/policy/at",
    ]
    page.get_by_role("button", name="처음 코드로").click()
    page.reload()
    page.locator("textarea").wait_for()
    assert page.input_value("textarea") == written(NAME)


def test_the_keyboard_gets_in_and_out(visit):
    page = visit().page
    page.focus("textarea")
    page.keyboard.press("Control+End")
    page.keyboard.type("if now:")
    page.keyboard.press("Enter")
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    page.keyboard.type("y")
    assert page.input_value("textarea").endswith("if now:\n    x\n    y")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "실행"
    page.keyboard.press("Enter")
    page.wait_for_function(ENDED)
    assert page.evaluate("document.activeElement.textContent") == "실행"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_it_fits(visit, size, theme):
    page = visit(viewport=size).page
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    write(page, "def victim(entries, now):\n    return entries[99]  # " + "가" * 99 + "\n")
    assert "2번째 줄" in run(page)
    page.evaluate(AXE)
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:99]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    letters = page.evaluate("getComputedStyle(document.querySelector('textarea')).fontSize")
    assert letters == "16px", "이보다 작으면 아이폰이 페이지를 키웁니다"


def test_without_scripts_the_table_is_there(browser, folder):
    reader = Reader(browser, folder.as_uri(), java_script_enabled=False)
    reader.page.goto(f"{reader.address}/page.html")
    assert len(reader.page.locator("tbody tr").all()) == len(TRIALS[NAME].rivals) + 1
    assert reader.page.locator("textarea").count() == 0
    reader.context.close()


# --- 지은 책 ---


WITH_TRIAL = [path for path in PAGES if 'class="ddialab ddialab-trial"' in source(path)]


def test_every_trial_of_the_book_stands_on_a_page_with_the_starter(book):
    assert len(WITH_TRIAL) == len(TRIALS)
    for path in WITH_TRIAL:
        assert source(path).count("_static/live/connect.js") == 1, path


@pytest.mark.parametrize("path", WITH_TRIAL)
def test_in_the_book_the_editor_comes_when_the_reader_comes_and_runs_the_first_code(read, path):
    reader = read(path, folded=True)
    page = reader.page
    assert [url for url in reader.requests if "/trial." in url] == []
    page.evaluate(UNFOLD)
    before = visit_table(page)
    page.locator("figure.ddialab-trial").scroll_into_view_if_needed()
    page.locator(".ddialab-desk").scroll_into_view_if_needed()
    assert run(page) == ""
    assert visit_table(page) == before
    assert (reader.outside(), reader.failures, reader.errors) == ([], [], [])
