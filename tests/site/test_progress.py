"""진도: 이 브라우저에만 남고, 차례에 표시되고, 한 장에 모이고, 파일로 오가고, 지워집니다."""

import io
import json
from math import ceil

import pytest
from checks.axe import SOURCE as AXE
from playwright.sync_api import expect
from pypdf import PdfReader
from reader import Reader

PROGRESS = "chapters/progress.html"
CHAPTER, LAB = "chapters/1-data-systems/cache-miss", "labs/02-cache-miss"
HARDWARE, HUMAN = "labs/07-hardware-faults", "labs/10-human-errors"
PLACES = """[...document.querySelectorAll("#contents a")]
  .map((link) => [link.offsetLeft, link.offsetTop, link.offsetWidth, link.offsetHeight])"""
MARKS = """Object.fromEntries([...document.querySelectorAll("#contents a:has(.mark)")].map((link) =>
  [link.pathname.split("/").pop(), link.querySelector(".mark").textContent.trim()]))"""
RUN_AXE = "axe.run({ resultTypes: ['violations'] }).then((told) => told.violations)"
OLD, NEW = 1_700_000_000_000, 1_750_000_000_000  # 밀리초. 앞선 때와 나중


def keep(page, **kept) -> None:
    page.evaluate("(kept) => Object.assign(localStorage, kept)", kept)


def facts(page=LAB, at=None, **answers) -> dict[str, str]:
    """``page``에 남긴 것들. 키의 `__`는 `/`입니다."""
    kept = {f"ddialab:{page}:{key.replace('__', '/')}": told for key, told in answers.items()}
    return kept | ({f"{name}/at": str(at) for name in kept} if at else {})


def row(page, name: str) -> list[str]:
    return page.locator(f'#progress tr[data-page="{name}"] td').all_inner_texts()


def entry(key: str, value: str, at=None, page=LAB) -> dict:
    return {"page": page, "key": key, "value": value, "at": at}


def progress_file(*entries, **other) -> str:
    usual = {"book": "ddialab", "format": 1, "name": "", "date": "", "entries": list(entries)}
    return json.dumps(usual | other)


