"""장면의 한 순간으로 가는 링크: 본문이 그 일을 다시 이야기할 때 누르면 거기가 열립니다."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ddialab.core.scene import Line, Play, Scene
from ddialab.show.face import check_text, emit

ELSEWHERE = "(웹의 책에서만 열립니다)"  # 책의 페이지에서는 보이지 않습니다
SAME = "book"  # 독자가 복사한 링크의 지문이 놓이는 자리. 책의 링크는 장면과 함께 만들어집니다


def moment(
    about: Scene,
    words: str,
    seconds: float,
    *,
    at: Sequence[int] | None = None,
    script: Sequence[Line] = (),
) -> None:
    """``about``을 ``at``으로 맞추고 ``script``대로 한 장면의 ``seconds``초로 가는 링크를 놓습니다.

    ``about``은 같은 페이지에 있어야 합니다. 장면에 없는 조작이나 시각이면 `InvalidValue`입니다.
    """
    emit(static_link(about, words, seconds, at, script), f"{words} {ELSEWHERE}")


def static_link(
    about: Scene,
    words: str,
    seconds: float,
    at: Sequence[int] | None = None,
    script: Sequence[Line] = (),
) -> str:
    """책의 페이지와 저장된 노트북에 담길 HTML. 인자는 `moment`와 같습니다."""
    words, link = check_text("words", words), fragment(about, seconds, at, script)
    elsewhere = f'<small class="ddialab-elsewhere">{ELSEWHERE}</small>'
    return f'<p class="ddialab-moment"><a href="{link}">{escape(words)}</a> {elsewhere}</p>'


def fragment(about: Scene, seconds: float, at: Sequence[int] | None, script: Sequence[Line]) -> str:
    """주소의 # 뒤. assets/scene/link.js가 읽습니다."""
    places, time = list(at or about.start()), round(seconds * 1000)
    Play(about, about.seed, places, script).run(time)  # 없는 조작이나 시각은 여기서 거절합니다
    acts = ",".join(f"{ms}.{name}.{target}" for ms, name, target in script)
    at_text = ",".join(map(str, places))
    return f"#scene={about.name}&seed={about.seed}&at={at_text}&a={acts}&t={time}&m={SAME}"
