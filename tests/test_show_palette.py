"""팔레트: 읽을 수 있는 명암, 이름마다 다른 값, 스타일시트와 같은 값."""

import re

import pytest

from ddialab.core.errors import InvalidValue
from ddialab.show import color
from ddialab.show.face import asset
from ddialab.show.palette import PALETTE, TINT, css_variables


def channels(hex_color):
    return [int(hex_color[i : i + 2], 16) for i in (1, 3, 5)]


def luminance(hex_color):
    shares = [channel / 255 for channel in channels(hex_color)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def tinted(ground, ink_color):
    mixed = zip(channels(ink_color), channels(ground), strict=True)
    return "#" + "".join(f"{round(TINT * ink + (1 - TINT) * bare):02x}" for ink, bare in mixed)


@pytest.mark.parametrize("name", PALETTE)
def test_every_colour_is_readable_as_text_on_its_ground(name):
    light, dark = PALETTE[name]
    assert contrast(light, "#ffffff") >= 4.5
    assert contrast(light, "#f4f5f7") >= 4.5  # 재생기 상자의 바탕
    assert contrast(dark, "#14181e") >= 4.5
    assert contrast(dark, "#1f252d") >= 4.5


@pytest.mark.parametrize("name", PALETTE)
def test_every_colour_is_readable_on_its_own_tint(name):
    light, dark = PALETTE[name]
    for paper in ("#ffffff", "#fdfcfa"):  # 노트북과 책의 종이
        assert contrast(light, tinted(paper, light)) >= 4.5
    for paper in ("#14181e", "#16191d"):
        assert contrast(dark, tinted(paper, dark)) >= 4.5


def test_light_values_differ_so_that_svg_can_be_mapped_back():
    assert len({light for light, _ in PALETTE.values()}) == len(PALETTE)


@pytest.mark.parametrize("sheet", ["ddialab.css", "notebook.css"])
def test_stylesheets_carry_the_same_dark_values(sheet):
    assert css_variables(dark=True) in re.sub(r"\s+", "", asset(sheet))


def test_site_stylesheet_carries_the_same_light_values():
    assert css_variables(dark=False) in re.sub(r"\s+", "", asset("ddialab.css"))


def test_unknown_colour_is_refused():
    with pytest.raises(InvalidValue, match="magenta"):
        color("magenta")
