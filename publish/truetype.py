"""글꼴의 3차 곡선(CFF)을 2차 곡선(TrueType)으로 바꿉니다.

크로미움은 CFF 웹 글꼴을 PDF에 글꼴이 아니라 그림(Type 3)으로 넣습니다. 그러면 이름이 사라지고, 작은
글자의 사이가 고르지 않고, 파일도 커집니다.
"""

import io
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

MAX_ERROR = 1.0  # 글꼴 단위. 글자 높이의 약 이천분의 일


def outline(glyph):
    pen = TTGlyphPen(None)
    glyph.draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
    return pen.glyph()


def truetype(path: Path) -> bytes:
    """글꼴 파일을 TrueType으로. 이미 TrueType이면 윤곽은 그대로입니다."""
    font = TTFont(path)
    if "CFF " in font:
        shapes = font.getGlyphSet()
        outlines = {name: outline(shapes[name]) for name in font.getGlyphOrder()}
        del font["CFF "]
        builder = FontBuilder(font=font)
        builder.isTTF = True
        builder.setupGlyf(outlines)
        builder.setupMaxp()
        builder.setupPost(keepGlyphNames=False)
        font.sfntVersion = "\x00\x01\x00\x00"
    font.flavor = None
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
