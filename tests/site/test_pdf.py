"""PDF 한 권: 한 번 찍어 놓고, 차례와 링크와 그림과 글이 책의 페이지들과 맞는지 봅니다."""

import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

import binding
import pdf

TOC = pdf.ROOT / "_toc.yml"
LISTED = binding.toc_pages(TOC)
FONTS = {"DDIALabSans-Regular", "DDIALabSans-Bold"}
PLAIN = re.compile(r"DejaVu|Liberation|NotoSansMono|NotoSansMath|STIX|LatinModern")  # 코드와 수식
FOLDED = "details:not(.hide, .deeper, .results)"  # 책의 끝에 모은 답들
TURN = "결과는다음장부터나옵니다."
PAPER = 170 / 25.4 * 96  # 여백을 뺀 종이의 너비(CSS 픽셀)
SPILLS = """() => [...document.querySelectorAll("body *")]
  .filter(e => !e.parentElement.closest("svg, math"))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 200))"""


class Printed:
    """찍은 PDF와, 그것을 자주 읽는 방법."""

    def __init__(self, path: Path):
        self.path, self.reader = path, PdfReader(path)
        self.text = cache(lambda number: self.reader.pages[number - 1].extract_text())
        self.places = {
            name.lstrip("/"): self.reader.get_destination_page_number(place) + 1
            for name, place in self.reader.named_destinations.items()
        }

    def outline(self, items=None, depth: int = 0) -> list[tuple[int, str, int]]:
        """책갈피마다 (깊이, 글, 페이지 번호)."""
        found = []
        for item in self.reader.outline if items is None else items:
            if isinstance(item, list):
                found += self.outline(item, depth + 1)
            else:
                number = self.reader.get_destination_page_number(item) + 1
                found.append((depth, item.title, number))
        return found

    def links(self) -> list[tuple[int, dict]]:
        notes = [
            (number, note.get_object())
            for number, page in enumerate(self.reader.pages, 1)
            for note in page.get("/Annots", [])
        ]
        return [(number, note) for number, note in notes if note["/Subtype"] == "/Link"]

    def tags(self) -> list[dict]:
        """꼬리표 나무의 마디 모두."""
        waiting, found = [self.reader.trailer["/Root"]["/StructTreeRoot"]], []
        while waiting:
            node = waiting.pop().get_object()
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                found.append(node)
                waiting += [node["/K"]] if "/K" in node else []
        return found


@cache
def article(name: str):
    path = pdf.HTML / f"{name}.html"
    return BeautifulSoup(path.read_text("utf-8"), "html.parser").select_one("main article")


def flat(text: str) -> str:
    """줄바꿈과 빈칸에 매이지 않고 견줄 글."""
    return "".join(text.split())


def title(name: str) -> str:
    return article(name).h1.find(string=True).strip()


@pytest.fixture(scope="module")
def tmpdir_of_print(tmp_path_factory):
    return tmp_path_factory.mktemp("tmp")


@pytest.fixture(scope="module")
def printed(book, tmp_path_factory, tmpdir_of_print):
    """독자가 치는 명령 그대로 찍습니다. 이 파일의 테스트가 모두 이 한 권을 봅니다."""
    try:
        pdf.find_chromium()
    except SystemExit as missing:
        pytest.skip(str(missing))
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    command = [sys.executable, pdf.__file__, "--out", str(path)]
    env = os.environ | {"TMPDIR": str(tmpdir_of_print)}
    subprocess.run(command, env=env, check=True, timeout=600)
    return Printed(path)


@pytest.fixture(scope="module")
def bound(book):
    """찍기 전의 HTML 한 장."""
    return binding.bind(book, TOC)


@pytest.fixture(scope="module")
def soup(bound):
    return BeautifulSoup(bound, "html.parser")


def test_is_tagged_and_korean(printed):
    root = printed.reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "ko"
    assert printed.reader.metadata.title == title(LISTED[0][0])


def test_outline_has_every_part_and_page_in_order(printed):
    found = printed.outline()
    wanted = [(depth, title(name)) for name, depth in LISTED]
    parts = [words for depth, words, _ in found if depth == 0]
    assert parts == ["차례", *(words for depth, words in wanted if depth == 0), "답"]
    left = iter([(depth, words) for depth, words, _ in found])
    assert [pair for pair in wanted if pair not in left] == []


def test_outline_has_every_heading(printed):
    """부의 절은 부 아래, 페이지의 절은 페이지 아래에 있습니다."""
    headings = [
        (int(heading.name[1]) - 1 + depth, " ".join(heading.find(string=True).split()))
        for name, depth in LISTED
        for heading in article(name).select("h1, h2, h3, h4")
    ]
    assert len(headings) > 100
    found = Counter((depth, words) for depth, words, _ in printed.outline())
    names = {words for _, words in headings}
    whole = [heading for heading in headings if heading not in found]
    # 제목 안에 코드가 있으면 첫 조각만 견줍니다
    starts = {(d, w) for d, words in found for w in names if words.startswith(w) for d in [d]}
    assert [heading for heading in whole if heading not in starts] == []


@pytest.mark.parametrize("name", [name for name, _ in LISTED])
def test_every_page_is_printed_where_the_contents_say(printed, name):
    number = printed.places[binding.anchor(name)]
    assert title(name) in printed.text(number)
    contents = range(2, printed.places[binding.anchor(LISTED[0][0])])
    lines = "\n".join(map(printed.text, contents)).splitlines()
    assert any(re.fullmatch(rf"{re.escape(title(name))}\s+{number}", line) for line in lines)


