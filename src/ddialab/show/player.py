"""장면의 재생기: assets/scene의 파일들을 이은 보통의 스크립트 하나."""

import json
import re
from functools import cache

from ddialab.show.face import asset
from ddialab.show.stage import STATES

# 재생기를 이루는 파일들. 뒤의 것이 앞의 것을 사용합니다
FILES = (
    "draw", "state", "track", "layout", "parts", "messages", "timeline", "choice", "controls",
    "ask", "challenge", "legend", "link", "live", "branch", "scene",
)  # fmt: skip

COMMENT = re.compile(r"^\s*(//.*)?\n|^ +|\s//\s.*$", re.MULTILINE)
# 글("…", `…`)은 그대로 두고, 나머지에서 낱말을 가르지 않는 기호 곁의 빈칸과, 문장이 거기서 끝날
# 수 없거나 이미 끝난 기호 뒤의 줄바꿈을 지웁니다
TIGHT = re.compile(r'("(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)| *([=<>?:)}\]&|!*]|[;,({\[]\n?) *')


@cache
def script(last: str = "page") -> str:
    """재생기의 코드. 주석과 들여쓰기, 기호 둘레의 빈칸은 독자가 받지 않습니다.

    ``last``는 끝에 붙일 것입니다: 책의 페이지는 page, Jupyter의 위젯은 kernel.
    """
    words = f"(globalThis.ddialabScene ??= {{}}).STATES = {json.dumps(STATES, ensure_ascii=False)};"
    guess = [asset("guess.js")] if last == "kernel" else []  # 책에는 ddialab.js와 함께 있습니다
    code = "\n".join([*guess, words, *(asset(f"scene/{name}.js") for name in (*FILES, last))])
    return TIGHT.sub(lambda found: found[1] or found[2].strip(), COMMENT.sub("", code))
