"""책의 주소(SITE_URL): 알면 표준 주소, 사이트맵, 카드를 더하고, 모르면 흔적도 없습니다."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops

import address
import card

ROOT = Path(__file__).resolve().parents[1]
CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "publish/_ext")!r})
extensions = ["address", "fonts", "pages"]
root_doc, language, project = "chapters/index", "ko", "작은 책"
html_title = html_short_title = project
html_theme, html_theme_path = "theme", [{str(ROOT / "publish")!r}]
"""
PAGES = {
    "chapters/index.rst": "작은 책\n======\n\n첫 쪽입니다.\n\n.. toctree::\n\n   one\n",
    "chapters/one.rst": "하나\n====\n\n둘째 쪽입니다.\n",
}


@pytest.fixture
def build(tmp_path):
    """`build(주소)`는 두 페이지짜리 책을 우리의 규칙으로 빌드합니다."""
    (tmp_path / "source/chapters").mkdir(parents=True)
    (tmp_path / "source/conf.py").write_text(CONF, "utf-8")
    for name, text in PAGES.items():
        (tmp_path / "source" / name).write_text(text, "utf-8")

    def run(url: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "sphinx", "-q", str(tmp_path / "source"), str(out)]
        env = {**os.environ, "SITE_URL": url}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    out = tmp_path / "out"
    run.out = out
    return run


def head(path: Path) -> dict[str, str]:
    """머리말의 표준 주소와 공유 정보."""
    html = path.read_text("utf-8")
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', html)
    return dict(found) | dict(re.findall(r'<link rel="(canonical)" href="([^"]*)"', html))


def test_address_is_written_where_others_look(build):
    assert build("https://example.org/book").returncode == 0
    out, base = build.out, "https://example.org/book/"
    front, one = head(out / "index.html"), head(out / "chapters/one.html")
    assert front["canonical"] == head(out / "chapters/index.html")["canonical"] == base
    assert one["canonical"] == one["og:url"] == f"{base}chapters/one.html"
    assert one["og:title"] == "하나"
    assert (front["og:type"], one["og:type"]) == ("website", "article")
    assert one["twitter:card"] == "summary_large_image"
    for page in (front, one):
        with Image.open(out / page["og:image"].removeprefix(base)) as image:
            assert image.size == (1200, 630)
        assert page["og:image:alt"]
    locations = [
        place.text for place in ElementTree.parse(out / "sitemap.xml").iter() if place.text
    ]
    assert [text for text in locations if text.strip()] == [base, f"{base}chapters/one.html"]
    assert f"Sitemap: {base}sitemap.xml" in (out / "robots.txt").read_text("utf-8")
    links = re.findall(r'(?:href|src|action)="([^"]*)"', (out / "404.html").read_text("utf-8"))
    assert {link for link in links if not link.startswith(("/book/", "#", "https://"))} == set()
    assert "fetch(" not in (out / "404.html").read_text("utf-8")  # 아는 주소를 찾아다니지 않습니다
    assert "canonical" not in head(out / "search.html") | head(out / "404.html")


def test_unknown_address_leaves_no_trace(build):
    """전에 주소를 적어 빌드한 폴더에 다시 빌드해도 그렇습니다."""
    assert build("https://example.org/book").returncode == build("").returncode == 0
    written = {path.name for path in build.out.rglob("*")}
    assert not written & {"sitemap.xml", "cards"}
    for path in build.out.rglob("*.html"):
        assert "example.org" not in path.read_text("utf-8")
        assert not {"canonical", "og:url", "og:image"} & set(head(path))
        assert {"description", "og:title", "og:description", "twitter:card"} <= set(head(path))
    assert "Sitemap" not in (build.out / "robots.txt").read_text("utf-8")


@pytest.mark.parametrize("url", ["example.org", "ftp://a.b/", "https://", "https://a.b/?q", "a b"])
def test_wrong_address_is_refused_with_an_example(url):
    with pytest.raises(address.AddressError, match="SITE_URL=https://example"):
        address.site_url(url)


def test_wrong_address_stops_the_build(build):
    run = build("example.org")
    assert run.returncode != 0
    assert "SITE_URL 'example.org'" in run.stderr


def test_slash_at_the_end_does_not_matter():
    assert address.site_url("http://a.b") == address.site_url("http://a.b/") == "http://a.b/"


def inked(image: Image.Image) -> tuple[int, int, int, int]:
    """바탕이 아닌 것이 그려진 네모."""
    return ImageChops.difference(image, Image.new("RGB", image.size, card.GROUND)).getbbox()


@pytest.mark.parametrize("title", ["캐시 미스", "느린 클릭 하나를 쫓기 " * 2, "가나다라 " * 30])
def test_card_holds_any_title_and_is_always_the_same(title):
    image = card.draw(title, "작은 책")
    left, top, right, bottom = inked(image)
    assert min(left, top) >= 40
    assert right <= card.WIDTH - card.MARGIN
    assert bottom <= card.HEIGHT - 40
    assert image.tobytes() == card.draw(title, "작은 책").tobytes()
    assert image.tobytes() != card.draw("다른 제목", "작은 책").tobytes()


def test_every_title_has_its_letters_in_the_font():
    known = TTFont(card.FONTS / "Pretendard-Bold.otf").getBestCmap()
    titles = [re.search(r"^# (.+)", path.read_text("utf-8"), re.M)[1]
              for path in (ROOT / "chapters").rglob("*.md")]  # fmt: skip
    assert {letter for title in titles for letter in title if ord(letter) not in known} == set()


def test_workflow_tells_the_address_and_calls_real_targets():
    text = (ROOT / ".github/workflows/pages.yml").read_text("utf-8")
    steps = yaml.safe_load(text)["jobs"]["build"]["steps"]
    (make,) = [step for step in steps if step.get("run", "").startswith("make ")]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert set(make["run"].split()[1:]) <= set(targets)
    assert make["env"] == {"SITE_URL": "${{ steps.pages.outputs.base_url }}"}
    assert any(step.get("id") == "pages" for step in steps)
