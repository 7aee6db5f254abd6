"""책에 나오는 글자만 담은 글꼴을 만듭니다.

Pretendard는 글자가 1만 개가 넘어 한 굵기가 1.5 MB입니다. 빌드한 페이지들에 나오는 글자만 추리면
열에 하나도 안 됩니다. 굵은 글꼴에는 굵게 나오는 글자만 담습니다. OFL의 예약 글꼴 이름 규정에
따라 고친 글꼴에는 다른 이름을 붙입니다.
"""

import hashlib
import logging
import re
import shutil
import string
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.errors import SphinxError

FAMILY = "DDIALab Sans"
SOURCES = Path(__file__).parents[2] / "src/ddialab/show/fonts"
ALWAYS = (
    string.printable + "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ·…—–‘’“”「」『』→←↑↓×÷±≤≥≈−"
)
BOLD_TAGS = r"<(h[1-6]|strong|b|th|dt|summary|button|legend|output)\b[^>]*>(.*?)</\1>"
BOLD_CLASSES = (
    r'class="[^"]*\b(?:home|button|admonition-title|sd-card-title|sd-btn|sd-font-weight-bold|kind|'
    r'badge|current|reference|sidebar-title|topic-title)\b[^"]*"[^>]*>([^<]*)'
)
BOLD_ATTRIBUTES = (
    r"(?:font-weight(?:: ?|=\x22)(?:bold|[6-9]00)|font: ?(?:bold|[6-9]00)|data-run=)[^>]*>([^<]*)"
    r'|data-texts="([^"]*)'
)


logging.getLogger("fontTools").setLevel(logging.WARNING)


class FontError(SphinxError):
    category = "글꼴 오류"


def bold_text(html: str) -> str:
    """페이지에서 굵게 나오는 텍스트. JSON에 담아 둔 그림(슬라이더의 장면들)도 풀어서 봅니다."""
    html = html.replace("\\u003c", "<").replace('\\"', '"')
    tagged = (match[2] for match in re.finditer(BOLD_TAGS, html, re.S))
    classed = re.findall(f"{BOLD_CLASSES}|{BOLD_ATTRIBUTES}", html)
    turned = re.findall(r'<nav class="turn".*?</nav>', html, re.S)
    return "".join([*tagged, *map("".join, classed), *turned])


def used_glyphs(out: Path) -> dict[str, set[str]]:
    """굵기마다 빌드한 페이지들에 나오는 글자."""
    glyphs = {"Regular": set(ALWAYS), "Bold": set(ALWAYS)}
    for page in out.rglob("*.html"):
        html = page.read_text("utf-8")
        glyphs["Regular"] |= set(html)
        glyphs["Bold"] |= set(bold_text(html))
    for part in [*(out / "_static").rglob("*.js"), *(out / "_static").glob("*.css")]:
        words = set(part.read_text("utf-8"))
        glyphs["Regular"] |= words
        if part.name == "scene.js":  # 「꺼짐」처럼 그림 위에 굵게 쓰는 말이 여기에 있습니다
            glyphs["Bold"] |= words
    return glyphs


def rename(font: TTFont, weight: str) -> None:
    for record in font["name"].names:
        if record.nameID in (1, 16):
            record.string = FAMILY
        elif record.nameID in (3, 4):
            record.string = f"{FAMILY} {weight}"
        elif record.nameID == 6:
            record.string = f"{FAMILY.replace(' ', '')}-{weight}"
    cff = font["CFF "].cff
    cff.fontNames = [f"{FAMILY.replace(' ', '')}-{weight}"]
    cff[0].FamilyName, cff[0].FullName = FAMILY, f"{FAMILY} {weight}"


def make_subset(weight: str, glyphs: set[str], target: Path) -> None:
    options = subset.Options(
        flavor="woff2", desubroutinize=True, hinting=False, layout_features=["kern"],
        name_IDs=[0, 1, 2, 3, 4, 6, 13, 14],
    )  # fmt: skip
    font = subset.load_font(str(SOURCES / f"Pretendard-{weight}.otf"), options)
    chooser = subset.Subsetter(options)
    chooser.populate(unicodes={ord(char) for char in glyphs})
    chooser.subset(font)
    rename(font, weight)
    subset.save_font(font, str(target), options)


def cached_subset(weight: str, glyphs: set[str], cache: Path) -> Path:
    """같은 글자라면 전에 만든 것을 다시 사용합니다."""
    recipe = Path(__file__).read_bytes() + "".join(sorted(glyphs)).encode()
    path = cache / f"{weight}-{hashlib.sha256(recipe).hexdigest()[:16]}.woff2"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{weight}-*.woff2"):
            old.unlink()
        make_subset(weight, glyphs, path)
    return path


def ship_fonts(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    folder = out / "_static/fonts"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for weight, glyphs in used_glyphs(out).items():
            made = cached_subset(weight, glyphs, Path(app.srcdir, ".cache/fonts"))
            shutil.copyfile(made, folder / f"ddialab-sans-{weight.lower()}.woff2")
        shutil.copyfile(SOURCES / "OFL.txt", folder / "OFL.txt")
    except OSError as error:
        raise FontError(
            f"글꼴을 저장하지 못했습니다: {error}. 디스크 공간과 쓰기 권한을 확인하세요."
        ) from error


def setup(app):
    app.connect("build-finished", ship_fonts, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
