"""화면의 말이 모두 한국어인가: 틀의 글, 버튼과 링크의 이름, 도움말."""

import re
from html import unescape

import pytest
from reader import BOOK, PAGES

EVERY = pytest.mark.parametrize("path", PAGES)
HANGUL = re.compile("[가-힣]")
LATIN = re.compile("[A-Za-z]{2,}")
NAMES = {"CC BY-SA 4.0", "MIT"}  # 번역하지 않는 이름
# 본문 밖의 모든 글과, 본문 안에서 책이 아니라 틀이 붙인 말.
CHROME_TEXT = """() => {
  const book = "script, style, code, noscript, template, .contents, .here, .turn span";
  const ours = "button, summary, legend, .admonition-title, .headerlink, .run, caption";
  const out = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (parent.closest(book)) continue;
    if (!parent.closest("article") || parent.closest(ours)) out.push(node.textContent.trim());
  }
  return out.filter(Boolean);
}"""
# 문헌을 가리키는 링크의 도움말(title)은 원서의 제목이므로 뺍니다.
NAMED = """() => ["aria-label", "title", "alt", "placeholder", "aria-description",
  "aria-roledescription", "label"].flatMap(name =>
  [...document.querySelectorAll(`[${name}]${name === "title" ? ":not(article a)" : ""}`)]
    .map(e => e.getAttribute(name))).filter(Boolean)"""

MARKS = r"""() => {
  const copy = document.querySelector("article").cloneNode(true);
  copy.querySelectorAll("pre, code, svg, script, math").forEach(e => e.remove());
  return copy.textContent.match(/.{0,20}(\*\*|\{(ref|doc|cite|term)|\]\().{0,20}/g) || [];
}"""


def foreign(texts: list[str]) -> list[str]:
    return [t for t in texts if LATIN.search(t) and not HANGUL.search(t) and t not in NAMES]


@EVERY
def test_interface_speaks_korean(read, path):
    page = read(path).page
    assert foreign(page.evaluate(CHROME_TEXT)) == []
    assert foreign(page.evaluate(NAMED)) == []


@EVERY
def test_page_says_its_language_and_subject(read, path):
    page = read(path).page
    assert page.get_attribute("html", "lang") == "ko"
    assert HANGUL.search(page.title())
    assert HANGUL.search(page.get_attribute("meta[name=description]", "content"))
    assert page.locator("h1").count() == 1


def test_pages_describe_themselves_differently():
    """설명이 같으면 찾기 사이트의 결과에서 쪽을 가려낼 수 없습니다. 첫 쪽만 두 번 쓰입니다."""
    described = {}
    for path in PAGES:
        html = (BOOK / path).read_text("utf-8")
        text = unescape(re.search(r'<meta name="description" content="([^"]*)">', html)[1])
        described.setdefault(text, []).append(path)
    assert [paths for paths in described.values() if len(paths) > 1] == [
        ["chapters/index.html", "index.html"]
    ]
    assert [text for text in described if not 20 <= len(text) <= 150] == []


@EVERY
def test_no_markdown_marks_are_left(read, path):
    """「**굵게(bold)**는」처럼 조사가 바로 붙으면 마크다운이 굵게로 읽지 못하고 별표를 남깁니다."""
    left = read(path).page.evaluate(MARKS)
    assert left == []
