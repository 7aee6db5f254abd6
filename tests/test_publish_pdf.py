"""PDF: 웹의 페이지를 종이의 것으로 바꾸는 일과, 찍을 수 없을 때의 답."""

import errno
import io
import os
import tempfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

import binding
import fonts
import pdf
from truetype import truetype
from whole import whole_file

NAMES = {"chapters/index", "chapters/1/index", "chapters/1/cache", "labs/02"}


def soup(html: str):
    return BeautifulSoup(html, "html.parser")


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("../../labs/02.html", "#labs-02"),
        ("../../labs/02.html#s-1", "#labs-02--s-1"),
        ("#here", "#chapters-1-cache--here"),
        ("index.html#part", "#chapters-1-index--part"),
        ("https://example.org/a#b", "https://example.org/a#b"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("../../search.html", None),
        ("../../_sources/labs/02.ipynb", None),
        ("javascript:alert(1)", None),
    ],
)
def test_links_are_resolved(link, wanted):
    assert binding.resolve("chapters/1/cache", link, NAMES) == wanted


def test_links_out_of_the_book_become_text():
    page = soup('<p><a href="../search.html">찾기</a> <a href="#x"><b>여기</b></a></p>')
    binding.relink(page, "labs/02", NAMES)
    assert str(page) == '<p>찾기 <a href="#labs-02--x"><b>여기</b></a></p>'


def test_pictures_keep_their_own_parts():
    """두 페이지의 그림이 같은 id를 써도, 저마다 제 것을 가리켜야 합니다."""
    picture = (
        '<svg><marker id="m"></marker><clipPath id="c"></clipPath><path id="p"></path>'
        '<use href="#p"></use><use xlink:href="#p"></use>'
        '<g clip-path="url(#c)" style="fill:red;marker-end:url(#m)"></g></svg>'
    )
    page = soup(picture)
    binding.rename(page, "labs/02")
    binding.relink(page, "labs/02", NAMES)
    assert {tag["id"] for tag in page.select("[id]")} == {f"labs-02--{x}" for x in "mcp"}
    assert [tag.get("href") or tag["xlink:href"] for tag in page.select("use")] == [
        "#labs-02--p"
    ] * 2
    assert page.g["clip-path"] == "url(#labs-02--c)"
    assert page.g["style"] == "fill:red;marker-end:url(#labs-02--m)"


def test_names_pointed_at_by_labels_are_renamed_too():
    page = soup('<b id="a"></b><i id="b"></i><p aria-labelledby="a b"></p>')
    binding.rename(page, "labs/02")
    assert page.p["aria-labelledby"] == "labs-02--a labs-02--b"


def test_knobs_say_what_is_shown_and_what_could_be():
    page = soup(
        '<figure class="ddialab-explore"><div class="ddialab-controls" hidden="hidden">'
        '<label class="ddialab-knob"><span>복제본</span>'
        '<input type="range" value="1" data-texts=\'["1개", "2개", "3개"]\'>'
        '<output>2개</output></label></div><p class="ddialab-note">이 셀을 실행하면</p>'
        '<div class="ddialab-scroll" hidden="hidden"><svg></svg></div></figure>'
    )
    binding.still_figures(page)
    assert page.get_text() == "복제본 2개일 때의 그림입니다. 슬라이더의 범위: 복제본 1개 … 3개."
    assert page.select("[hidden], input") == []
    assert page.svg


def test_questions_can_be_answered_with_a_pencil():
    page = soup(
        '<form class="ddialab ddialab-predict" novalidate><fieldset><legend>예상</legend>'
        '<label><input type="radio" name="x"> 늘어난다</label>'
        '<label>몇 배? <input type="text"></label></fieldset></form>'
    )
    binding.paper_forms(page)
    assert page.select("form, fieldset, legend, input") == []
    assert page.select_one("div.ddialab-predict p.label").get_text() == "예상"
    assert len(page.select(".choice")) == len(page.select(".blank")) == 1


def test_answers_are_unfolded():
    page = soup("<details><summary>답 보기</summary><p>두 배</p></details>")
    binding.open_folds(page)
    assert str(page) == '<div class="answer last"><p class="label">답</p><p>두 배</p></div>'


def test_answers_are_gathered_and_their_places_are_told():
    """답은 물음 곁에 없고, 책의 끝에 물음과 함께 있습니다. 답이 아닌 것은 그 자리에 펴집니다."""
    page = soup(
        '<form class="ddialab ddialab-check"><fieldset><legend>몇 배?</legend></fieldset>'
        "<details><summary>답 보기</summary><p>두 배</p></details></form>"
        '<details class="sd-dropdown"><summary>실습 02를 마친 뒤에</summary><p>열 배</p></details>'
        '<details class="deeper"><summary>펼쳐 보기</summary><p>식</p></details>'
    )
    binding.paper_forms(page)
    binding.open_folds(page)
    gathered = binding.gather_answers(page, "labs/02")
    told = [answer.get_text() for answer in gathered]
    assert told == ["몇 배?두 배", "실습 02를 마친 뒤에열 배"]
    assert [(a["href"], a.get_text()) for a in page.select("a.where")] == [
        ("#labs-02--answer-1", "답"),
        ("#labs-02--answer-2", "실습 02를 마친 뒤에"),
    ]
    assert [answer["id"] for answer in gathered] == ["labs-02--answer-1", "labs-02--answer-2"]
    assert page.get_text() == "몇 배?답실습 02를 마친 뒤에식"


