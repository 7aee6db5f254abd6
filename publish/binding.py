"""빌드한 페이지들을 차례대로 묶어 종이에 찍을 HTML 하나를 만듭니다.

종이에서는 아무것도 누를 수 없습니다. 그래서 버튼과 칸을 걷어 내고, 접힌 것은 펴고, 움직이는 그림은
처음 보이는 장면으로 둡니다. 접어 둔 답은 책의 끝에 모읍니다. 한 문서가 되므로 id마다 페이지의
이름을 앞에 붙입니다.
"""

import json
import posixpath
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, FileSystemLoader
from sphinx_external_toc.parsing import parse_toc_yaml

TEMPLATES = Path(__file__).with_name("print")
# 종이에서 아무 일도 하지 않는 것들. 접어 둔 코드는 노트북에서 봅니다.
DEAD = (
    "script, style, .headerlink, .eyebrow, .run, .ddialab-actions, .ddialab-wait, "
    ".progress-tools, .sd-summary-state-marker, details.hide:has(> .cell_input)"
)
NO_ANSWER = {"deeper", "results"}  # 접어 두었지만 답은 아닌 것
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-details")
INNER_URL = re.compile(r"(?<=url\(#)[^)]+")  # SVG의 화살촉이나 오려 내기를 가리키는 이름
OUTSIDE = ("http", "https", "mailto")
SCENE_NOTE = "장면은 웹과 노트북에서 움직입니다. 종이에는 저장된 장면 하나를 한 장에 그렸습니다."


@dataclass(frozen=True)
class Page:
    """묶을 페이지 하나. `depth`는 차례에서의 깊이이고 부는 0입니다."""

    name: str
    depth: int
    title: str
    article: Tag

    @property
    def anchor(self) -> str:
        return anchor(self.name)

    @property
    def css_title(self) -> str:
        """머리말에 넣을 CSS 문자열. JSON의 따옴표 규칙이 그대로 통합니다."""
        return json.dumps(self.title, ensure_ascii=False)


def anchor(name: str, fragment: str = "") -> str:
    """한 문서 안에서 페이지 `name`의 자리 `fragment`를 가리키는 id."""
    page = name.replace("/", "-")
    return f"{page}--{fragment}" if fragment else page


def toc_pages(toc: Path) -> list[tuple[str, int]]:
    """차례에 나오는 순서대로 (페이지의 이름, 깊이). 첫 페이지와 부의 깊이는 0입니다."""
    site = parse_toc_yaml(toc)

    def below(name: str, depth: int) -> list[tuple[str, int]]:
        children = [item for tree in site[name].subtrees for item in tree.items]
        return [pair for item in children for pair in [(item, depth), *below(item, depth + 1)]]

    root = site.root.docname
    return [(root, 0), *below(root, 0)]


def read_page(html: Path, name: str, depth: int) -> Page:
    path = html / f"{name}.html"
    if not path.is_file():
        sys.exit(f"빌드한 책에 {name} 페이지가 없습니다. `make html`로 다시 빌드하세요.")
    article = BeautifulSoup(path.read_text("utf-8"), "html.parser").select_one("main article")
    for dead in article.select(DEAD):
        dead.decompose()
    title = " ".join(article.h1.get_text().split())
    return Page(name, depth, title, article)


def new(tag: str, text: str, css_class: str) -> Tag:
    made = BeautifulSoup("", "html.parser").new_tag(tag, attrs={"class": css_class})
    made.string = text
    return made


def still_figures(article: Tag) -> None:
    """슬라이더의 첫 그림과 장면의 멈춘 그림을 보이고, 무엇을 움직일 수 있었는지 알려 줍니다."""
    for frame in article.select(".ddialab-scroll"):
        del frame["hidden"]
    for figure in article.select(".ddialab-explore"):
        knobs = figure.select(".ddialab-knob")
        figure.select_one(".ddialab-note").string = knob_note(knobs)
        figure.select_one(".ddialab-controls").decompose()
    for figure in article.select(".ddialab-scene"):
        figure.figcaption.insert_before(new("p", SCENE_NOTE, "ddialab-note"))


def knob_note(knobs: list[Tag]) -> str:
    shown = [f"{knob.span.get_text()} {knob.output.get_text()}" for knob in knobs]
    ranges = [f"{knob.span.get_text()} {knob_range(knob)}" for knob in knobs]
    return f"{', '.join(shown)}일 때의 그림입니다. 슬라이더의 범위: {', '.join(ranges)}."


def knob_range(knob: Tag) -> str:
    values = json.loads(knob.input["data-texts"])
    return f"{values[0]} … {values[-1]}"


def paper_forms(article: Tag) -> None:
    """예상과 스스로 확인을 연필로 적을 수 있는 물음으로 바꿉니다."""
    for field in article.select("form input"):
        field.replace_with(new("span", "", "blank" if field["type"] == "text" else "choice"))
    for tag in article.select("form, fieldset"):
        tag.name = "div"
        tag.attrs = {"class": tag.get("class", "question")}
    for tag in article.select("legend"):
        tag.name, tag["class"] = "p", "label"