def bring(page, text: str) -> str:
    """``text``가 든 파일을 가져오고, 페이지가 하는 말을 돌려줍니다."""
    told = page.locator("#progress-told")
    told.evaluate("(told) => { told.textContent = ''; }")
    held = {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
    page.locator("#progress-file").set_input_files(held)
    expect(told).not_to_be_empty()
    return told.inner_text()


@pytest.fixture
def sheet(read):
    """`sheet(남은 것들)`은 그것들이 남은 브라우저로 진도 페이지를 엽니다."""

    def opened(kept: dict | None = None) -> Reader:
        reader = read(PROGRESS)
        if kept:
            keep(reader.page, **kept)
            reader.page.reload()
        return reader

    return opened


# --- 남기기와 차례의 표시 ---


def test_an_opened_page_and_a_page_read_to_the_end_are_marked(read):
    page = read(f"{CHAPTER}.html").page
    assert page.evaluate(MARKS) == {"cache-miss.html": "(열어 봄)"}
    before = page.evaluate(PLACES)
    page.locator(".turn").scroll_into_view_if_needed()
    page.wait_for_function(f"({MARKS})['cache-miss.html'] === '(끝까지 읽음)'")
    assert page.evaluate(PLACES) == before, "표시는 글을 밀지 않습니다"
    keep(page, **facts(CHAPTER, scene__met="1"))
    page.goto(page.url.replace(CHAPTER, LAB))
    assert page.evaluate(MARKS)["cache-miss.html"] == "(도전을 이룸)"
    link = page.get_by_role("link", name="캐시 미스 (도전을 이룸)", exact=True)
    assert "polygon" in link.locator(".mark").evaluate(
        "m => getComputedStyle(m, '::before').clipPath"
    )
    page.reload()  # 이미 열어 본 페이지를 다시 열어도 표시됩니다
    assert page.evaluate(MARKS)["cache-miss.html"] == "(도전을 이룸)"
    page.goto(page.url.replace(f"{LAB}.html", PROGRESS))
    assert row(page, CHAPTER)[0] == "끝까지 읽음"
    assert row(page, LAB)[0] == "열어 봄"


def test_a_guess_has_its_own_mark(read):
    """읽은 데까지의 표시 곁에 하나 더. 스스로 확인에 답한 것과 그냥 본 것은 예상이 아닙니다."""
    page = read(f"{HARDWARE}.html").page
    chapter = "chapters/2-reliability/hardware-faults"
    keep(page, **facts(chapter, seen="1", disks__peeked="1", **{"check-1": "가"}))
    page.reload()
    page.wait_for_function(f"({MARKS})['hardware-faults.html'] === '(열어 봄)'")
    before = page.evaluate(PLACES)
    keep(page, **facts(chapter, OLD, disks="12", disks__result="예상: 12."))
    keep(page, **facts(HARDWARE, end="1", quorum="2") | facts(HUMAN, lost="9", toy__met="1"))
    page.reload()
    page.wait_for_function(f"({MARKS})['hardware-faults.html'] === '(열어 봄, 예상함)'")
    marks = page.evaluate(MARKS)
    assert marks["07-hardware-faults.html"] == "(끝까지 읽음, 예상함)"
    assert marks["10-human-errors.html"] == "(도전을 이룸, 예상함)"
    assert page.evaluate(PLACES) == before, "표시는 글을 밀지 않습니다"
    dots = page.locator("#contents .mark").evaluate_all(
        "all => all.filter((mark) => getComputedStyle(mark, '::after').content !== 'none').length"
    )
    assert dots == len([told for told in marks.values() if "예상함" in told]) == 3


def test_an_answer_to_a_self_check_stays(read):
    page = read(f"{LAB}.html").page
    form = page.locator(".ddialab-check").first
    form.locator("input").nth(1).check()
    form.get_by_role("button", name="확인").press("Enter")
    reply = form.get_by_role("status").inner_text()
    page.reload()
    assert form.locator("input").nth(1).is_checked()
    assert form.get_by_role("status").inner_text() == f"전에 고른 답입니다. {reply}"
    page.goto(page.url.replace(f"{LAB}.html", PROGRESS))
    assert row(page, LAB)[2].split() == ["1", "/", "2", "맞음", "1"]
    page.goto(page.url.replace(PROGRESS, f"{LAB}.html"))
    form.locator("input").nth(0).check()
    form.get_by_role("button", name="확인").press("Enter")
    page.goto(page.url.replace(f"{LAB}.html", PROGRESS))
    assert row(page, LAB)[2].split() == ["1", "/", "2", "맞음", "0"]


def test_a_guess_kept_by_an_older_book_is_still_read(read):
    reader = read(PROGRESS)
    keep(reader.page, **{"ddialab:02-cache-miss.html:stride": "12%"})
    page = reader.open(f"{LAB}.html", folded=True)
    form = page.locator('.ddialab-predict[data-key="stride"]')
    assert form.locator("input").input_value() == "12%"
    page = reader.open(PROGRESS)
    assert row(page, LAB)[1] == "1 / 4"
    assert bring(page, progress_file(entry("stride", "50%", NEW))).count("바꾼 것 1개") == 1
    page = reader.open(f"{LAB}.html", folded=True)
    assert form.locator("input").input_value() == "50%"


def guess(page, key: str, answer: str) -> None:
    """지금 페이지의 물음 ``key``에 예상을 남깁니다."""
    form = page.locator(f'.ddialab-predict[data-key="{key}"]')
    form.locator("input[type=text]").fill(answer)
    form.get_by_role("button", name="예상 남기기").press("Enter")


def answers(page) -> str:
    """진도 페이지의 「내가 남긴 예상과 답」."""
    page.locator("#progress-answers").evaluate("box => { box.open = true; }")
    return page.locator("#progress-answers").inner_text()


def test_what_the_run_said_stands_beside_the_guess(read):
    reader = read(f"{LAB}.html")
    page = reader.page
    for typed in ("12%", "99%"):  # 고치면 견준 말도 새것입니다
        guess(page, "stride", typed)
        told = page.locator('.ddialab-compare[data-about*="stride"]').inner_text()
        assert told.startswith(f"예상: {typed}. 결과: ")
        page.goto(page.url.replace(f"{LAB}.html", PROGRESS))
        assert told in answers(page)
        page.go_back()
    page.goto(page.url.replace(f"{LAB}.html", PROGRESS))
    answers(page)
    paper = "".join(one.extract_text() for one in PdfReader(io.BytesIO(page.pdf())).pages)
    assert "예상: 99%. 결과: " in paper, "종이에도 함께 찍힙니다"


def test_a_guess_without_a_result_is_shown_alone(sheet):
    """결과를 남기지 않던 책에서 한 예상은 예상만 보입니다. 답을 보지 않았으면 결과도 없습니다."""
    page = sheet(facts(stride="12%") | facts(stride__peeked="1")).page
    told = answers(page)
    assert "예상: 12%" in told
    assert "결과" not in told


# --- 한 장 ---


def listed(page) -> list[dict]:
    """진도의 표에 적힌 페이지들과 거기서 묻는 것."""
    return json.loads(page.locator("#progress script").inner_text())


def everything(page) -> dict[str, str]:
    """모든 물음에 답하고 모든 페이지를 끝까지 읽은 사람의 것."""
    kept = {}
    for about in listed(page):
        asked = {key: "1" for key, *_ in about["guesses"] + about["checks"]}
        met = {f"{scene}/met": "1" for scene, _ in about["challenges"]}
        kept |= facts(about["page"], NEW, seen="1", end="1", **asked, **met)
    return kept


def test_the_sheet_is_one_paper_with_a_name_and_a_date(sheet):
    page = sheet().page
    keep(page, **everything(page))
    page.reload()
    page.get_by_label("이름").fill("hong")  # 한글 글꼴이 없는 컴퓨터에서도 읽을 수 있는 이름
    page.get_by_label("학번").fill("2026-0042")
    page.get_by_label("날짜").fill("2026-03-02")
    done = page.locator("#progress-sum").inner_text()
    assert [part.split()[-3] == part.split()[-1] for part in done.split(" · ")] == [True] * 5
    paper = PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = paper.pages[0].extract_text()
    assert len(paper.pages) == 1
    told = ("hong", "2026-0042", "실습 02", "실습 19", "끝까지 읽음")
    assert [words for words in told if words not in text] == []
    assert "2026" in text.replace("2026-0042", ""), "날짜도 찍힙니다"
    assert "가져오기" not in text
    assert "고른 답" not in text
    page.locator("#progress-answers summary").click()
    printed = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    asked = sum(len(about["guesses"]) + len(about["checks"]) for about in listed(page))
    assert 1 < len(printed) <= 1 + ceil(asked / 15), "한 쪽에 답 열다섯 개쯤이 들어갑니다"
    whole = "".join(one.extract_text() for one in printed)
    assert "고른 답" in whole
    assert "CC BY-SA" not in whole, "사용 조건 한 줄로 종이 한 장을 쓰지 않습니다"


def test_axe_finds_nothing_on_a_filled_sheet(sheet):
    page = sheet().page
    keep(page, **everything(page) | facts("labs/gone", x="1"))
    page.reload()
    page.locator("#progress-answers summary").click()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.scrollingElement.scrollWidth") == 320
    page.evaluate(AXE)
    found = page.evaluate(RUN_AXE)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_who_skips_what_may_be_skipped_has_done_everything(sheet):
    """「더 파기」의 물음은 따로 셉니다."""
    answers = {"lost": "9", "recovery-replayed": "모두 돌아옵니다"}
    page = sheet(facts(HUMAN, **answers)).page
    cell = page.locator(f'#progress tr[data-page="{HUMAN}"] td').nth(1)
    assert cell.inner_text().split() == ["2", "/", "2", "더", "파기", "0", "/", "1"]
    assert cell.get_attribute("class") == "all"
    keep(page, **facts(HUMAN, share="그대로다"))
    page.reload()
    assert cell.inner_text().split() == ["2", "/", "2", "더", "파기", "1", "/", "1"]
    assert "더 파기 1 / 2" in page.locator("#progress-sum").inner_text()


def test_the_name_and_the_number_stay_in_this_browser(sheet):
    page = sheet().page
    page.get_by_label("이름").fill("홍길동")
    page.get_by_label("학번").fill("2026-0042")
    page.reload()
    assert page.get_by_label("이름").input_value() == "홍길동"
    assert page.get_by_label("학번").input_value() == "2026-0042"
    told = bring(page, progress_file(name="남의 이름", student="1999-0001"))
    assert "0개를 읽었습니다" in told
    assert page.get_by_label("학번").input_value() == "2026-0042", "적어 둔 것은 바꾸지 않습니다"


def test_a_peek_is_no_guess(sheet):
    page = sheet(facts(stride__peeked="1") | facts(HARDWARE, NEW, headroom__met="1")).page
    assert row(page, LAB)[1].split() == ["0", "/", "4", "그냥", "봄", "1"]
    assert row(page, HARDWARE)[3] == "1 / 1"
    page.locator("#progress-answers summary").click()
    assert "이루었습니다 · 2025" in page.locator("#progress-answers").inner_text()


# --- 파일로 오가기 ---


def test_what_is_exported_and_deleted_comes_back(sheet):
    reader = sheet(facts(at=OLD, stride="12%", double="두 배", seen="1"))
    page, asked = reader.page, len(reader.requests)
    page.get_by_label("이름").fill("홍길동")
    page.get_by_label("학번").fill("2026-0042")
    before = page.evaluate("({ ...localStorage })")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="내보내기").press("Enter")
    exported = waiting.value.path().read_text("utf-8")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="지우기").press("Enter")
    assert page.evaluate("({ ...localStorage })") == before, "묻기만 하고 지우지 않았습니다"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="지우기").press("Enter")
    assert page.evaluate("({ ...localStorage })") == {}
    assert row(page, LAB)[1] == "0 / 4"
    assert "새로 넣은 것 3개" in bring(page, exported)
    assert page.evaluate("({ ...localStorage })") == before
    assert row(page, LAB)[:2] == ["열어 봄", "2 / 4"]
    assert page.get_by_label("이름").input_value() == "홍길동"
    assert page.get_by_label("학번").input_value() == "2026-0042"
    sent = [url for url in reader.requests[asked:] if not url.startswith("blob:")]
    assert [url for url in sent if "favicon" not in url] == [], "아무 데도 보내지 않습니다"


