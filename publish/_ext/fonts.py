"""책에 나오는 글자만 담은 글꼴을 만듭니다.

Pretendard는 글자가 1만 개가 넘어 한 굵기가 1.5 MB입니다. 빌드한 페이지들에 나오는 글자만 추리면
열에 하나도 안 됩니다. 굵은 글꼴에는 굵게 나오는 글자만 담습니다. OFL의 예약 글꼴 이름 규정에
따라 고친 글꼴에는 다른 이름을 붙입니다.

온 책의 글자를 담은 글꼴은 책이 길어질수록 커집니다. 그래서 페이지는 여러 페이지에 나오는 글자와
자기 글자의 나머지만 받습니다(`fonts/페이지.css`). 둘의 글자는 겹치지 않습니다. 겹치면 브라우저가
한 글꼴을 기다리는 동안 다른 것까지 받습니다. 어느 글자든 나올 수 있는 찾기와 PDF, 브라우저
실습실은 온 책의 글꼴(`fonts.css`)을 사용합니다.
"""

import hashlib
import logging
import re
import shutil
from itertools import groupby
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.errors import SphinxError

from letters import WEIGHTS, Letters, common, letters, merged

FAMILY = "DDIALab Sans"
NAMED_SHEET = r'href="[^"]*?_static/fonts/([^"/?]+)\.css'
SOURCES = Path(__file__).parents[2] / "src/ddialab/show/fonts"
logging.getLogger("fontTools").setLevel(logging.WARNING)


class FontError(SphinxError):
    category = "글꼴 오류"


def sheet_name(page: str) -> str:
    """페이지의 글꼴 이름. 온 책의 글자가 나오는 찾기 페이지에는 없습니다."""
    return "" if page == "search" else page.replace("/", "-")


def file_name(name: str, weight: str) -> str:
    return "-".join(filter(None, ("ddialab-sans", name, weight.lower()))) + ".woff2"


def slices(out: Path) -> dict[str, Letters]:
    """글꼴의 이름마다 담을 글자. 이름이 비어 있는 것은 온 책의 글꼴입니다."""
    pages, others = {}, []
    for path in out.rglob("*.html"):
        html = path.read_text("utf-8")
        used, named = letters(html, out / "_static"), re.search(NAMED_SHEET, html)
        if named:
            pages[named[1]] = used
        else:
            others.append(used)
    shared = common(pages.values())
    made = {"": merged([*pages.values(), *others]), "common": shared}
    for name, used in pages.items():
        # 빈 unicode-range는 「모든 글자」로 읽힙니다. 나머지가 없으면 빈칸이라도 맡깁니다
        made[name] = {weight: used[weight] - shared[weight] or {" "} for weight in WEIGHTS}
    return made


def unicode_range(glyphs: set[str]) -> str:
    """CSS의 unicode-range. 이어진 글자는 처음과 끝만 적습니다."""
    codes = enumerate(sorted(map(ord, glyphs)))
    runs = [[code for _, code in run] for _, run in groupby(codes, lambda one: one[1] - one[0])]
    return ",".join(f"U+{run[0]:X}" + (f"-{run[-1]:X}" if run[1:] else "") for run in runs)


def face(name: str, weight: str, glyphs: set[str]) -> str:
    return (
        f'@font-face{{font-family:"{FAMILY}";src:url({file_name(name, weight)}) format("woff2");'
        f"font-weight:{WEIGHTS[weight]};font-display:swap;unicode-range:{unicode_range(glyphs)}}}\n"
    )


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


def make_subset(weight: str, glyphs: set[str], target: Path, source: Path | None = None) -> None:
    """``source``는 이미 추린 글꼴입니다. 거기서 다시 추리면 원본에서 추릴 때보다 빠릅니다."""
    options = subset.Options(
        flavor="woff2", desubroutinize=True, hinting=False, layout_features=["kern"],
        name_IDs=[0, 1, 2, 3, 4, 6, 13, 14],
    )  # fmt: skip
    font = subset.load_font(str(source or SOURCES / f"Pretendard-{weight}.otf"), options)
    chooser = subset.Subsetter(options)
    chooser.populate(unicodes={ord(char) for char in glyphs})
    chooser.subset(font)
    rename(font, weight)
    subset.save_font(font, str(target), options)


def cached_subset(
    name: str, weight: str, glyphs: set[str], cache: Path, source: Path | None = None
) -> Path:
    """같은 글자라면 전에 만든 것을 다시 사용합니다."""
    recipe = Path(__file__).read_bytes() + "".join(sorted(glyphs)).encode()
    stem = Path(file_name(name, weight)).stem
    path = cache / f"{stem}.{hashlib.sha256(recipe).hexdigest()[:16]}.woff2"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{stem}.*.woff2"):
            old.unlink()
        make_subset(weight, glyphs, path, source)
    return path


def write_fonts(made: dict[str, Letters], folder: Path, cache: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        whole = cached_subset("", weight, made[""][weight], cache)
        for name, used in made.items():
            small = cached_subset(name, weight, used[weight], cache, whole)
            shutil.copyfile(small, folder / file_name(name, weight))
    sheet = (folder.parent / "fonts.css").read_text("utf-8")
    waiting = "".join(re.findall(r"@font-face .*local\(.*\n", sheet))
    for name in made.keys() - {"", "common"}:
        both = [(one, weight) for one in ("common", name) for weight in WEIGHTS]
        faces = "".join(face(one, weight, made[one][weight]) for one, weight in both)
        (folder / f"{name}.css").write_text(faces + waiting, "utf-8")
    shutil.copyfile(SOURCES / "OFL.txt", folder / "OFL.txt")


def ship_fonts(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    try:
        write_fonts(slices(out), out / "_static/fonts", Path(app.srcdir, ".cache/fonts"))
    except OSError as error:
        raise FontError(
            f"글꼴을 저장하지 못했습니다: {error}. 디스크 공간과 쓰기 권한을 확인하세요."
        ) from error


def fill_context(app, pagename, templatename, context, doctree):
    """페이지가 받을 글꼴을 알립니다. 머리의 스크립트가 그 파일들을 스타일시트와 함께 받습니다."""
    name = sheet_name(pagename)
    context["font_sheet"] = f"_static/fonts/{name}.css" if name else "_static/fonts.css"
    wanted = ("common", name) if name else ("",)
    context["font_files"] = " ".join(file_name(one, weight) for one in wanted for weight in WEIGHTS)


def setup(app):
    app.connect("html-page-context", fill_context)
    app.connect("build-finished", ship_fonts, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