@pytest.mark.parametrize(("depth", "wanted"), [(0, ["h1", "h2", "h6"]), (1, ["h2", "h3", "h6"])])
def test_headings_go_down_with_the_page(depth, wanted):
    page = soup("<h1>쪽</h1><h2>절</h2><h6>잔 절</h6>")
    binding.lower_headings(page, depth)
    assert [tag.name for tag in page] == wanted
    assert [tag["class"] for tag in page] == ["l1", "l2", "l6"]


def test_pages_follow_the_contents(tmp_path):
    toc = tmp_path / "_toc.yml"
    toc.write_text(
        "format: jb-book\nroot: a\nchapters:\n- file: b\n  sections:\n  - file: c\n- file: d\n",
        "utf-8",
    )
    assert binding.toc_pages(toc) == [("a", 0), ("b", 0), ("c", 1), ("d", 0)]


def widths(font: TTFont) -> dict[str, int]:
    return {chr(code): font["hmtx"][name][0] for code, name in font.getBestCmap().items()}


def test_font_keeps_its_letters_and_widths(tmp_path):
    path = tmp_path / "small.woff2"
    fonts.make_subset("Bold", set("가나다 ABC"), path)
    before, after = TTFont(path), TTFont(io.BytesIO(truetype(path)))
    assert "glyf" in after
    assert "CFF " not in after
    assert widths(after) == widths(before)
    assert all(after["glyf"][after.getBestCmap()[ord(letter)]].numberOfContours for letter in "가A")


@pytest.mark.parametrize("named", [None, "/없는/길/chromium"])
def test_missing_chromium_says_what_to_install(monkeypatch, named):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROMIUM", raising=False)
    if named:
        monkeypatch.setenv("CHROMIUM", named)
    with pytest.raises(SystemExit, match=r"publish/system\.sh") as stop:
        pdf.find_chromium()
    assert (named or "크로미움이 없습니다") in str(stop.value)


@pytest.mark.skipif(os.name != "posix", reason="유닉스 소켓이 없습니다")
@pytest.mark.parametrize("length", [1, 20, 80])
def test_browser_has_room_for_its_socket(tmp_path, monkeypatch, length):
    folder = tmp_path / ("x" * length)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pdf.browser_home() as env:
        path = Path(env["TMPDIR"], ".org.chromium.Chromium.XXXXXX/SingletonSocket")
        assert len(os.fsencode(path)) < 108
        assert path.parents[1].is_dir()
    assert not path.parents[1].exists()


def test_missing_book_says_how_to_build(tmp_path):
    with pytest.raises(SystemExit, match="make html"):
        pdf.make(html=tmp_path, out=tmp_path / "book.pdf")


def test_full_disk_keeps_the_old_book(tmp_path, monkeypatch):
    old = tmp_path / "book.pdf"
    old.write_bytes(b"old")

    def fill(path, content):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(SystemExit, match="남은 공간"), whole_file(old) as part:
        part.write_bytes(b"new")
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def test_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    out = tmp_path / "file/book.pdf"
    with pytest.raises(SystemExit, match=r"book\.pdf를 쓰지 못했습니다"), whole_file(out) as part:
        part.write_bytes(b"new")


def test_page_that_was_not_built_is_named(tmp_path):
    with pytest.raises(SystemExit, match="labs/02 페이지가 없습니다"):
        binding.read_page(tmp_path, "labs/02", 1)


class Route:
    """playwright의 가짜 route: 무엇이라고 답했는지 적습니다."""

    def __init__(self, url):
        self.request, self.answer = self, "막음"
        self.url = url

    def fulfill(self, **answer):
        self.answer = answer

    def abort(self):
        pass


def asked(url: str, html: Path) -> tuple[object, list[str]]:
    route, missing = Route(url), []
    pdf.answer("<p>책</p>", html, missing)(route)
    return route.answer, missing


def test_only_files_of_the_book_are_answered(tmp_path):
    (tmp_path / "a.svg").write_text("<svg/>", "utf-8")
    book, missing = asked(f"{pdf.ADDRESS}/", tmp_path)
    assert (book["body"], missing) == ("<p>책</p>", [])
    picture, missing = asked(f"{pdf.ADDRESS}/a.svg", tmp_path)
    assert (picture["path"], missing) == (tmp_path / "a.svg", [])
    assert asked(f"{pdf.ADDRESS}/b.svg", tmp_path) == ("막음", ["/b.svg"])
    for outside in ("https://example.org/", f"{pdf.ADDRESS}.example.org/a.svg"):
        assert asked(outside, tmp_path)[0] == "막음"
