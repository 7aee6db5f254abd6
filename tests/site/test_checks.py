"""페이지를 보는 검사가 정말 잡는가: 멀쩡한 페이지에 위반을 하나씩 심으면 그것을 말합니다."""

from itertools import product

import pytest
from checks import access, axe, frame, korean, listings, load, paper
from test_pages import CHECKS, PHONE, WIDE, answer, problems

AXE = axe.axe_finds_nothing_at_any_width_in_either_scheme
LAB, CHAPTER = "labs/02-cache-miss.html", "chapters/1-data-systems/cache-miss.html"
OTHERS = ("07-hardware-faults", "10-human-errors", "13-percentiles")
HEAVY = [f"/labs/{name}.html" for name in OTHERS]
SMALL = "404.html"
MAIN = "document.querySelector('main article')"


def put(html: str, where: str = MAIN) -> str:
    return f"{where}.insertAdjacentHTML('beforeend', `{html}`)"


def style(css: str) -> str:
    return put(f"<style>{css}</style>", "document.head")


# 검사, 화면, 페이지, 심는 것, 찾은 것에 들어 있어야 하는 말
PLANTED = [
    (load.loads_quietly, WIDE, CHAPTER, "fetch('/nowhere')", "404 "),
    (load.loads_quietly, WIDE, CHAPTER, "console.error('거친 말')", "거친 말"),
    (load.loads_quietly, WIDE, CHAPTER,
     "fetch('http://127.0.0.1:9/out').catch(() => 0)", ":9/out"),
    (load.loads_lightly, WIDE, CHAPTER, f"Promise.all({HEAVY}.map(path => fetch(path)))",
     "labs/10"),
    (load.shows_only_the_book_font, WIDE, CHAPTER,
     put("<p>글자 하나만 <b>가나다 Ж</b> 다릅니다</p>"), "Ж"),
    (load.shows_only_the_book_font, WIDE, CHAPTER,
     style("main p:last-of-type::after { content: 'Ж'; }"), "<p"),
    # 장면은 뺍니다: 재생기가 글자를 다시 적고, 멈춘 그림은 감춰져 있습니다
    (load.shows_only_the_book_font, WIDE, LAB,
     "document.querySelector('figure:not(.ddialab-scene) svg text').textContent += 'Ж'", "Ж"),
    (load.takes_only_its_own_fonts, WIDE, CHAPTER,
     "fetch('/_static/fonts/ddialab-sans-regular.woff2')", "sans-regular"),
    (korean.interface_speaks_korean, WIDE, CHAPTER, put("<button>Run</button>"), "Run"),
    (korean.interface_speaks_korean, WIDE, CHAPTER, put("<i title='Close'></i>", "document.body"),
     "Close"),
    (korean.page_says_its_language_and_subject, WIDE, CHAPTER,
     "document.documentElement.lang = 'en'", "lang"),
    (korean.page_says_its_language_and_subject, WIDE, CHAPTER, "document.title = 'Cache'", "title"),
    (korean.page_says_its_language_and_subject, WIDE, CHAPTER,
     "document.querySelector('meta[name=description]').content = 'Cache'", "description"),
    (korean.page_says_its_language_and_subject, WIDE, CHAPTER, put("<h1>둘째</h1>"), "h1"),
    (korean.no_markdown_marks_are_left, WIDE, CHAPTER, put("<p>**굵게**는</p>"), "**굵게"),
    (frame.title_leads_to_the_front_page, WIDE, CHAPTER,
     "document.querySelector('a.home').href = 'labs/'", "labs/"),
    (frame.title_leads_to_the_front_page, WIDE, CHAPTER,
     style("a.home { display: none !important; }"), "가린 것"),
    (frame.title_leads_to_the_front_page, WIDE, CHAPTER,
     put("<div style='position: fixed; inset: 0; z-index: 99'>덮개</div>"), "덮개"),
    (frame.there_is_one_way_to_search, WIDE, CHAPTER, put("<input type=search>"), "칸 2개"),
    (frame.there_is_one_way_to_search, PHONE, CHAPTER, put("<input type=search>"), "돋보기 1개"),
    (frame.every_slider_has_a_name_and_a_spoken_value, WIDE, LAB,
     put("<input type=range aria-label=몇>"), "aria-label"),
    (frame.every_slider_has_a_name_and_a_spoken_value, WIDE, LAB,
     put("<input type=range aria-valuetext=몇>"), "이름은"),
    (listings.most_code_is_not_drawn_before_it_is_near, WIDE, LAB,
     style("div.highlight { content-visibility: visible; }"), "개만"),
    (listings.the_place_kept_for_code_fits, WIDE, LAB,
     style("div.highlight { contain-intrinsic-height: 9px; }"), "9"),
    (listings.the_place_kept_for_code_fits, PHONE, LAB,
     style("div.highlight pre { white-space: pre-wrap; }"), "["),
    (listings.code_far_below_is_reached_before_it_is_drawn, PHONE, LAB,
     "document.querySelectorAll('pre').forEach(box => box.removeAttribute('tabindex'))",
     "highlight"),
    (listings.only_wide_boxes_are_tab_stops, PHONE, LAB,
     put("<pre tabindex=0>짧은 줄</pre>"), "짧은 줄"),
    (listings.last_section_is_where_its_link_leads, PHONE, LAB,
     style("main section[id] { padding-top: 500px; }"), "바닥까지"),
    (access.fits_a_phone, PHONE, CHAPTER, put("<p style='width: 400px'>넓은 글</p>"), "넓은 글"),
    (access.words_in_figures_stand_out, WIDE, LAB,
     style("[data-theme=dark] main svg text { fill: #333 !important; }"), "'dark'"),
    (access.words_in_figures_stand_out, WIDE, LAB,
     style("[data-theme=light] main svg text { fill: #ddd !important; }"), "'light'"),
    (paper.everything_is_on_the_paper, WIDE, SMALL,
     put("<div style='overflow: auto'><p style='width: 900px'>넓은 글</p></div>"), "넓은 글"),
    (paper.everything_is_on_the_paper, WIDE, SMALL,
     style("@media print { [data-theme=dark] main p { color: #ddd; } }"), "흐림"),
    (paper.everything_is_on_the_paper, WIDE, SMALL, put("<button>재생</button>"), "누를 수 없음"),
    (paper.everything_is_on_the_paper, WIDE, SMALL, put("<figure class=ddialab></figure>"),
     "빈 것"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "view", "path", "plant", "told"),
    [pytest.param(*row, id=f"{row[0].__name__}-{i}") for i, row in enumerate(PLANTED)],
)
def test_check_tells_what_was_planted(read, check, view, path, plant, told):
    reader = read(path, **view)
    reader.page.evaluate(plant)
    assert told in str(answer(check, reader))


