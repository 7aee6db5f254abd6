"""MIT 코드와 함께 나눠 줄 수 없는 것에 기대고 있지 않은지 봅니다."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# 조건이 「저작권 표시를 남길 것」뿐인 면허들. 적는 법이 꾸러미마다 달라 낱말로 알아봅니다
PERMISSIVE = re.compile(
    r"MIT|MIT-0|MIT-CMU|MIT License|0?BSD|BSD[ -][23]-Clause( License)?|BSD License"
    r"|Apache([ -]2\.0| License, Version 2\.0| Software License)|ISC|ISC License \(ISCL\)"
    r"|PSF-2\.0|PSFL|Python Software Foundation License|Zlib|CC0-1\.0|Public Domain",
    re.IGNORECASE,
)
# 조건이 더 있지만 우리가 쓰는 방법에서는 지켜지는 것들과 그 까닭
CONDITIONAL = {
    "axe-playwright-python": (
        "밝히지 않음",
        "LICENSE 파일은 MIT이고, 함께 담은 axe-core(MPL-2.0)는 테스트에서만 씁니다",
    ),
    "certifi": (
        "Mozilla Public License 2.0 (MPL 2.0)",
        "고치지 않고 설치만 하며, 의무는 그 파일들에만 미칩니다",
    ),
    "chaostoolkit": (
        "Freely Distributable",
        "LICENSE 파일은 Apache-2.0이고, 분류에 이것을 함께 적었을 뿐입니다",
    ),
    "chaostoolkit-lib": ("Freely Distributable", "chaostoolkit과 같습니다"),
    "docutils": (
        "GNU General Public License (GPL)",
        "GPL인 것은 Emacs용 파일뿐입니다",
    ),
    "fqdn": ("MPL-2.0", "고치지 않고 설치만 하며, 의무는 그 파일들에만 미칩니다"),
    "hypothesis": ("MPL-2.0", "테스트에서만 쓰고 나눠 주지 않습니다"),
    "pkginfo": ("밝히지 않음", "LICENSE.txt는 MIT입니다"),
    "psycopg": (
        "LGPL-3.0-only",
        "고치지 않은 라이브러리로 import만 하며, 사용자가 바꿔 끼울 수 있습니다",
    ),
    "psycopg-binary": ("LGPL-3.0-only", "psycopg와 같습니다"),
    "supervisor": (
        "BSD-derived (http://www.repoze.org/LICENSE.txt)",
        "BSD에, 고친 파일에는 고쳤다고 적으라는 조건이 더 있습니다. 고치지 않습니다",
    ),
}


def locked() -> list[str]:
    """requirements.txt에 잠긴 꾸러미의 이름들."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return sorted({found[1] for line in lines if (found := re.match(r"([\w.-]+)==", line))})


def licenses(about) -> list[str]:
    """메타데이터가 밝힌 면허들. 식이 있으면 식, 다음은 분류(classifier), 다음은 한 줄짜리 글."""
    if expression := about.get("License-Expression"):
        return re.split(r" AND | OR ", expression)
    said = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    if said:
        return [line.rpartition("::")[2].strip() for line in said]
    return [about.get("License") or "밝히지 않음"]


def unfit(name: str, said: list[str]) -> list[str]:
    """``name``의 면허 가운데 함께 나눠 줄 수 없는 것들."""
    known = CONDITIONAL.get(name, ("없음", ""))[0]
    return [one for one in said if not PERMISSIVE.fullmatch(one) and one != known]


def test_dependencies_may_be_used_beside_mit_code():
    assert len(locked()) > 100
    found = {name: unfit_of(name) for name in locked()}
    assert {name: said for name, said in found.items() if said} == {}


def unfit_of(name: str) -> list[str]:
    """잠긴 꾸러미 하나의 못 쓸 면허들. 여기에 설치하지 않는 꾸러미면 그럴 까닭이 있어야 합니다."""
    try:
        return unfit(name, licenses(metadata.metadata(name)))
    except metadata.PackageNotFoundError:
        elsewhere = ";" in _locked_line(name)  # 다른 운영체제나 파이썬에서만 쓰는 꾸러미
        return [] if elsewhere else ["설치되지 않음"]


def _locked_line(name: str) -> str:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return re.search(rf"^{re.escape(name)}==.*$", text, re.MULTILINE)[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x", ["GPL-3.0-only"]),
        ("x", ["AGPL-3.0"]),
        ("x", ["밝히지 않음"]),
        ("x", ["MIT", "SSPL-1.0"]),
        ("x", ["MPL-2.0"]),
        ("psycopg", ["GPL-3.0-only"]),
        ("x", ["GNU Affero General Public License v3"]),
    ],
)
def test_an_unfit_licence_is_found(name, said):
    assert len(unfit(name, said)) == 1


def test_the_table_of_conditions_has_no_leftovers():
    assert set(CONDITIONAL) <= set(locked())


def test_the_repository_says_its_own_licences():
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("LICENSE*")]
    assert any("MIT License" in text for text in texts), "코드의 면허(MIT) 파일이 없습니다"
    assert any("Attribution-ShareAlike 4.0" in text for text in texts), (
        "글과 그림의 면허 파일이 없습니다"
    )


def fonts() -> list[Path]:
    folders = [ROOT / "src", ROOT / "publish"]
    kinds = {".otf", ".ttf", ".woff", ".woff2"}
    return [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]


def test_the_font_licence_lies_beside_the_fonts():
    assert fonts()
    for folder in {path.parent for path in fonts()}:
        licence = (folder / "OFL.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
