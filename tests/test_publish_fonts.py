"""추린 글꼴: 필요한 글자만 담고, 다른 이름을 쓰고, 같은 글자면 다시 만들지 않습니다."""

import re

import pytest
from fontTools.ttLib import TTFont

import fonts


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    cache = tmp_path_factory.mktemp("fonts")
    return fonts.cached_subset("Bold", set("캐시 miss 99%"), cache)


def test_holds_only_what_was_asked(made):
    held = {chr(code) for code in TTFont(made).getBestCmap()}
    assert held == set("캐시 miss 99%")


def test_reserved_name_is_gone(made):
    """OFL의 예약 글꼴 이름: 고친 글꼴은 Pretendard라는 이름을 쓸 수 없습니다."""
    font = TTFont(made)
    named = {record.nameID: record.toUnicode() for record in font["name"].names}
    for name_id in (1, 3, 4, 6, 16):
        assert "pretendard" not in named.get(name_id, "").lower()
    assert named[1] == fonts.FAMILY
    assert "pretendard" not in font["CFF "].cff.fontNames[0].lower()
    assert "SIL Open Font License" in named[13]


def test_same_glyphs_reuse_the_file(made, monkeypatch):
    def forbidden(*args):
        raise AssertionError("다시 만들면 안 됩니다")

    monkeypatch.setattr(fonts, "make_subset", forbidden)
    assert fonts.cached_subset("Bold", set("99% ssim 시캐"), made.parent) == made


def test_new_glyphs_replace_the_old_file(made):
    other = fonts.cached_subset("Bold", set("결함"), made.parent)
    assert other != made
    assert [path.name for path in made.parent.iterdir()] == [other.name]


def test_bold_text_is_found_where_the_style_makes_it_bold():
    html = (
        "<p>보통<strong>굵게</strong></p><h2 id='x'>제목<a>#</a></h2>"
        '<p class="admonition-title">상자</p><span data-run="a">12배</span>'
        '<text style="font:bold 13px x">그림</text><text font-weight="700">속성</text>'
    )
    found = fonts.bold_text(html)
    assert all(word in found for word in ("굵게", "제목", "상자", "12배", "그림", "속성"))
    assert "보통" not in found


def test_words_that_a_scene_draws_are_bold_too(tmp_path):
    """장면이 그리는 말은 HTML에 없습니다. 빠지면 「꺼짐」의 「짐」만 다른 글꼴로 나옵니다."""
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/book.css").write_text("", "utf-8")
    (tmp_path / "_static/scene.js").write_text('const DOWN = "꺼짐";', "utf-8")
    (tmp_path / "_static/search.js").write_text('const NONE = "없음";', "utf-8")
    glyphs = fonts.used_glyphs(tmp_path)
    assert set("꺼짐") <= glyphs["Bold"]
    assert "없" not in glyphs["Bold"]
    assert set("꺼짐없음") <= glyphs["Regular"]


@pytest.mark.parametrize(("system", "letter"), [("Noto Sans KR", 0.92), ("Malgun Gothic", 1.0)])
def test_letters_take_the_same_place_before_the_font_comes(system, letter):
    """시스템 글꼴의 한글 한 글자(`letter` em)를 책의 글꼴에 맞춘 비율이 글꼴 파일과 맞습니다."""
    font = TTFont(fonts.SOURCES / "Pretendard-Regular.otf")
    em, hangul = font["head"].unitsPerEm, font["hmtx"][font.getBestCmap()[ord("각")]][0]
    scale = hangul / em / letter
    css = (fonts.SOURCES.parents[3] / "publish/theme/static/fonts.css").read_text("utf-8")
    faces = re.findall(rf'@font-face {{[^}}]*local\("{system}(?: Bold)?"\)[^}}]*}}', css)
    assert len(faces) == 2, "보통과 굵은 것"
    wanted = {
        "size-adjust": scale,
        "ascent-override": font["hhea"].ascent / em / scale,
        "descent-override": -font["hhea"].descent / em / scale,
    }
    for name, share in wanted.items():
        said = {float(number) for number in re.findall(rf"\s{name}: ([\d.]+)%", "".join(faces))}
        assert list(said) == [pytest.approx(100 * share, abs=0.1)], name
