"""이름 붙은 수: 실행이 낸 수를 본문이 가리킬 수 있게 합니다."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from ddialab.core.errors import InvalidValue
from ddialab.show.face import badge, check_kind, check_text, emit


def result(name: str, value: Any, text: str, kind: str, unit: str = "") -> None:
    """실행에서 나온 수 하나를 표지와 함께 한 줄로 보여 줍니다.

    ``name``은 본문의 ``<span data-run="name">``이 찾는 이름, ``text``는 그 자리에 들어갈 텍스트,
    ``value``는 반올림하지 않은 값입니다. 셋 다 출력의 metadata에도 남습니다.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise InvalidValue(
            f"name={name!r}: 본문이 가리킬 수 없는 이름입니다.",
            "영어 소문자로 시작하고 소문자, 숫자, _, -만 쓴 이름이어야 합니다.",
        )
    text, kind = check_text("text", text), check_kind(kind)
    shown = f"{text} {unit}" if unit and not text.endswith(unit) else text
    html = (
        f'<p class="ddialab-result">{badge(kind)} <code>{escape(name)}</code> = '
        f"<strong>{escape(shown)}</strong></p>"
    )
    plain = value.item() if hasattr(value, "item") else value
    about = {"name": name, "text": text, "value": plain, "kind": kind, "unit": unit}
    emit(html, f"{kind}: {name} = {shown}", metadata={"ddialab": about})