def open_folds(article: Tag) -> None:
    """접어 둔 것은 폅니다. 종이에서는 열 수 없습니다."""
    for fold in article.select("details"):
        classes, label = fold.get("class", ()), fold.summary
        kind = "answer" if NO_ANSWER & set(classes) else "answer last"
        fold.name, fold["class"] = "div", kind.split()
        if "deeper" in classes:
            label.decompose()  # 무엇을 펼치는지는 절의 제목에 있습니다
            continue
        label.name, label["class"] = "p", "label"
        label.string = label.get_text(strip=True).removesuffix(" 보기")


def gather_answers(article: Tag, name: str) -> list[Tag]:
    """접어 두었던 답을 떼어 냅니다. 그 자리에는 답이 몇 쪽에 있는지 적을 줄을 둡니다."""
    answers = article.select(".answer.last")
    for number, answer in enumerate(answers, 1):
        answer["id"] = anchor(name, f"answer-{number}")
        question = answer.find_previous_sibling(class_="question")
        link = new("a", answer.p.get_text(), "where")
        link["href"] = f"#{answer['id']}"
        link.append(new("span", "", "number"))
        answer.replace_with(link)
        if question:
            answer.p.string = question.p.get_text()
    return answers


def drop_empty_cells(article: Tag) -> None:
    """코드를 걷어 내고 나니 아무것도 남지 않은 칸."""
    for cell in article.select("div.cell"):
        if not cell.get_text(strip=True) and not cell.select("svg, img"):
            cell.decompose()


def lower_headings(article: Tag, depth: int) -> None:
    """부는 h1, 페이지는 h2, 그 아래 절은 더 아래로. 원래의 높이는 class로 남겨 모양을 정합니다."""
    for heading in article.select("h1, h2, h3, h4, h5, h6"):
        level = int(heading.name[1])
        heading["class"] = f"l{level}"
        heading.name = f"h{min(level + depth, 6)}"


def beside(name: str, path: str) -> str:
    """페이지 `name`에서 본 상대 주소를 책의 맨 위에서 본 것으로."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def resolve(name: str, link: str, names: set[str]) -> str | None:
    """페이지 `name`에 적힌 주소를 한 문서 안의 주소로. 책에 실리지 않은 곳이면 None입니다."""
    url = urlsplit(link)
    if url.scheme in OUTSIDE:
        return link
    target = beside(name, unquote(url.path)).removesuffix(".html") if url.path else name
    if url.scheme or target not in names:
        return None
    return "#" + quote(anchor(target, unquote(url.fragment)))


def rename(article: Tag, name: str) -> None:
    """id와, 같은 페이지의 id를 가리키는 것에 페이지의 이름을 붙입니다(SVG의 url(#…)까지)."""
    for tag in article.find_all(True):
        for key, value in tag.attrs.items():
            if key == "id":
                tag[key] = anchor(name, value)
            elif key in POINTERS:
                tag[key] = " ".join(anchor(name, part) for part in str(value).split())
            elif isinstance(value, str):
                tag[key] = INNER_URL.sub(lambda found: anchor(name, found[0]), value)


def relink(article: Tag, name: str, names: set[str]) -> None:
    """페이지 사이의 링크는 문서 안의 링크로, 책 밖의 파일로 가는 링크는 글자로 바꿉니다."""
    for tag in article.select("[href], [xlink\\:href]"):
        key = "href" if tag.has_attr("href") else "xlink:href"
        link = resolve(name, tag[key], names)
        if link:
            tag[key] = link
        else:
            tag.unwrap()
    for tag in article.select("[src]"):
        if not urlsplit(tag["src"]).scheme:
            tag["src"] = "/" + beside(name, tag["src"])


def prepare(page: Page, names: set[str]) -> list[Tag]:
    """``page``를 종이의 것으로 바꾸고, 책의 끝에 모을 답들을 돌려줍니다."""
    still_figures(page.article)
    paper_forms(page.article)
    open_folds(page.article)
    drop_empty_cells(page.article)
    rename(page.article, page.name)
    relink(page.article, page.name, names)
    lower_headings(page.article, page.depth)
    return gather_answers(page.article, page.name)


def bind(html: Path, toc: Path) -> str:
    """빌드한 책 `html`의 페이지들을 차례 `toc`의 순서로 묶은 HTML."""
    listed = toc_pages(toc)
    pages = [read_page(html, name, depth) for name, depth in listed]
    names = {name for name, _ in listed}
    answers = [(page, gathered) for page in pages if (gathered := prepare(page, names))]
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    book = templates.get_template("book.html")
    return book.render(pages=pages, answers=answers, title=pages[0].title)