def test_every_check_has_been_seen_to_fail():
    """axe는 아래에서 너비와 밝기마다 따로 봅니다."""
    every = {check for _, checks in CHECKS for check in checks}
    assert {row[0] for row in PLANTED} == every - {AXE}


def test_one_wrong_thing_does_not_hide_another(read):
    """하나가 막히고 하나가 틀려도 둘 다 말합니다."""
    reader = read(CHAPTER, **WIDE)
    reader.page.evaluate("document.querySelector('article').outerHTML = '<h1>가</h1><h1>나</h1>'")
    some = [korean.no_markdown_marks_are_left, korean.page_says_its_language_and_subject]
    told = "\n".join(problems(reader, WIDE, some))
    assert "page_says_its_language_and_subject" in told
    assert "no_markdown_marks_are_left" in told


# 색과 상관없는 규칙은 너비마다 한 번, 처음의 밝기에서 봅니다.
BY_WIDTH = [
    (360, "scrollable-region-focusable", "<div class=here360>긴 글<br>긴 글<br>긴 글</div>",
     "height: 20px; overflow: auto"),
    (768, "button-name", "<button class=here768></button>", "display: block"),
    (1440, "label", "<input class=here1440 type=text>", "display: block"),
]  # fmt: skip
NEAR_PAPER = {"light": "#ddd", "dark": "#333"}
SCHEMES = ("light", "dark")


def only_at(width: int, rule: str) -> str:
    return style(f"@media (width: {width}px) {{ {rule} }}")


def rules(found) -> dict[tuple[int, str], list[str]]:
    return {where: [rule for rule, _ in rows] for where, rows in found.items()}


def test_axe_sees_one_faint_word_at_each_width_in_each_scheme(read):
    """그때만 흐려지는 글 하나를, 똑같이 생긴 멀쩡한 글 다음에 둡니다."""
    reader = read(SMALL, **PHONE)
    for width, scheme in product(axe.WIDTHS, SCHEMES):
        name = f"faint{width}{scheme}"
        colour = f"[data-theme={scheme}] .{name} {{ color: {NEAR_PAPER[scheme]}; }}"
        reader.page.evaluate(put(f"<p>보이는 글</p><p class={name}>흐린 글</p>"))
        reader.page.evaluate(only_at(width, colour))
    found = AXE(reader)
    assert rules(found) == {where: ["color-contrast"] for where in product(axe.WIDTHS, SCHEMES)}
    assert all(f"faint{width}{scheme}" in str(rows) for (width, scheme), rows in found.items())


def test_axe_runs_every_rule_at_every_width(read):
    reader = read(SMALL, **PHONE)
    for width, _, html, css in BY_WIDTH:
        reader.page.evaluate(put(html))
        reader.page.evaluate(style(f".here{width} {{ {css} }}"))
        reader.page.evaluate(
            style(f"@media not (width: {width}px) {{ .here{width} {{ display: none; }} }}")
        )
    assert rules(AXE(reader)) == {(width, "light"): [rule] for width, rule, _, _ in BY_WIDTH}


@pytest.mark.parametrize("mark", ["class=k style='color: #777; background: #888'", "class=odd"])
def test_axe_sees_one_faint_token_among_many(read, mark):
    """같은 토막을 접어도 다르게 칠한 하나는 남습니다."""
    reader = read(SMALL, **PHONE)
    odd = f"<span {mark}>if</span>"
    reader.page.evaluate(put("<pre>" + "<span class=k>if</span> " * 40 + odd + "</pre>"))
    reader.page.evaluate(only_at(1440, ".odd { color: #777; background: #888; }"))
    assert "color-contrast" in rules(AXE(reader))[1440, "dark"]


CHANGES_IN_THE_DARK = {
    "hides": style("[data-theme=dark] main p { visibility: hidden; }"),
    "moves": style("[data-theme=dark] main { padding-left: 1px; }"),
    "unnames": """document.querySelector("button.theme").addEventListener("click", () => {
      document.querySelector("button.menu").toggleAttribute("aria-label"); })""",
}


@pytest.mark.parametrize("plant", CHANGES_IN_THE_DARK.values(), ids=CHANGES_IN_THE_DARK.keys())
def test_dark_may_change_only_colours(read, plant):
    """이것이 깨지면 어두운 화면에서 다른 규칙을 건너뛸 까닭도 깨집니다."""
    reader = read(SMALL, **PHONE)
    reader.page.evaluate(plant)
    assert "색 말고도" in str(AXE(reader)[360, "dark"])
