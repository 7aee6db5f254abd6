"""추린 글꼴: 필요한 글자만 담고, 다른 이름을 쓰고, 같은 글자면 다시 만들지 않습니다."""

import json
import re

import pytest
from fontTools.ttLib import TTFont

import fonts
import letters


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    cache = tmp_path_factory.mktemp("fonts")
    return fonts.cached_subset("page", "Bold", set("캐시 miss 99%"), cache)


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
    assert fonts.cached_subset("page", "Bold", set("99% ssim 시캐"), made.parent) == made


def test_new_glyphs_replace_the_old_file(made):
    other = fonts.cached_subset("page", "Bold", set("결함"), made.parent)
    assert other != made
    assert [path.name for path in made.parent.iterdir()] == [other.name]


def test_bold_text_is_found_where_the_style_makes_it_bold():
    html = (
        "<p>보통<strong>굵게</strong></p><h2 id='x'>제목<a>#</a></h2>"
        '<p class="admonition-title">상자</p><span data-run="a">12배</span>'
        '<text style="font:bold 13px x">그림</text><text font-weight="700">속성</text>'
    )
    found = letters.bold_text(html)
    assert all(word in found for word in ("굵게", "제목", "상자", "12배", "그림", "속성"))
    assert "보통" not in found


TOLD = {
    "scene": "toy", "parts": [{"label": "켤"}], "groups": [], "actions": [{"label": "끌"}],
    "knobs": [{"texts": ["셋"]}], "alt": "뜻", "saved": {"rest": "scenes/toy.js"},
}  # fmt: skip
SCENE = '<figure class="ddialab ddialab-scene"><script type="application/json">{}</script></figure>'


@pytest.fixture
def book(tmp_path):
    """한 장에는 장면이, 다른 한 장에는 스크립트가 있고 찾기가 있는 책."""
    for name, words in {
        "_static/fonts.css": '@font-face { src: url(a) }\n@font-face { src: local("x") }\n',
        "_static/scene.js": 'const GONE = "괜";',
        "_static/live/toy.js": "'값'",
        "_static/scenes/toy.js": "'쌓'",
        "_static/other.js": "'딴'",
        "_static/book.js": "'책'",
        "scene.html": "가나" + SCENE.format(json.dumps(TOLD, ensure_ascii=False)),
        "plain.html": '가다<h1>힘</h1><script defer src="_static/book.js"></script>',
        "third.html": "가",
        "search.html": "찾",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        name = fonts.sheet_name(path.stem)
        link = f'<link rel="stylesheet" href="_static/fonts/{name}.css">' if name else ""
        path.write_text(link + words if path.suffix == ".html" else words, "utf-8")
    return tmp_path


def test_words_that_a_scene_draws_are_bold_too(book):
    """장면이 그리는 말은 HTML에 없습니다. 빠지면 「꺼짐」의 「짐」만 다른 글꼴로 나옵니다."""
    used = letters.letters((book / "scene.html").read_text("utf-8"), book / "_static")
    assert set("꺼짐재생켤끌셋값") <= used["Bold"]
    assert not set("괜뜻쌓나") & used["Bold"], "굵게 나오지 않는 말"
    assert set("괜뜻쌓나값") <= used["Regular"]
    assert not set("딴책") & used["Regular"], "이 페이지가 싣지 않는 스크립트"


def test_page_takes_what_many_pages_use_and_its_own_rest(book):
    made = fonts.slices(book)
    assert "가" in made["common"]["Regular"]
    assert set("다힘책") <= made["plain"]["Regular"]
    assert made["plain"]["Bold"] == {"힘"}
    for name in ("scene", "plain", "third"):
        for weight, own in made[name].items():
            assert not (own - {" "}) & made["common"][weight], "겹치면 두 글꼴을 다 받습니다"
    assert made["third"]["Bold"] == {" "}, "빈 unicode-range는 모든 글자를 맡습니다"
    assert set("가나다힘찾값책") <= made[""]["Regular"], "찾기에는 온 책의 글자가 나옵니다"
    assert "search" not in made


def test_sheet_names_only_the_letters_that_its_files_hold(book):
    folder = book / "_static/fonts"
    fonts.write_fonts(fonts.slices(book), folder, book / "cache")
    sheet = (folder / "plain.css").read_text("utf-8")
    named = re.findall(r"url\((ddialab[^)]+)\).*?unicode-range:([^}]+)}", sheet)
    assert len(named) == 4, "함께 쓰는 것과 자기 것이 두 굵기씩"
    for file, written in named:
        ranges = (one.removeprefix("U+").partition("-") for one in written.split(","))
        said = {
            code
            for first, _, last in ranges
            for code in range(int(first, 16), int(last or first, 16) + 1)
        }
        held = set(TTFont(folder / file).getBestCmap())
        assert {code for code in said if chr(code).isprintable()} == held - {0x20} | {0x20} & said
    assert 'local("x")' in sheet, "글꼴이 오기 전의 글자"
    assert "url(a)" not in sheet, "온 책의 글꼴까지 받습니다"


def test_range_joins_letters_in_a_row():
    assert fonts.unicode_range(set("cab나z")) == "U+61-63,U+7A,U+B098"


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
