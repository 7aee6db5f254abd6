"""페이지는 조용히 열리고 가볍고, 책의 글꼴로만 보입니다."""

import gzip
from functools import cache

from reader import BOOK

KB = 1000
READY_PACKED = (".woff2", ".png", ".jpg")
MONOSPACE = {"DejaVu Sans Mono", "Noto Sans Mono", "Liberation Mono"}
ICONS = "links => links.map(link => link.href)"
# 같은 글꼴의 같은 글자는 어디서나 같은 글꼴로 나옵니다. 처음 나오는 글자(머리표와 꾸밈까지)가 있는
# 요소만 골라도 책에 쓴 글자를 빠짐없이 봅니다. 요소마다 브라우저에 묻는 비용이 비싸서입니다.
MARK_NEW_LETTERS = """() => {
  const prose = ":is(main, .top, .contents) " +
    ":is(h1, h2, h3, p, li, a, th, td, strong, summary, legend, label), main svg text";
  const every = `:is(${prose}), :is(${prose}) :not(math, math *)`;
  const letters = new Intl.Segmenter("ko"), seen = new Set();
  for (const e of document.querySelectorAll(every)) {
    if (!e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const font = [style.fontFamily, style.fontWeight, style.fontStyle, style.textTransform].join();
    const words = [...e.childNodes].filter(node => node.nodeType === 3);
    const own = words.map(node => node.data).join("");
    const drawn = [...letters.segment(own)].map(letter => letter.segment).filter(l => l.trim());
    if (style.display === "list-item") drawn.push(`marker ${style.listStyleType}`);
    for (const part of ["::before", "::after"]) {
      const { content } = getComputedStyle(e, part);
      if (content !== "none" && content !== "normal") drawn.push(part + content);
    }
    const fresh = drawn.map(letter => font + letter).filter(letter => !seen.has(letter));
    e.toggleAttribute("data-new-letter", fresh.length > 0);
    fresh.forEach(letter => seen.add(letter));
  }
}"""


@cache
def packed_size(path: str) -> int:
    """서버가 gzip으로 보낼 때의 바이트. 이미 압축된 것은 그대로 셉니다."""
    body = (BOOK / path).read_bytes()
    return len(body) if path.endswith(READY_PACKED) else len(gzip.compress(body, 6))


def weigh(reader) -> dict[str, int]:
    """브라우저가 이 페이지를 열며 가져간 파일마다의 바이트. 탭마다 한 번 받는 아이콘은 더합니다."""
    icons = reader.page.locator("link[rel=icon]").evaluate_all(ICONS)
    local = {url.split("?")[0] for url in reader.requests + icons if url.startswith(reader.address)}
    paths = {url.removeprefix(reader.address + "/") for url in local}
    return {path: packed_size(path) for path in paths}


def loads_quietly(reader) -> list[str]:
    """바깥 요청, 실패한 요청, 콘솔 오류가 없습니다."""
    return reader.outside() + reader.failures + reader.errors


def loads_lightly(reader) -> dict[str, int]:
    """글 페이지는 300 KB, 슬라이더나 찾기의 색인이 있으면 400 KB까지입니다."""
    knobs = reader.page.locator(".ddialab-explore, .ddialab-scene, #search-results").count()
    sizes = weigh(reader)
    return sizes if sum(sizes.values()) > (400 if knobs else 300) * KB else {}


def takes_only_its_own_fonts(reader) -> list[str]:
    """함께 쓰는 글꼴과 이 페이지의 것을 두 굵기씩 받고, 적어 둔 것 밖의 것은 받지 않습니다."""
    named = reader.page.evaluate("document.documentElement.dataset.fonts").split()
    taken = {url.rpartition("/")[2] for url in reader.requests if url.endswith(".woff2")}
    return sorted(taken ^ set(named)) if len(named) <= 4 else named


def shows_only_the_book_font(reader) -> dict[str, str]:
    """추린 글꼴에 빠진 글자가 있으면 브라우저가 다른 글꼴로 메웁니다. 그런 곳이 없어야 합니다."""
    reader.draw_scenes()
    reader.page.evaluate(MARK_NEW_LETTERS)
    session = reader.context.new_cdp_session(reader.page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    marked = {"nodeId": root, "selector": "[data-new-letter]"}
    strange = {}
    for node in session.send("DOM.querySelectorAll", marked)["nodeIds"]:
        for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            if not font["isCustomFont"] and font["familyName"] not in MONOSPACE:
                html = session.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"]
                strange[font["familyName"]] = html[:150]
    session.detach()
    return strange
