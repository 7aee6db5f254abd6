"""`style` 속성을 없앱니다: `Content-Security-Policy: default-src 'self'`는 그것을 모두 막습니다.

막히면 그림의 선과 막대가 검은 덩어리가 되어, 틀린 데이터처럼 보입니다. 그래서 SVG의 색과 선은 같은
이름의 속성으로, 나머지는 선언 하나를 이름으로 삼은 클래스로 바꾸고 그 규칙을 스타일시트에 더합니다.
"""

import re
from pathlib import Path
from urllib.parse import quote, unquote

# 그대로 속성이 될 수 있는 것(SVG 2의 presentation attribute) 가운데 그림에 쓰이는 것
DRAWN = re.compile(
    r"(?:fill|stroke)(?:-[a-z]+)*|(?:stop-|flood-)?(?:color|opacity)|color-interpolation|"
    r"font(?:-[a-z]+)+|(?:text|marker|clip|dominant|alignment|letter|word|shape|vector)-[a-z]+|"
    r"mask|filter|transform|visibility|pointer-events|paint-order"
)
SVG_PART = re.compile(
    "svg|g|path|use|text|tspan|textPath|rect|circle|ellipse|line|polyline|polygon|image|defs|"
    "clipPath|mask|pattern|marker|linearGradient|radialGradient|stop|symbol"
)
# 보통의 HTML과, 슬라이더의 그림들을 담은 JSON의 문자열에 든 HTML
STYLED = re.compile(
    r"""(?P<open><|\\u003c)(?P<tag>\w+)(?P<before>[^<>]*?)\sstyle=(?P<mark>\\?["'])"""
    r"""(?P<style>.*?)(?P=mark)(?P<after>[^<>]*)"""
)
NAMED = re.compile(r"""\bclass=(?P<mark>\\?["'])(?P<names>.*?)(?P=mark)""")


def declarations(style: str) -> list[tuple[str, str]]:
    pairs = (part.partition(":") for part in style.split(";"))
    return [(name.strip(), value.strip()) for name, _, value in pairs if value.strip()]


def class_name(name: str, value: str) -> str:
    """선언 하나를 담은 클래스의 이름. `rule`이 이것만 보고 선언을 되살립니다."""
    return f"{name}:{quote(value, safe='')}"


def rule(name: str) -> str:
    selector = re.sub(r"[^\w-]", lambda found: "\\" + found[0], name)
    return f".{selector}{{{unquote(name)}}}"


def with_classes(attributes: str, names: str, mark: str) -> str:
    """``attributes``의 `class`에 ``names``를 더합니다. 없으면 새로 답니다."""
    if not names:
        return attributes
    if NAMED.search(attributes):
        return NAMED.sub(rf"class=\g<mark>\g<names> {names}\g<mark>", attributes, count=1)
    return f"{attributes} class={mark}{names}{mark}"


def spell(found: re.Match) -> str:
    """여는 태그 하나를 `style` 없이 적습니다. 같은 속성이 있었으면 `style`의 것이 이깁니다."""
    mark, rest, drawn, named = found["mark"], found["before"] + found["after"], "", []
    for name, value in declarations(found["style"]):
        if SVG_PART.fullmatch(found["tag"]) and DRAWN.fullmatch(name):
            rest = re.sub(rf"""\s{name}=(\\?["']).*?\1""", "", rest)
            drawn += f" {name}={mark}{value}{mark}"
        else:
            named.append(class_name(name, value))
    attributes, end = re.fullmatch(r"(.*?)(\s*/?)", rest, re.S).groups()
    attributes = with_classes(attributes + drawn, " ".join(named), mark)
    return f"{found['open']}{found['tag']}{attributes}{end}"


def spelled_out(body: str) -> str:
    """``body``의 모든 `style` 속성을 다른 것으로 적은 본문."""
    return STYLED.sub(spell, body)


def rules_for(pages: list[str]) -> str:
    """``pages``가 사용한 클래스들의 규칙. 빌드를 나눠 해도 같도록 다 쓴 페이지에서 모읍니다."""
    names = {
        name
        for page in pages
        for found in NAMED.finditer(page)
        for name in found["names"].split()
        if ":" in name
    }
    return "\n".join(map(rule, sorted(names)))


def spell_out(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = spelled_out(context["body"])


def add_rules(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pages = [path.read_text("utf-8") for path in out.rglob("*.html")]
    with (out / "_static/book.css").open("a", encoding="utf-8") as sheet:
        sheet.write("\n" + rules_for(pages))


def setup(app):
    app.connect("html-page-context", spell_out, priority=900)  # 본문을 다 고친 다음
    app.connect("build-finished", add_rules, priority=600)  # 스타일시트를 쓴 다음
    return {"parallel_read_safe": True, "parallel_write_safe": True}
