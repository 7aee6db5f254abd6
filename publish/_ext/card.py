"""공유 카드: 페이지의 제목을 넣은 그림. 메신저가 주소 아래에 보여 줍니다.

바깥 서비스 없이 책의 글꼴로 그립니다. 같은 제목이면 같은 그림입니다.
"""

from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[2]
FONTS = ROOT / "src/ddialab/show/fonts"
ICON = ROOT / "publish/theme/static/apple-touch-icon.png"
SIZE = WIDTH, HEIGHT = 1200, 630  # 공유 카드의 관례
MARGIN = 88
TITLE_SIZES = (92, 80, 72, 64, 56)
LEADING, TITLE_HEIGHT = 1.25, 250
BOOK_SIZE = 34
GROUND, INK, SOFT, CRACK = "#14425f", "#ffffff", "#c3dae8", "#f0a93b"  # 아이콘의 색


@cache
def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"Pretendard-{weight}.otf"), size)


@cache
def icon() -> Image.Image:
    return Image.open(ICON).convert("RGB")


def wrap(text: str, face: ImageFont.FreeTypeFont) -> list[str]:
    """낱말 사이에서 나눈 줄들."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def fit(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """자리에 들어가는 가장 큰 글자. 가장 작은 글자로도 넘치면 줄임표로 끝냅니다."""
    for size in TITLE_SIZES:
        face, most = font("Bold", size), int(TITLE_HEIGHT / (size * LEADING))
        lines = wrap(title, face)
        if len(lines) <= most:
            return face, lines
    return face, [*lines[: most - 1], lines[most - 1].rpartition(" ")[0] + " …"]


def draw(title: str, book: str) -> Image.Image:
    image = Image.new("RGB", SIZE, GROUND)
    image.paste(icon(), (MARGIN - 42, MARGIN - 44))  # 아이콘의 여백만큼 당깁니다
    pen = ImageDraw.Draw(image)
    face, lines = fit(title)
    middle, spacing = (MARGIN, HEIGHT / 2 + 24), face.size * (LEADING - 1)
    pen.multiline_text(middle, "\n".join(lines), INK, face, anchor="lm", spacing=spacing)
    pen.rectangle((MARGIN, HEIGHT - 132, MARGIN + 64, HEIGHT - 127), CRACK)
    if book != title:
        pen.text((MARGIN, HEIGHT - 76), book, SOFT, font("Regular", BOOK_SIZE), anchor="lm")
    return image
