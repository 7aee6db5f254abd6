"""화면의 말이 모두 한국어인가: 틀의 글, 버튼과 링크의 이름, 도움말."""

import re

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


def interface_speaks_korean(reader) -> list[str]:
    return foreign(reader.page.evaluate(CHROME_TEXT) + reader.page.evaluate(NAMED))


def page_says_its_language_and_subject(reader) -> list[str]:
    page = reader.page
    subject = page.get_attribute("meta[name=description]", "content")
    said = {
        "lang": page.get_attribute("html", "lang") == "ko",
        "title": HANGUL.search(page.title()),
        "description": HANGUL.search(subject),
        "h1": page.locator("h1").count() == 1,
    }
    return [name for name, right in said.items() if not right]


def no_markdown_marks_are_left(reader) -> list[str]:
    """「**굵게(bold)**는」처럼 조사가 바로 붙으면 마크다운이 굵게로 읽지 못하고 별표를 남깁니다."""
    return reader.page.evaluate(MARKS)
