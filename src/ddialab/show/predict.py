"""예상: 실행하기 전에 답을 적고, 나중에 실행한 결과와 견줍니다.

Jupyter에서는 위젯에 적고, 책 페이지에서는 작은 칸에 적습니다(그 브라우저에만 남습니다).
맞히는 것보다 적어 보는 것이 중요하므로, 적지 않아도 실습은 그대로 이어집니다.
"""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from html import escape
from typing import Any

from ddialab.core.errors import InvalidValue, check_choice, check_number
from ddialab.show.face import check_text, emit, live
from ddialab.show.guess import parse_number, refusal, with_unit

TWO_DIGITS = Context(prec=2, rounding=ROUND_HALF_UP)  # 1.25는 브라우저의 toPrecision처럼 1.3


def predict(
    key: str,
    question: str,
    *,
    unit: str = "",
    least: float = 0,
    most: float | None = None,
    choices: list[str] | None = None,
) -> Prediction:
    """``question``의 답을 독자에게 미리 묻습니다.

    ``choices``가 없으면 ``least`` 이상(``most``가 있으면 그 이하)인 수(단위 ``unit``)를, 있으면
    그 가운데 하나를 고르게 합니다. ``key``는 한 실습 안에서 서로 달라야 하는 영어 이름입니다.
    """
    prediction = Prediction(key, question, unit, least, most, choices)
    prediction.ask()
    return prediction


class Prediction:
    """물음 하나와 독자의 예상. ``guess``는 수나 고른 보기이고, 아직 없으면 None입니다."""

    def __init__(
        self,
        key: str,
        question: str,
        unit: str = "",
        least: float = 0,
        most: float | None = None,
        choices: list[str] | None = None,
    ):
        if not isinstance(key, str) or not re.fullmatch(r"[a-z][a-z0-9_-]*", key):
            raise InvalidValue(
                f"key={key!r}: 키로 사용할 수 없습니다.",
                "영어 소문자로 시작하고 소문자, 숫자, _, -만 사용해야 합니다.",
            )
        if choices is not None and (len(choices) < 2 or len(set(choices)) != len(choices)):
            raise InvalidValue(f"choices={choices!r}", "서로 다른 보기가 둘 이상이어야 합니다.")
        self.key, self.question = key, check_text("question", question)
        self.unit, self.choices = unit, list(choices) if choices else None
        self.least = check_number("least", least)
        self.most = None if most is None else check_number("most", most)
        self.guess: float | str | None = None
        self._told: list[tuple[Any, dict]] = []  # 예상을 고치면 다시 쓸, 이미 견준 위젯들

    def ask(self) -> None:
        """물음을 보여 줍니다."""
        text = f"예상해 보세요: {self.question}"
        emit(self._form(), text, self._widget() if live() else None)

    def compare(self, measured: Any, text: str = "") -> None:
        """예상을 ``measured``와 견주어 한 문장으로 보여 줍니다.

        ``measured``는 수(보기가 있으면 정답인 보기), ``text``는 그것을 보여 줄 텍스트입니다
        (예: ``"63%"``).
        """
        if self.choices:
            measured = check_choice("measured", measured, self.choices)
        else:
            measured = check_number("measured", _plain(measured))
        text = text or (measured if self.choices else with_unit(measured, self.unit))
        about = {"measured": measured, "text": text}
        emit(self._compared(**about), self._verdict(**about), self._told_by_widget(about))

    def _verdict(self, measured: float | str, text: str) -> str:
        return verdict(self.guess, measured, text, self.unit)

    def _compared(self, measured: float | str, text: str) -> str:
        about = {"key": self.key, "measured": measured, "text": text, "unit": self.unit}
        said = escape(self._verdict(measured, text))
        return f'<p class="ddialab-compare" data-about="{_attribute(about)}">{said}</p>'

    def _told_by_widget(self, about: dict):
        """견준 문장을 보여 줄 위젯. 예상을 나중에 적거나 고치면 문장도 바뀝니다."""
        if not live():
            return None
        import ipywidgets as widgets

        told = widgets.HTML(self._compared(**about))
        self._told.append((told, about))
        return told

    def read(self, typed: str | None) -> tuple[float | str | None, str]:
        """독자가 적거나 고른 예상과 빈 문자열. 받을 수 없으면 None과 까닭입니다."""
        if self.choices or not (typed or "").strip():
            return typed or None, ""
        wrong = refusal(typed, self.unit, self.least, self.most)
        return (None if wrong else parse_number(typed, self.unit)), wrong

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
            f'<input type="text" inputmode="decimal" size="8" autocomplete="off"'
            f' data-range="{_attribute([self.least, self.most])}"></label> '
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
            self.guess, wrong = self.read(change["new"])
            note.value = escape(wrong) or ("적어 두었습니다." if self.guess is not None else "")
            for told, about in self._told:
                told.value = self._compared(**about)

        if self.choices:
            field = widgets.RadioButtons(options=self.choices, value=None, layout={"width": "auto"})
        else:
            field = widgets.Text(placeholder="예상", layout={"width": "10em"})
        field.observe(keep, "value")
        unit = widgets.Label(self.unit)
        heading = widgets.HTML(f"<b>예상해 보세요.</b> {escape(self.question)}")
        return widgets.VBox([heading, widgets.HBox([field, unit, note])])


def verdict(guess: float | str | None, measured: float | str, text: str, unit: str) -> str:
    """예상과 결과를 견준 문장. 페이지의 guess.js도 같은 문장을 만듭니다."""
    if guess is None:
        return f"결과: {text}. 위에 예상을 적어 두면 여기서 견주어 봅니다."
    if isinstance(guess, str):
        told = f"「{text}」" if text == measured else text
        said = "맞혔습니다" if guess == measured else "빗나갔습니다"
        return f"예상: 「{guess}」.\n결과: {told}.\n{said}."
    shown = parse_number(text.split(". ")[0], unit)
    gap = gap_text(guess, measured if shown is None else shown, unit)
    return f"예상: {with_unit(guess, unit)}. 결과: {text}. {gap}."


def gap_text(guess: float, shown: float, unit: str) -> str:
    """예상과, 화면에 보이는 결과의 차이. 독자가 그 둘을 나누어 보므로 보이는 수로 셉니다.

    둘 다 양수면 몇 배인지로, 아니면 빼서 말합니다. 차례(번째)는 나누지 않습니다.
    %에서 %를 뺀 것은 %포인트입니다.
    """
    if guess == shown:
        return "정확히 맞혔습니다"
    way, ordinal = "컸습니다" if guess > shown else "작았습니다", unit == "번째"
    if ordinal or guess <= 0 or shown <= 0:
        apart = {"번째": "만큼", "%": "%포인트"}.get(unit, unit)
        return f"예상이 {with_unit(abs(guess - shown), apart)} {way}"
    ratio = max(guess, shown) / min(guess, shown)
    if ratio < 1.05:
        return "거의 맞혔습니다"
    return f"예상이 {with_unit(float(TWO_DIGITS.create_decimal(Decimal(ratio))), '배')} {way}"


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _attribute(value: Any) -> str:
    return escape(json.dumps(value, ensure_ascii=False))
