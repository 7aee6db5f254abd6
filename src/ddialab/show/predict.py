"""예상: 실행하기 전에 답을 적고, 나중에 측정한 답과 견줍니다.

Jupyter에서는 위젯에 적고, 책 페이지에서는 작은 칸에 적습니다(그 브라우저에만 남습니다).
맞히는 것보다 적어 보는 것이 중요하므로, 적지 않아도 실습은 그대로 이어집니다.
"""

from __future__ import annotations

import json
import math
import re
from html import escape
from typing import Any

from ddialab.core.errors import InvalidValue, check_choice, check_number
from ddialab.show.face import check_text, emit, live

NOT_A_NUMBER = "수로 적어 주세요. 예: 12 또는 0.5"


def predict(
    key: str, question: str, *, unit: str = "", choices: list[str] | None = None
) -> Prediction:
    """``question``의 답을 독자에게 미리 묻습니다.

    ``choices``가 없으면 수(단위 ``unit``)를, 있으면 그 가운데 하나를 고르게 합니다.
    ``key``는 한 실습 안에서 서로 달라야 하는 영어 이름입니다.
    """
    prediction = Prediction(key, question, unit, choices)
    prediction.ask()
    return prediction


class Prediction:
    """물음 하나와 독자의 예상. ``guess``는 수나 고른 글이고, 아직 없으면 None입니다."""

    def __init__(self, key: str, question: str, unit: str = "", choices: list[str] | None = None):
        if not isinstance(key, str) or not re.fullmatch(r"[a-z][a-z0-9_-]*", key):
            raise InvalidValue(
                f"key={key!r}: 열쇠로 쓸 수 없습니다.",
                "영어 소문자로 시작하고 소문자, 숫자, _, -만 써야 합니다.",
            )
        if choices is not None and (len(choices) < 2 or len(set(choices)) != len(choices)):
            raise InvalidValue(f"choices={choices!r}", "서로 다른 보기가 둘 이상이어야 합니다.")
        self.key, self.question = key, check_text("question", question)
        self.unit, self.choices = unit, list(choices) if choices else None
        self.guess: float | str | None = None

    def ask(self) -> None:
        """물음을 보여 줍니다."""
        text = f"예상해 보세요: {self.question}"
        emit(self._form(), text, self._widget() if live() else None)

    def compare(self, measured: Any, text: str = "") -> None:
        """예상을 ``measured``와 견주어 한 문장으로 보여 줍니다.

        ``measured``는 수(보기가 있으면 정답인 보기), ``text``는 그것을 보일 글입니다
        (예: ``"63 %"``).
        """
        if self.choices:
            measured = check_choice("measured", measured, self.choices)
        else:
            measured = check_number("measured", _plain(measured))
        text = text or (measured if self.choices else with_unit(measured, self.unit))
        sentence = verdict(self.guess, measured, text, self.unit)
        about = {"key": self.key, "measured": measured, "text": text, "unit": self.unit}
        html = f'<p class="ddialab-compare" data-about="{_attribute(about)}">{escape(sentence)}</p>'
        emit(html, sentence)

    def _form(self) -> str:
        field = self._radio_field() if self.choices else self._number_field()
        return (
            f'<form class="ddialab ddialab-predict" data-key="{self.key}" novalidate>'
            f"<fieldset><legend>예상해 보세요</legend>{field}"
            '<div class="ddialab-actions" hidden="hidden">'
            '<button type="submit">예상 남기기</button> '
            '<span role="status"></span></div></fieldset></form>'
        )

    def _number_field(self) -> str:
        return (
            f"<label><span>{escape(self.question)}</span> "
            '<input type="text" inputmode="decimal" size="8" autocomplete="off"></label> '
            f'<span class="ddialab-unit">{escape(self.unit)}</span>'
        )

    def _radio_field(self) -> str:
        options = "".join(
            f'<label><input type="radio" name="predict-{self.key}" value="{escape(choice)}"> '
            f"{escape(choice)}</label>"
            for choice in self.choices
        )
        return f"<p>{escape(self.question)}</p>{options}"

    def _widget(self):
        import ipywidgets as widgets

        note = widgets.HTML()

        def keep(change) -> None:
            self.guess = change["new"] if self.choices else parse_number(change["new"])
            wrong = self.guess is None and str(change["new"]).strip()
            note.value = (
                NOT_A_NUMBER if wrong else ("적어 두었습니다." if self.guess is not None else "")
            )

        if self.choices:
            field = widgets.RadioButtons(options=self.choices, value=None, layout={"width": "auto"})
        else:
            field = widgets.Text(placeholder="예상", layout={"width": "10em"})
        field.observe(keep, "value")
        unit = widgets.Label(self.unit)
        heading = widgets.HTML(f"<b>예상해 보세요.</b> {escape(self.question)}")
        return widgets.VBox([heading, widgets.HBox([field, unit, note])])


def parse_number(text: str) -> float | None:
    """독자가 적은 글을 수로 읽습니다. 쉼표와 %는 봐주고, 수가 아니면 None입니다."""
    cleaned = text.replace(",", "").replace("%", "").strip()
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", cleaned, re.IGNORECASE):
        return None
    return float(cleaned) if math.isfinite(float(cleaned)) else None


def with_unit(number: float, unit: str) -> str:
    """``12.3 ms``, ``3개``처럼 수에 단위를 붙인 글. 한글 단위는 붙이고 기호 단위는 띄웁니다."""
    gap = "" if not unit or "가" <= unit[0] <= "힣" else " "
    return f"{number:.6g}{gap}{unit}"


def verdict(guess: float | str | None, measured: float | str, text: str, unit: str) -> str:
    """예상과 측정을 견준 문장. 페이지의 ddialab.js도 같은 문장을 만듭니다."""
    if guess is None:
        return f"실제 답: {text}. 위에 예상을 적어 두면 여기서 견주어 봅니다."
    if isinstance(guess, str):
        return (
            f"예상 {guess}, 실제 {text}: {'맞혔습니다' if guess == measured else '빗나갔습니다'}."
        )
    return f"예상 {with_unit(guess, unit)}, 측정 {text}: {gap_text(guess, measured, unit)}."


def gap_text(guess: float, measured: float, unit: str) -> str:
    """두 수의 차이. 둘 다 양수면 몇 배인지로, 아니면 빼서 말합니다."""
    if guess == measured:
        return "정확히 맞혔습니다"
    if guess > 0 and measured > 0:
        ratio = max(guess, measured) / min(guess, measured)
        return "거의 맞혔습니다" if ratio < 1.05 else f"{ratio:.3g}배 차이입니다"
    return f"{with_unit(abs(guess - measured), unit)} 차이입니다"


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _attribute(value: Any) -> str:
    return escape(json.dumps(value, ensure_ascii=False))
