"""안쪽 링크와 자리(앵커)가 모두 있는 곳을 가리키는지 봅니다."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from reader import BOOK, PAGES, source

MOMENT = re.compile(r"scene=([\w-]+)&")  # 장면의 한 순간. 그 장면이 그 페이지에 있어야 합니다
SCENE = re.compile(r'"scene": ?"([\w-]+)"')


class Addresses(HTMLParser):
    """페이지 하나의 id들과 링크들. 접어 둔 그림(template) 안은 아직 페이지가 아니므로 뺍니다."""

    def __init__(self, html: str):
        super().__init__()
        self.ids, self.links, self.sections, self.templates = [], [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.templates += tag == "template"
        if self.templates:
            return
        names = dict(attrs)
        if "id" in names:
            self.ids.append(names["id"])
            if tag == "section":
                self.sections.append(names["id"])
        self.links += [names[key] for key in ("href", "src", "action") if names.get(key)]

    def handle_endtag(self, tag):
        self.templates -= tag == "template"


@cache
def addresses(path: str) -> Addresses:
    return Addresses(source(path))


def broken(path: str, link: str) -> bool:
    url = urlsplit(link)
    if url.scheme in ("http", "https", "mailto", "data"):
        return False
    folder = BOOK if url.path.startswith("/") else (BOOK / path).parent  # 404.html의 링크
    target = folder / unquote(url.path).lstrip("/") if url.path else BOOK / path
    if not target.is_file():
        return True
    if not url.fragment or target.suffix != ".html":
        return False
    name = target.resolve().relative_to(BOOK.resolve()).as_posix()
    if moment := MOMENT.match(url.fragment):
        return moment[1] not in SCENE.findall(source(name))
    return unquote(url.fragment) not in addresses(name).ids


def wrong(found: Callable[[str], list[str]]) -> dict[str, list[str]]:
    return {path: names for path in PAGES if (names := found(path))}


def test_links_lead_somewhere():
    def lost(path):
        return [link for link in addresses(path).links if broken(path, link)]

    assert wrong(lost) == {}


def test_ids_are_unique():
    def twice(path):
        return [name for name, count in Counter(addresses(path).ids).items() if count > 1]

    assert wrong(twice) == {}


def test_headings_have_lasting_addresses():
    """이름표 없는 한국어 제목은 id1 같은 주소를 받고, 제목을 하나 더하면 모두 밀립니다."""
    lasting = re.compile(r"(?!id\d+$)[a-z][a-z0-9-]*")

    def passing(path):
        return [name for name in addresses(path).sections if not lasting.fullmatch(name)]

    assert wrong(passing) == {}
