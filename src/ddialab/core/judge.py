"""심판: 페이지에서 친 정책을 읽고, 부탁 하나에 시드 하나씩 돌리고, 끝나면 견준 결과를 말합니다."""

from __future__ import annotations

import json
from typing import Any, Protocol

from ddialab.core.errors import InvalidValue, check_choice
from ddialab.core.trial import SEEDS, Policy, PolicyFailed, Trial, asked, failed, verdict
from ddialab.core.typed import check_typed

UNREADABLE = ["페이지의 부탁을 읽지 못했습니다.", "", "페이지를 다시 여세요."]


class Reader(Protocol):
    """텍스트를 함수로 만드는 것. MicroPython의 것은 `publish/live/reader.py`에 있습니다."""

    def read(self, text: str, names: dict, function: str) -> Policy:
        """``text``를 실행해 함수 ``function``을 돌려줍니다. ``names``는 거기서 쓸 이름들입니다."""

    def line(self, error: Exception) -> int:
        """오류가 난, 텍스트의 줄. 텍스트 안에서 난 것이 아니면 0."""


class Judge:
    """``trial``의 심판. 부탁도 답도 JSON입니다. 할 수 없으면 세 문장을 ``error``에 적습니다."""

    def __init__(self, trial: Trial, reader: Reader):
        self.trial, self.reader = trial, reader
        self._policy: Policy | None = None
        self._results: list = []

    def answer(self, text: str) -> str:
        """부탁 하나에 답합니다: 읽기(read), 다음 시드(next), 견주기(tell)."""
        try:
            return json.dumps(self._answer(json.loads(text)))
        except PolicyFailed as error:
            said = [part for part in (error.problem, error.accepted, error.todo) if part]
            return json.dumps({"error": said, "line": error.line})
        except (ValueError, KeyError, TypeError, InvalidValue):  # 부탁의 꼴부터 틀렸습니다
            return json.dumps({"error": UNREADABLE, "line": 0})

    def _answer(self, request: dict) -> dict:
        do = check_choice("do", request["do"], ("read", "next", "tell"))
        if do == "read":
            self._read(request["text"])
        elif do == "next":
            seed = len(self._results)
            self._results.append(self.trial.run(self._policy, seed))
        elif do == "tell":
            told = verdict(self.trial, self._results, request["others"])
            return {"rows": told.rows, "said": told.said}
        return {"done": len(self._results), "all": SEEDS}

    def _read(self, text: Any) -> None:
        trial, reader = self.trial, self.reader
        check_typed(text, trial.form)
        self._results = []
        # MicroPython의 sorted는 같은 것들의 순서를 지키지 않아, 지키는 것을 줍니다
        names = {"sorted": sorted}
        try:
            policy = reader.read(text, names, trial.function)
        except MemoryError:
            raise
        except SyntaxError as error:
            last = len(text.split("\n"))  # 닫지 않은 괄호는 끝의 다음 줄에서 알아챕니다
            raise unreadable(min(reader.line(error), last)) from None
        except Exception as error:
            raise failed(trial, error, reader.line(error)) from None
        self._policy = asked(trial, policy, reader.line)


def unreadable(line: int) -> PolicyFailed:
    """파이썬의 문법이 아닐 때."""
    return PolicyFailed(
        f"{line}번째 줄: 파이썬의 문법이 아닙니다.",
        "괄호와 따옴표를 닫고, if와 for와 def의 줄은 :로 끝내고, 그 아랫줄은 들여 써야 합니다.",
        "그 줄이나 바로 윗줄을 고치고 다시 실행하세요.",
        line,
    )
