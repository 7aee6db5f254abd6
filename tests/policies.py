"""독자가 칠 법한 정책들: 겨루기의 모듈, 노트북에 적힌 것, 틀린 것."""

from __future__ import annotations

import importlib
import json

from ddialab.core.trial import Trial
from live.carry import SRC
from live.models import trials

PLACES = {name: place.split(":") for name, place in trials().items()}
TRIALS: dict[str, Trial] = {
    name: getattr(importlib.import_module(module), constant)
    for name, (module, constant) in PLACES.items()
}

# 틀린 축출 정책: (무엇, 코드, 첫 문장에 있어야 할 말, 줄). 줄이 0이면 어느 줄도 가리키지 않습니다
WRONG = (
    ("빈 것", "  \n", "비어 있습니다", 0),
    (
        "함수가 없음",
        "def other(entries, now):\n    return 0\n",
        "이름이 victim인 함수가 없습니다",
        0,
    ),
    ("문법", "def victim(entries, now)\n    return 0\n", "문법이 아닙니다", 1),
    ("닫지 않은 괄호", "def victim(entries, now):\n    return min(\n", "문법이 아닙니다", 3),
    ("들여쓰기", "def victim(entries, now):\n    a = 1\n      b = 2\n", "문법이 아닙니다", 3),
    ("탭", "def victim(e, n):\n\treturn 0\n", "2번째 줄에 탭이", 2),
    ("import", "import os\ndef victim(entries, now):\n    return 0\n", "import: 쓸 수 없", 1),
    ("속의 import", "def victim(e, n):\n    from js import x\n    return 0\n", "from: 쓸 수 없", 2),
    ("__import__", "def victim(e, n):\n    return __import__('js').x\n", "__import__: 쓸 수", 2),
    ("eval", "def victim(e, n):\n    return eval('0')\n", "eval: 쓸 수 없", 2),
    ("open", "def victim(e, n):\n    return open('/a')\n", "open: 쓸 수 없", 2),
    ("모델의 속", "def victim(e, n):\n    return e.__class__.__bases__\n", "__class__: 쓸 수", 2),
    ("globals", "def victim(e, n):\n    return globals()\n", "globals: 쓸 수 없", 2),
    ("f-문자열", "def victim(e, n):\n    return f'{n}'\n", "쓸 수 없", 2),
    ("모델의 이름", "def victim(e, n):\n    return requests(n)[0]\n", "없는 이름", 2),
    ("인자의 수", "def victim(entries):\n    return 0\n", "부르지 못했습니다", 0),
    ("0으로 나눔", "def victim(e, n):\n    a = n - n\n    return 1 // a\n", "0으로 나누었", 3),
    ("없는 칸", "def victim(e, n):\n    return e[99]\n", "없는 칸", 2),
    ("없는 메서드", "def victim(e, n):\n    return e[0].use()\n", "없는 메서드", 2),
    ("타입", "def victim(e, n):\n    return n + 'a'\n", "타입이 맞지 않", 2),
    ("던진 오류", "def victim(e, n):\n    raise ValueError('내 탓')\n", "ValueError: 내 탓", 2),
    ("끝없는 재귀", "def victim(e, n):\n    return victim(e, n)\n", "너무 깊이", 2),
    ("위에서 난 오류", "a = [][0]\ndef victim(e, n):\n    return 0\n", "없는 칸", 1),
    ("None", "def victim(e, n):\n    e.pop()\n", "None: 정수가 아닙니다", 0),
    ("참과 거짓", "def victim(e, n):\n    return True\n", "True: 정수가 아닙니다", 0),
    ("소수", "def victim(e, n):\n    return 0.5\n", "0.5: 정수가 아닙니다", 0),
    ("담는 것", "def victim(e, n):\n    return e\n", "list: 정수가 아닙니다", 0),
    ("긴 글", "def victim(e, n):\n    return '가' * 9999\n", "…: 정수가 아닙니다", 0),
    ("너무 큰 수", "def victim(e, n):\n    return 10 ** 999\n", "아주 큰 수: 범위", 0),
    ("범위 밖", "def victim(e, n):\n    return len(e)\n", "=8: 범위를 벗어", 0),
    ("음수", "def victim(e, n):\n    return -1\n", "=-1: 범위를 벗어", 0),
    ("제너레이터", "def victim(e, n):\n    yield 0\n", "generator: 정수가", 0),
    ("너무 긴 코드", "def victim(e, n):\n    return 0\n" + "#" * 4000, "자입니다", 0),
)
ENDLESS = "def victim(entries, now):\n    while True:\n        pass\n"
HUNGRY = "def victim(entries, now):\n    while True:\n        entries += [[now] * 9999]\n"
LATEST = "def victim(entries, now):\n    return len(entries) - 1\n"  # 틀리지는 않았지만 나쁜 정책


def written(name: str) -> str:
    """실습에 적혀 있는, 겨루기 ``name``의 첫 코드."""
    start = f"def {TRIALS[name].form}:"
    for path in sorted((SRC.parent / "labs").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and source.startswith(start):
                return f"{source}\n"
    raise AssertionError(f"{start}으로 시작하는 셀이 없습니다")


def function(name: str):
    """그 코드의 함수."""
    space: dict = {}
    exec(written(name), space)
    return space[TRIALS[name].function]
