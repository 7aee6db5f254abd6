"""이름 붙은 수: 실행이 낸 수를 본문이 가리킬 수 있게 합니다."""

from __future__ import annotations

import re
from html import escape
from string import Formatter
from typing import Any

from ddialab.core.errors import InvalidValue
from ddialab.show.face import badge, check_kind, check_text, emit


def result(name: str, value: Any, form: str, kind: str) -> None:
    """실행에서 나온 수 하나를 표지와 함께 한 줄로 보여 줍니다.

    ``name``은 본문의 ``<span data-run="name">``이 찾는 이름, ``value``는 반올림하지 않은 값,
    ``form``은 그것을 적는 꼴(``"{:.1f} ms"``)입니다. 이름과 값과 적은 텍스트는 출력의 metadata에도
    남습니다.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise InvalidValue(
            f"name={name!r}: 본문이 가리킬 수 없는 이름입니다.",
            "영어 소문자로 시작하고 소문자, 숫자, _, -만 쓴 이름이어야 합니다.",
        )
    text, kind = _written(value, check_text("form", form)), check_kind(kind)
    html = (
        f'<p class="ddialab-result">{badge(kind)} <code>{escape(name)}</code> = '
        f"<strong>{escape(text)}</strong></p>"
    )
    plain = value.item() if hasattr(value, "item") else value
    about = {"name": name, "text": text, "value": plain, "kind": kind}
    emit(html, f"{kind}: {name} = {text}", metadata={"ddialab": about})


def _written(value: Any, form: str) -> str:
    """``value``를 ``form``의 꼴로 적은 텍스트. 자리가 하나여야 손으로 적은 수가 끼지 않습니다."""
    try:
        places = [place for _, place, _, _ in Formatter().parse(form) if place is not None]
        if places == [""]:
            return form.format(value)
        problem = f"값이 들어갈 자리가 {len(places)}개입니다."
    except (ValueError, TypeError) as error:
        problem = f"{value!r}를 이 꼴로 적을 수 없습니다({error})."
    raise InvalidValue(
        f"form={form!r}: {problem}", '"{:.1f} ms"처럼 자리가 하나인 꼴이어야 합니다.'
    )