def test_the_result_travels_with_its_guess(sheet):
    """예상이 바뀌면 옛 예상을 견준 말은 남지 않습니다. 예전의 파일에는 견준 말이 없습니다."""
    said = "예상: 12%. 결과: 50%. 예상이 4.2배 작았습니다."
    page = sheet(facts(at=OLD, stride="12%")).page
    assert "같은 것 1개" in bring(
        page, progress_file(entry("stride", "12%", OLD) | {"result": said})
    )
    assert said in answers(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="내보내기").press("Enter")
    exported = json.loads(waiting.value.path().read_text("utf-8"))["entries"]
    assert [one["result"] for one in exported if one["key"] == "stride"] == [said]
    assert "바꾼 것 1개" in bring(page, progress_file(entry("stride", "50%", NEW)))
    assert "예상: 50%" in answers(page)
    assert "결과" not in answers(page)


def test_the_later_answer_wins_and_the_unknown_is_kept(sheet):
    page = sheet(facts(at=OLD, stride="12%") | facts(at=NEW, double="두 배", seen="1")).page
    told = bring(page, progress_file(
        entry("stride", "50%", NEW), entry("double", "세 배", OLD), entry("seen", "1", OLD),
        entry("end", "1"), entry("x", "<img src=x>", page="labs/99-gone"),
        entry("busy", "1", 9_000_000_000_000_000),
    ))  # fmt: skip
    assert told == (
        "6개를 읽었습니다. 새로 넣은 것 3개, 파일의 답이 나중이라 바꾼 것 1개, 이미 같은 것 1개, "
        "여기의 답이 나중이라 그대로 둔 것 1개. 지금 책에는 없는 것 1개도 버리지 않고 보관합니다."
    )
    kept = page.evaluate("({ ...localStorage })")
    assert kept[f"ddialab:{LAB}:stride"] == "50%"
    assert kept[f"ddialab:{LAB}:double"] == "두 배"
    assert f"ddialab:{LAB}:busy/at" not in kept, "앞날에 답한 것은 없습니다"
    page.locator("#progress-answers summary").click()
    answers = page.locator("#progress-answers")
    assert "지금 책에는 없는 것" in answers.inner_text()
    assert "labs/99-gone · x" in answers.inner_text()
    assert answers.locator("img").count() == 0, "파일의 글은 글로만 보입니다"


