"""책이 싣는 MicroPython을 Node에서 실행합니다."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "publish/live/micropython"


class Said(NamedTuple):
    """출력한 줄들, 잡은 메모리(바이트), 오류(없으면 빈 글)."""

    lines: list[str]
    bytes: int
    error: str


def run(text: str, calls: Sequence[str] = (), turns: int = 1, last: str = "") -> Said:
    """``text``를 실행하고, ``calls``를 ``turns``번 부르고, ``last``로 끝냅니다.

    Node가 없으면 건너뜁니다.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js가 없습니다. publish/system.sh가 설치합니다")
    asked = json.dumps({"text": text, "calls": list(calls), "turns": turns, "last": last})
    done = subprocess.run(
        [node, HERE / "run_in_micropython.mjs", FOLDER],
        input=asked, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    *lines, last = done.stdout.split("\n")[:-1]
    return Said(lines, **json.loads(last))