@pytest.mark.parametrize("name", [name for name, _ in LISTED])
def test_korean_text_can_be_found(printed, name):
    """페이지마다 첫 문단의 첫 낱말들을 PDF의 그 페이지에서 찾습니다."""
    paragraphs = article(name).select("section > p:not([class])")
    words = re.findall(r"[가-힣]{2,}", paragraphs[0].get_text())[:4]
    text = printed.text(printed.places[binding.anchor(name)])
    assert words
    assert [word for word in words if word not in text] == []


def test_answers_stand_at_the_end_and_the_questions_tell_where(printed):
    """스스로 확인의 답과 실습을 마친 뒤에 볼 것. 빠진 것도 없고, 물음 곁에 남은 것도 없습니다."""
    first = printed.places["answers"]
    assert first > printed.places[binding.anchor(LISTED[-1][0])]
    before = flat("".join(map(printed.text, range(1, first))))
    for name, _ in LISTED:
        for number, fold in enumerate(article(name).select(FOLDED), 1):
            at = printed.places[binding.anchor(name, f"answer-{number}")]
            said = flat(fold.get_text()).removeprefix(flat(fold.summary.get_text()))
            assert at >= first
            assert said[:12] in flat(printed.text(at))  # 둘째 줄은 다음 쪽일 수 있습니다
            assert said[-20:] not in before  # 고른 답의 말은 물음에도 있습니다
            assert f"{at}쪽" in before


def test_what_a_guess_was_about_begins_on_the_next_sheet(printed):
    """묻는 쪽과 답하는 쪽을 나누어 줄 수 있습니다. 물음마다 넘기라고 적혀 있습니다."""
    pages = map(flat, map(printed.text, range(1, len(printed.reader.pages) + 1)))
    asked = [text for text in pages if TURN in text]
    boxes = [box for name, _ in LISTED for box in article(name).select(".ddialab-answer")]
    assert len(asked) == len(boxes) > 5, "물음마다 다른 쪽에 있습니다"


def test_pages_are_numbered_except_the_cover(printed):
    total = len(printed.reader.pages)
    assert not re.search(rf"\d+ / {total}\b", printed.text(1))
    for number in [2, 3, total // 2, total]:
        assert f"{number} / {total}" in printed.text(number)


def test_links_lead_to_places_in_the_book(printed):
    links = printed.links()
    inside = [note["/Dest"].lstrip("/") for _, note in links if "/Dest" in note]
    assert [name for name in inside if name not in printed.places] == []
    outside = [note["/A"]["/URI"] for _, note in links if "/Dest" not in note]
    assert [url for url in outside if not url.startswith(("http://", "https://", "mailto:"))] == []
    assert [url for url in outside if pdf.ADDRESS in url] == []


def test_links_between_pages_stay_links(printed):
    """페이지마다, 다른 페이지로 가던 링크가 PDF에서도 그 페이지의 자리로 갑니다."""
    names = {name for name, _ in LISTED}
    inside = {note["/Dest"].lstrip("/") for _, note in printed.links() if "/Dest" in note}
    for name, _ in LISTED:
        for link in article(name).select("a.internal[href*='.html']"):
            wanted = binding.resolve(name, link["href"], names)
            assert wanted, (name, link["href"])
            assert wanted[1:] in inside


def test_figures_are_those_of_the_site(printed):
    """대체 텍스트까지 그대로. 슬라이더와 재생기도 한 장씩입니다."""
    pictures = [
        picture["aria-label"]
        for name, _ in LISTED
        for picture in article(name).select("svg[role=img]")
    ]
    assert len(pictures) > 40
    figures = [node for node in printed.tags() if node.get("/S") == "/Figure"]
    said = Counter(" ".join(node["/Alt"].split()) for node in figures if "/Alt" in node)
    assert said == Counter(" ".join(words.split()) for words in pictures)


def test_nothing_dead_is_left(printed, soup):
    assert "/AcroForm" not in printed.reader.trailer["/Root"]
    dead = "button, input, select, textarea, form, script, details, iframe, [hidden], .ddialab-copy"
    assert soup.select(dead) == []
    for words in ("이 셀을 실행하면", "예상 남기기", "노트북 내려받기"):
        assert words not in soup.get_text()


def test_folded_code_stays_folded_and_the_rest_is_printed(soup):
    lab = article("labs/07-hardware-faults")
    folded = [code.get_text() for code in lab.select("details.hide pre")]
    shown = [code.get_text() for code in lab.select("pre") if not code.find_parent("details")]
    kept = {code.get_text() for code in soup.select("pre")}
    assert shown
    assert folded
    assert [code for code in shown if code not in kept] == []
    assert [code for code in folded if code in kept] == []


def test_letters_are_the_books_own(printed):
    """웹 글꼴이 그림(Type 3)이 되거나, 빠진 글자를 다른 한글 글꼴이 메우면 안 됩니다."""
    used = {}
    for page in printed.reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            used[font.get("/BaseFont", "").rpartition("+")[2].lstrip("/")] = font["/Subtype"]
    assert set(used) >= FONTS
    assert [name for name in used if name not in FONTS and not PLAIN.match(name)] == []
    assert "/Type3" not in used.values()


def test_nothing_is_wider_than_the_paper(browser, book, bound):
    page = browser.new_page(viewport={"width": round(PAPER), "height": 900})
    page.emulate_media(media="print")
    missing = []
    page.route("**/*", pdf.answer(bound, book, missing))
    page.goto(f"{pdf.ADDRESS}/")
    spills = page.evaluate(SPILLS)
    page.close()
    assert missing == []
    assert spills == []


def test_ids_are_unique(soup):
    ids = Counter(tag["id"] for tag in soup.select("[id]"))
    assert [name for name, count in ids.items() if count > 1] == []


def test_leaves_nothing_behind(printed, tmpdir_of_print):
    assert [path.name for path in printed.path.parent.iterdir()] == ["book.pdf"]
    assert list(tmpdir_of_print.iterdir()) == []