REFUSED = {
    "{": "JSON이 아닙니다",
    "[]": "이 책의 진도 파일이 아닙니다",
    progress_file(book="other"): "이 책의 진도 파일이 아닙니다",
    progress_file(format=2): "형식 2의 파일입니다",
    progress_file(entries={}): "목록이 아닙니다",
    progress_file(entry("a", "1"), entry("a b", "1")): '2번째 항목: key="a b"',
    progress_file(entry("a", "1", page="../../x:y")): "1번째 항목: page=",
    progress_file(entry("a", 1)): "value=1",
    progress_file(entry("a", "줄\n바꿈")): "value=",
    progress_file(entry("a", "가" * 501)): "value=",
    progress_file(entry("a", "1", "어제")): 'at="어제"',
    progress_file(entry("a", "1") | {"result": "줄\n바꿈"}): "result=",
    progress_file(entry("a", "1") | {"result": 3}): "result=3",
    progress_file(*[entry("a", "1")] * 5001): "5000개 이하",
    " " * 1_000_001: "너무 큽니다",
}


def test_a_file_that_is_not_ours_changes_nothing_and_says_why(sheet):
    page = sheet(facts(stride="12%")).page
    before = page.evaluate("({ ...localStorage })")
    told = [bring(page, text) for text in REFUSED]
    refused = zip(told, REFUSED.values(), strict=True)
    assert [(said, why) for said, why in refused if why not in said] == []
    assert all("아무것도 바꾸지 않았습니다" in said for said in told)
    assert page.evaluate("({ ...localStorage })") == before


# --- 남길 수 없는 브라우저 ---

FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }"
BLOCKED = """Object.defineProperty(window, "localStorage",
  { get() { throw new DOMException("", "SecurityError"); } })"""


@pytest.mark.parametrize(
    ("broken", "why", "kept"),
    [(FULL, "가득 차서", "1 / 4"), (BLOCKED, "저장을 막아", "0 / 4")],
    ids=["full", "blocked"],
)
def test_a_browser_that_keeps_nothing_says_so(sheet, broken, why, kept):
    reader = sheet(facts(stride="12%"))
    page = reader.page
    expect(page.locator("#progress-note")).to_be_hidden()
    page.evaluate(f"{broken}; dispatchEvent(new Event('pageshow'))")
    expect(page.locator("#progress-note")).to_contain_text(why)
    assert row(page, LAB)[1] == kept
    assert "다 넣지 못했습니다" in bring(page, progress_file(entry("double", "두 배")))
    page.get_by_label("이름").fill("홍길동")
    assert reader.errors == []
