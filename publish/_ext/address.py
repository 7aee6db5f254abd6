"""책이 놓일 주소. 환경 변수 SITE_URL로 알려 주면 검색 사이트와 메신저가 사용할 것을 더합니다.

표준 주소(canonical), 사이트맵, 공유 카드에는 온전한 주소를 써야 하므로, 모르면 모두 뺍니다.
"""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from sphinx.errors import SphinxError

import card
from pages import rebase

CARDS = "_static/cards"
FORM = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")


class AddressError(SphinxError):
    category = "주소 오류"


def site_url(given: str) -> str:
    """빗금으로 끝나는 책의 주소. 정하지 않았으면 빈 문자열입니다."""
    if given and not FORM.fullmatch(given):
        raise AddressError(
            f"SITE_URL {given!r}: http:// 나 https:// 로 시작하는 책의 주소여야 합니다. "
            "예: SITE_URL=https://example.org/book (주소를 아직 모르면 SITE_URL을 지우세요)"
        )
    return given.rstrip("/") + "/" if given else ""


def page_url(app, name: str) -> str:
    """페이지의 표준 주소. 첫 페이지는 두 번 쓰이지만 주소는 맨 위 하나입니다."""
    path = "" if name == app.config.root_doc else app.builder.get_target_uri(name)
    return app.config.html_baseurl + path


def card_path(name: str) -> str:
    return f"{CARDS}/{name.replace('/', '-')}.png"


def sitemap(urls: list[str]) -> str:
    rows = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in urls)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{space}">\n{rows}</urlset>\n'


def set_address(app, config):
    config.html_baseurl = site_url(os.environ.get("SITE_URL", ""))


def missing_page(app):
    yield "404", {}, "404.html"


def fill_context(app, pagename, templatename, context, doctree):
    base = app.config.html_baseurl
    context["site_url"] = base
    if base and pagename in app.env.found_docs:
        context["canonical"] = page_url(app, pagename)
        context["card"] = base + card_path(pagename)


def draw_cards(app, names: list[str]) -> None:
    for name in names:
        path = Path(app.outdir, card_path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        card.draw(app.env.titles[name].astext(), app.config.html_title).save(path)


def place_missing_page(path: Path, top: str) -> None:
    """어느 깊이의 주소에서 나와도 통하게, 링크를 책의 맨 위 폴더(`top`)에서부터 씁니다."""
    html = rebase(path.read_text("utf-8"), top)
    path.write_text(html.replace('content_root="./"', f'content_root="{top}"'), "utf-8")


def finish(app, exception):
    if exception or app.builder.format != "html":
        return
    out, base = Path(app.outdir), app.config.html_baseurl
    names = sorted(app.env.found_docs)
    place_missing_page(out / "404.html", urlsplit(base).path or "/")
    # 전에 다른 주소로 빌드한 것이 남지 않게 지우고 시작합니다.
    shutil.rmtree(out / CARDS, ignore_errors=True)
    (out / "sitemap.xml").unlink(missing_ok=True)
    robots = "User-agent: *\nAllow: /\n"
    if base:
        draw_cards(app, names)
        (out / "sitemap.xml").write_text(sitemap([page_url(app, n) for n in names]), "utf-8")
        robots += f"Sitemap: {base}sitemap.xml\n"
    (out / "robots.txt").write_text(robots, "utf-8")


def setup(app):
    app.connect("config-inited", set_address)
    app.connect("html-collect-pages", missing_page)
    app.connect("html-page-context", fill_context)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
