"""그림: 글로 쓴 답에 붙인 그림. 확인한 것만 남기고, 남기지 못한 것은 까닭을 말합니다.

노트북에는 두 가지로 들어 있습니다: JupyterLab은 셀의 ``attachments``에, 코랩은 글 안에 ``data:``
주소로. 둘 다 앞의 것으로 모읍니다. SVG와 HTML은 스크립트를 담을 수 있어 받지 않습니다.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

MB = 1_000_000
LIMIT = 5 * MB  # 그림 하나
TOTAL_LIMIT = 10 * MB  # 답 하나의 그림들
COUNT_LIMIT = 20  # 답 하나의 그림 수
TOO_LARGE = "-"  # 큰 노트북을 줄일 때 큰 그림의 자리에 남기는 것
KINDS = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff",
         "image/gif": b"GIF8", "image/webp": b"RIFF"}  # fmt: skip
ACCEPTED = "PNG, JPEG, GIF, WebP"
INLINE = re.compile(
    r"data:([\w.+-]{1,40}/[\w.+-]{1,40})(?:;[\w=.-]{1,40})*;base64,([A-Za-z0-9+/=]+|-)", re.I
)
TARGET = re.compile(
    r"!\[[^\]\n]{0,300}\]\(\s{0,9}<?([^)\s>\"]{1,999})"
    r"|<img\b[^>]{0,999}?\bsrc\s?=\s?[\"']?([^\"'\s>]{1,999})",
    re.I,
)

Attachments = dict[str, dict[str, str]]  # 이름 -> {종류: base64}


@dataclass
class Pictured:
    """글과 그 글의 그림들, 남기지 못한 것의 까닭."""

    source: str
    attachments: Attachments = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def pictured(source: str, attachments: object) -> Pictured:
    """글 ``source``와, 함께 온 ``attachments``에서 보여 줘도 되는 그림들."""
    given = dict(_given(attachments))
    found = Pictured(_lifted(source, given))
    total = 0
    for number, (name, (kind, data)) in enumerate(given.items()):
        size = len(data) * 3 // 4
        why = _refused(kind, data) or _over(number, total + size)
        if why:
            found.notes.append(f"그림 {name[:80]}: {why} 뺐습니다.")
        else:
            total += size
            found.attachments[name] = {kind: data}
    found.notes += _dangling(found.source, given)
    return found


def trimmed(source: str, attachments: object) -> tuple[str, dict]:
    """큰 노트북을 줄일 때: 한도를 넘는 그림은 자리(`TOO_LARGE`)만 남깁니다."""

    def light(match: re.Match) -> str:
        return match[0] if _fits(match[2]) else f"data:{match[1]};base64,{TOO_LARGE}"

    kept = {
        name: {kind: data if _fits(data) else TOO_LARGE}
        for name, (kind, data) in _given(attachments)
    }
    return INLINE.sub(light, source), kept


def _fits(data: str) -> bool:
    return len(data) * 3 // 4 <= LIMIT


def addresses(attachments: Attachments) -> tuple[tuple[str, str], ...]:
    """그림마다 이름과, 페이지에 바로 넣을 수 있는 ``data:`` 주소."""
    return tuple(
        (name, f"data:{kind};base64,{data}")
        for name, kinds in attachments.items()
        for kind, data in kinds.items()
    )


def _given(attachments: object) -> Iterator[tuple[str, tuple[str, str]]]:
    """이름마다 종류와 base64. 형식이 틀린 것은 없는 것으로 봅니다."""
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        if isinstance(kinds, dict) and kinds:
            kind = next((kind for kind in kinds if kind in KINDS), next(iter(kinds)))
            parts = kinds[kind] if isinstance(kinds[kind], list) else [kinds[kind]]
            text = "".join(part for part in parts if isinstance(part, str))
            yield str(name), (str(kind), re.sub(r"\s+", "", text))


def _lifted(source: str, given: dict[str, tuple[str, str]]) -> str:
    """글 안의 ``data:`` 그림을 ``given``으로 옮기고 그 자리에 이름을 적습니다."""

    def named(match: re.Match) -> str:
        name = f"picture-{len(given) + 1}.{re.split('[/+]', match[1])[1]}"
        given[name] = (match[1].lower(), match[2])
        return f"attachment:{name}"

    return INLINE.sub(named, source)


def _refused(kind: str, data: str) -> str:
    """받을 수 없는 까닭. 괜찮으면 빈 문자열. 적힌 종류가 아니라 내용을 봅니다."""
    if data == TOO_LARGE or not _fits(data):
        return f"{LIMIT // MB} MB를 넘어"
    if kind not in KINDS:
        return f"{ACCEPTED}가 아니어서({kind[:40]})"
    try:
        whole = b64decode(data, validate=True)
    except ValueError:
        return "깨져 있어"
    return "" if whole.startswith(KINDS[kind]) else f"내용이 {kind}가 아니어서"


def _over(number: int, total: int) -> str:
    if number >= COUNT_LIMIT:
        return f"그림이 {COUNT_LIMIT}개를 넘어"
    return f"그림을 모두 더해 {TOTAL_LIMIT // MB} MB를 넘어" if total > TOTAL_LIMIT else ""


def _dangling(source: str, given: dict) -> Iterator[str]:
    """글이 가리키지만 노트북에 들어 있지 않은 그림들."""
    names = {unquote(name) for name in given}
    for match in TARGET.finditer(source):
        target = unquote(match[1] or match[2])
        name = target.removeprefix("attachment:")
        if re.match(r"(?:https?:)?//", target):
            yield f"바깥 주소의 그림은 보여 주지 않습니다: {target[:80]}"
        elif target.startswith("data:"):
            yield f"그림을 읽지 못했습니다: {target[:40]}"
        elif name == target:
            yield f"그림 {target[:80]}: 노트북에 들어 있지 않은 파일입니다."
        elif name != target and not any(one == name or one.startswith(name) for one in names):
            yield f"그림 {name[:80]}: 글에 이름만 있고 그림은 노트북에 없습니다."


def renamed(source: str, name: str, new: str) -> str:
    """글이 가리키는 그림의 이름을 바꿉니다."""
    for written in (name, quote(name, safe="-_.!~*'()")):
        source = source.replace(f"attachment:{written}", f"attachment:{new}")
    return source
