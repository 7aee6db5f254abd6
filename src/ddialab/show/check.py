"""스스로 확인: 고르면 왜 맞고 왜 틀렸는지 알려 주는 물음."""

from __future__ import annotations

import hashlib
from html import escape

from ddialab.core.errors import InvalidValue
from ddialab.show.face import check_text, emit, live


def check(question: str, options: dict[str, str], answer: str) -> None:
    """``question``과 보기들을 보여 줍니다.

    ``options``는 {보기: 그것을 골랐을 때 보일 설명}, ``answer``는 맞는 보기입니다.
    보기가 둘보다 적거나, 설명이 비었거나, 답이 보기에 없으면 `InvalidValue`입니다.
    """
    question = check_text("question", question)
    if not isinstance(options, dict) or len(options) < 2 or answer not in options:
        raise InvalidValue(
            f"answer={answer!r}, 보기 {list(options)}",
            "보기는 둘 이상이고, 답은 그 가운데 하나여야 합니다.",
        )
    replies = {
        option: ("맞습니다. " if option == answer else "아닙니다. ") + check_text("설명", reply)
        for option, reply in options.items()
    }
    text = "\n".join([f"스스로 확인: {question}", *(f"( ) {option}" for option in options)])
    widget = _live_face(question, replies) if live() else None
    emit(_static_face(question, replies, answer), text, widget)


def _static_face(question: str, replies: dict[str, str], answer: str) -> str:
    group = "check-" + hashlib.sha256(repr((question, replies)).encode()).hexdigest()[:8]
    options = "".join(
        f'<label><input type="radio" name="{group}" value="{i}" autocomplete="off" '
        f'data-reply="{escape(reply)}"> {escape(option)}</label>'
        for i, (option, reply) in enumerate(replies.items())
    )
    return (
        '<form class="ddialab ddialab-check" novalidate>'
        f"<fieldset><legend>{escape(question)}</legend>{options}"
        '<div class="ddialab-actions" hidden="hidden"><button type="submit">확인</button> '
        '<span role="status"></span></div></fieldset>'
        f"<details><summary>답 보기</summary><p>{escape(answer)}: {escape(replies[answer])}</p>"
        "</details></form>"
    )


def _live_face(question: str, replies: dict[str, str]):
    import ipywidgets as widgets

    choice = widgets.RadioButtons(options=list(replies), value=None, layout={"width": "auto"})
    button, reply = widgets.Button(description="확인"), widgets.HTML()

    def answer(_button) -> None:
        reply.value = escape(replies.get(choice.value, "먼저 하나를 고르세요."))

    button.on_click(answer)
    choice.observe(lambda _change: setattr(reply, "value", ""), "value")
    heading = widgets.HTML(f"<b>{escape(question)}</b>")
    return widgets.VBox([heading, choice, widgets.HBox([button, reply])])
