"""윈도: 사건을 일어난 시각의 구간마다 모아 셉니다. 늦게 오거나 두 번 오는 사건이 있어도.

**워터마크**(watermark)는 「이보다 앞선 사건은 이제 다 왔다」고 보기로 한 시각입니다. 여태 본
가장 늦은 시각에서 ``wait``을 뺀 것이므로 뒤로 가지 않습니다. 워터마크가 윈도의 끝을 지나면 윈도를
닫고 센 것을 내보냅니다. 그 뒤로도 ``lateness``만큼은 윈도를 들고 있다가, 늦은 사건이 오면 고쳐서
다시 내보냅니다. 그보다 늦은 사건은 세지 않고 수만 적어 둡니다.

두 번 온 것은 사건의 번호로 거릅니다. 번호는 윈도와 함께 버리므로, 기억하는 양에 한도가 있습니다.
시각은 모두 정수이고 단위는 쓰는 쪽이 정합니다. 파일도 시계도 모르는 파이썬입니다.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ddialab.core.errors import InvalidValue, check_integer, check_type

COUNTED, AMENDED, LATE, DUPLICATE = "counted", "amended", "late", "duplicate"


class Event(NamedTuple):
    """사건 하나: 번호, 일어난 시각, 셀 것들(태그)."""

    id: int
    time: int
    keys: list[str]


class Output(NamedTuple):
    """내보낼 것 하나: 시각 ``start``에 시작한 윈도에서 센 것. 고친 것이면 앞의 것을 대신합니다."""

    start: int
    counts: dict[str, int]


class Windows:
    """길이 ``size``인 윈도들. ``slide``마다 하나씩 시작합니다. 없으면 겹치지 않습니다(텀블링 윈도).

    ``wait``은 워터마크가 가장 늦은 시각보다 얼마나 뒤에 있는지, ``lateness``는 닫은 윈도를 얼마나
    더 들고 있는지입니다. ``unique``가 거짓이면 두 번 온 것을 거르지 않습니다.
    """

    def __init__(
        self,
        size: int,
        wait: int = 0,
        lateness: int = 0,
        slide: int | None = None,
        unique: bool = True,
    ):
        self.size = check_integer("size", size, 1)
        self.slide = size if slide is None else check_integer("slide", slide, 1, size)
        self.wait = check_integer("wait", wait, 0)
        self.lateness = check_integer("lateness", lateness, 0)
        self.unique = unique
        self.watermark: int | None = None  # 아직 아무것도 못 봤으면 None
        self.remembered = 0  # 두 번 온 것을 거르려고 기억하는 번호의 수
        self.verdicts = {COUNTED: 0, AMENDED: 0, LATE: 0, DUPLICATE: 0}
        self._kept: dict[int, dict[str, int]] = {}  # 윈도가 시작한 시각 → 센 것
        self._seen: dict[int, dict[int, int]] = {}  # 마지막 윈도가 시작한 시각 → 거기서 본 번호들
        self._changed: dict[int, int] = {}  # 내보낼 윈도들, 닫히거나 고친 차례로

    # --- 사건 하나 ---

    def add(self, event: Event) -> str:
        """사건 하나를 보고 어떻게 했는지: 셈, 닫은 윈도를 고침, 늦어서 버림, 두 번째라 거름."""
        check_type("event", event, Event)
        verdict = self._judge(event)
        self.verdicts[verdict] += 1
        if self.watermark is None or event.time - self.wait > self.watermark:
            self.advance(event.time - self.wait)
        return verdict

    def _judge(self, event: Event) -> str:
        starts = [start for start in self.starts(event.time) if not self._is_gone(start)]
        if not starts:
            return LATE
        if self.unique and self._is_known(event.id, max(starts)):
            return DUPLICATE
        for start in starts:
            self._count(start, event.keys)
        closed = [start for start in starts if self._is_closed(start)]
        for start in closed:
            self._changed[start] = start
        return AMENDED if closed else COUNTED

    def _count(self, start: int, keys: Iterable[str]) -> None:
        counts = self._kept.setdefault(start, {})
        for key in keys:
            counts[key] = counts.get(key, 0) + 1

    def _is_known(self, id: int, start: int) -> bool:
        """이미 본 번호인지. 아니면 이제부터 압니다."""
        for ids in self._seen.values():
            if id in ids:
                return True
        self._seen.setdefault(start, {})[id] = id
        self.remembered += 1
        return False

    def starts(self, time: int) -> list[int]:
        """시각 ``time``이 드는 윈도들이 시작한 시각. 이른 것부터입니다."""
        check_integer("time", time)
        last = time // self.slide * self.slide
        count = (last + self.size - time - 1) // self.slide + 1
        return [last - n * self.slide for n in range(count - 1, -1, -1)]

    # --- 워터마크 ---

    def advance(self, watermark: int) -> None:
        """워터마크를 ``watermark``까지 옮깁니다. 사건이 더 오지 않아도 윈도를 닫을 때 부릅니다."""
        before = self.watermark
        check_integer("watermark", watermark)
        if before is not None and watermark < before:
            raise InvalidValue(
                f"watermark={watermark}: 워터마크는 뒤로 가지 않습니다.",
                f"지금의 워터마크 {before}보다 앞서야 합니다.",
                "늦게 온 사건은 add에 그대로 주세요.",
            )
        self.watermark = watermark
        for start in sorted(self._kept):
            if self._is_closed(start) and (before is None or start + self.size > before):
                self._changed[start] = start
        for start in [start for start in self._seen if self._is_gone(start)]:
            self.remembered -= len(self._seen.pop(start))
        for start in [start for start in self._kept if self._is_gone(start)]:
            if start not in self._changed:
                del self._kept[start]

    def _is_closed(self, start: int) -> bool:
        return self.watermark is not None and start + self.size <= self.watermark

    def _is_gone(self, start: int) -> bool:
        """닫은 지 ``lateness``가 지나 더는 고치지 않는 윈도인지."""
        return self.watermark is not None and start + self.size + self.lateness <= self.watermark

    # --- 내보내기 ---

    def take(self) -> list[Output]:
        """지난번에 부른 뒤로 닫히거나 고친 윈도들. 한 번 내보낸 것은 다시 고칠 때만 또 나옵니다."""
        if not self._changed:
            return []
        found = [Output(start, dict(self._kept[start])) for start in self._changed]
        self._changed = {}
        for start in [start for start in self._kept if self._is_gone(start)]:
            del self._kept[start]
        return found

    def open(self) -> dict[int, dict[str, int]]:
        """아직 닫지 않은 윈도들에서 여태 센 것."""
        return {start: counts for start, counts in self._kept.items() if not self._is_closed(start)}

    # --- 저장하고 잇기 ---

    def dump(self) -> list[Any]:
        """JSON으로 적을 수 있는, 여태의 모든 것. `load`가 이어받습니다."""
        kept = [[start, dict(counts)] for start, counts in self._kept.items()]
        seen = [[start, list(ids)] for start, ids in self._seen.items()]
        return [self.watermark, dict(self.verdicts), kept, seen, list(self._changed)]

    def load(self, state: list[Any]) -> None:
        """`dump`한 것을 이어받습니다."""
        self.watermark, verdicts, kept, seen, changed = state
        self.verdicts = dict(verdicts)
        self._kept = {start: dict(counts) for start, counts in kept}
        self._seen = {start: {id: id for id in ids} for start, ids in seen}
        self.remembered = 0
        for ids in self._seen.values():
            self.remembered += len(ids)
        self._changed = {start: start for start in changed}
