"""겨루기: 독자가 쓴 정책을 책의 정책들과 시드 40개에서 견줍니다.

노트북에서는 앞 셀의 함수를 고치고 다시 실행합니다. 책의 페이지에서는 같은 함수를 그 자리에서 고쳐
쓰고, 페이지 안의 모델이 돌립니다(`assets/trial.js`). 책의 정책들의 점수는 저장해 둔 것을 씁니다.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Sequence
from html import escape
from textwrap import dedent

from ddialab.core.errors import InvalidValue
from ddialab.core.trial import SEEDS, Policy, Trial, Verdict, asked, scores, verdict
from ddialab.show.face import emit, json_block, wrap


def trial(about: Trial, policy: Policy) -> None:
    """정책 ``policy``를 ``about``의 책의 정책들과 견줍니다.

    함수가 아니면 `InvalidValue`, 함수가 오류를 내거나 엉뚱한 값을 돌려주면 `PolicyFailed`.
    """
    if not callable(policy):
        raise InvalidValue(
            f"policy={policy!r}: 함수가 아닙니다.", f"{about.form} 꼴의 함수를 넘기세요."
        )
    guarded = asked(about, policy, _line_in(policy))
    mine = [about.run(guarded, seed) for seed in range(SEEDS)]
    others = [scores(about, rival) for rival in about.rivals]
    told = verdict(about, mine, others)
    emit(static_face(about, _text(policy), others, told), _plain(about, told))


def static_face(about: Trial, text: str, others: Sequence[Sequence[int]], told: Verdict) -> str:
    """책의 페이지와 저장된 노트북에 담길 HTML: 견준 표. 페이지에서는 여기에 편집기가 달립니다."""
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{average}</td><td>{record}</td></tr>'
        for label, average, record in told.rows
    )
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in _heads(about))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    said = "".join(f"<p>{escape(one)}</p>" for one in told.said)
    page = {"name": about.name, "form": about.form, "text": text, "others": others}
    body = f'<div class="table-wrap">{table}</div><div>{said}</div>{json_block(page)}'
    caption = f"같은 시드 {SEEDS}개에서 센 {about.counted}입니다. 적을수록 좋습니다."
    return wrap(body, "시뮬레이션", caption, "ddialab-trial")


def _heads(about: Trial) -> tuple[str, str, str]:
    return "정책", f"평균({about.unit})", "시드마다 내 정책은"


def _plain(about: Trial, told: Verdict) -> str:
    rows = [" | ".join(row).rstrip(" |") for row in (_heads(about), *told.rows)]
    return "\n".join([*rows, *told.said])


def _line_in(policy: Policy) -> Callable[[Exception], int]:
    """오류가 난, ``policy``가 적힌 셀의 줄을 찾는 함수. 그 셀 안에서 난 것이 아니면 0."""
    file = getattr(getattr(policy, "__code__", None), "co_filename", None)

    def line(error: Exception) -> int:
        frames = traceback.extract_tb(error.__traceback__)
        return next((f.lineno for f in reversed(frames) if f.filename == file), 0)

    return line


def _text(policy: Policy) -> str:
    """편집기에 처음 보일 코드: ``policy``의 정의. 찾을 수 없으면 빈 문자열입니다."""
    try:
        return dedent(inspect.getsource(policy))
    except (OSError, TypeError):
        return ""
