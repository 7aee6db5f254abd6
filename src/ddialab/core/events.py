"""사건 기록(event log): 시스템은 일어난 일을 기록하기만 하고, 그림은 나중에 이 기록에서 그립니다.

같은 시드(seed)와 같은 결함 계획이면 기록은 바이트까지 같습니다.
그래서 저장하고, 다시 재생하고, 동료에게 보낼 수 있습니다.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ddialab.core.errors import InvalidValue, StorageFailure

FORMAT = "ddialab-events/1"

# 일어나는 일의 종류. 시스템은 이 이름으로 기록하고, 그림은 이 이름을 보고 그립니다.
ARRIVE, SEND, START, REPLY, OK = "arrive", "send", "start", "reply", "ok"
TIMEOUT, REFUSE, RETRY, FAIL = "timeout", "refuse", "retry", "fail"
DOWN, UP, SUSPECT, TRUST, DRAIN = "down", "up", "suspect", "trust", "drain"
REPAIR, REPAIRED, LOST, PACE = "repair", "repaired", "lost", "pace"
KINDS = (
    ARRIVE, SEND, START, REPLY, OK, TIMEOUT, REFUSE, RETRY, FAIL,
    DOWN, UP, SUSPECT, TRUST, DRAIN, REPAIR, REPAIRED, LOST, PACE,
)  # fmt: skip


class Event(NamedTuple):
    """가상 시계 ``time``(초)에 ``node``에서 일어난 일 하나.

    ``request``는 요청 번호(요청과 무관하면 -1), ``detail``은 종류마다 다른 덧붙임입니다.
    """

    time: float
    kind: str
    node: str = ""
    request: int = -1
    detail: str = ""


class EventLog:
    """시간 순서로 쌓이는 사건들과, 그 실행을 다시 만들 정보(``about``: 시드, 설정, 결함 계획)."""

    def __init__(self, about: dict[str, Any] | None = None):
        self.about = dict(about or {})
        self._events: list[Event] = []
        self.record = self._events.append  # 가장 뜨거운 길: 함수 호출 한 겹을 아낍니다

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __getitem__(self, index):
        return self._events[index]

    def of_kind(self, *kinds: str) -> list[Event]:
        """주어진 종류의 사건만 시간 순서로."""
        return [event for event in self._events if event.kind in kinds]

    def to_bytes(self) -> bytes:
        """한 줄에 사건 하나인 JSON Lines. 첫 줄은 ``about``입니다."""
        head = json.dumps({**self.about, "format": FORMAT}, ensure_ascii=False, sort_keys=True)
        body = (json.dumps(event, ensure_ascii=False) for event in self._events)
        return ("\n".join((head, *body)) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> EventLog:
        """`to_bytes`의 반대. 형식이 다르면 `InvalidValue`."""
        try:
            # splitlines()는 문자열 속의 U+0085 같은 글자에서도 줄을 나눕니다
            head, *rows = data.decode().removesuffix("\n").split("\n")
            about = json.loads(head)
            if about.pop("format") != FORMAT:
                raise ValueError("format")
            log = cls(about)
            log._events.extend(Event(*json.loads(row)) for row in rows)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidValue(
                f"사건 기록을 읽을 수 없습니다({error}).",
                f"{FORMAT} 형식의 JSON Lines여야 합니다.",
                "EventLog.save로 저장한 파일을 쓰세요.",
            ) from None
        return log

    def save(self, path: str | Path) -> None:
        """파일로 저장합니다. 쓰지 못하면 `StorageFailure`."""
        try:
            Path(path).write_bytes(self.to_bytes())
        except OSError as error:
            raise StorageFailure(
                f"사건 기록을 {path}에 쓰지 못했습니다({error.strerror}).",
                todo="폴더의 쓰기 권한과 남은 공간을 확인하세요.",
            ) from None

    @classmethod
    def load(cls, path: str | Path) -> EventLog:
        """`save`로 저장한 파일을 읽습니다."""
        try:
            return cls.from_bytes(Path(path).read_bytes())
        except OSError as error:
            raise StorageFailure(
                f"사건 기록 {path}를 읽지 못했습니다({error.strerror}).", todo="경로를 확인하세요."
            ) from None

    def digest(self) -> str:
        """기록 전체의 SHA-256. 두 실행이 같은지 견줄 때 씁니다."""
        return hashlib.sha256(self.to_bytes()).hexdigest()
