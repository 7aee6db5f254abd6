"""윈도마다 태그를 센 표: 스트림 처리가 센 것과, 밤에 전부를 다시 센 것."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ddialab.blocks.windows import Event, Output, Windows
from ddialab.core.errors import check_all, check_choice, check_integer, check_type
from ddialab.experiments.stream_and_batch.posts import EVENING, LONGEST, Sent

WINDOW = 600  # 윈도의 길이(초)
WAIT = 60  # 워터마크가 기다리는 시간(초)
WAITS = (0, 60, 900)
MINUTES = (0, 1, 2, 5, 10, 20, 40, 60)  # 윈도가 끝난 뒤의 시간(분)
CLOCKS = ("arrival", "event")  # 무엇으로 윈도를 고르나: 닿은 시각, 쓴 시각
WAYS = {  # 이름: (시각, 두 번 온 것을 거르나)
    "naive": ("arrival", False),
    "unique": ("arrival", True),
    "event": ("event", False),
    "both": ("event", True),
}
Table = dict[int, dict[str, int]]


class Followed(NamedTuple):
    """스트림이 남긴 것: 언제 무엇을 내보냈나, 사건마다의 판정, 기억한 번호가 가장 많던 때의 수."""

    outputs: list[tuple[int, Output]]
    verdicts: dict[str, int]
    remembered: int

    @property
    def table(self) -> Table:
        """마지막으로 내보낸 것들의 표."""
        return dict(output for _, output in self.outputs)


def follow(
    sent: Sequence[Sent], windows: Windows, clock: str = "event", until: int = EVENING + LONGEST
) -> Followed:
    """글들을 닿은 차례로 ``windows``에 주고, 내보내는 대로 적습니다. 끝에는 모두 닫습니다."""
    by_arrival = check_choice("clock", clock, CLOCKS) == "arrival"
    check_type("windows", windows, Windows)
    outputs: list[tuple[int, Output]] = []
    most = 0
    for post in check_all("sent", sent, Sent):
        windows.add(Event(post.id, post.arrived if by_arrival else post.time, post.tags))
        outputs += [(post.arrived, output) for output in windows.take()]
        most = max(most, windows.remembered)
    windows.advance(2 * until)
    outputs += [(until, output) for output in windows.take()]
    return Followed(outputs, windows.verdicts, most)


def batch(sent: Iterable[Sent], size: int = WINDOW) -> Table:
    """모두 모인 다음 처음부터 다시 센 표: 번호마다 한 번, 쓴 시각의 윈도에."""
    check_integer("size", size, 1)
    table: Table = {}
    for post in {post.id: post for post in check_all("sent", sent, Sent)}.values():
        counts = table.setdefault(post.time // size * size, {})
        for tag in post.tags:
            counts[tag] = counts.get(tag, 0) + 1
    return table


def cells(table: Table) -> dict[tuple[int, str], int]:
    """표의 칸들: (윈도, 태그)마다의 수."""
    check_type("table", table, dict)
    return {(start, tag): n for start, counts in table.items() for tag, n in counts.items()}


def differing(one: Table, other: Table) -> float:
    """두 표의 칸 가운데 수가 다른 것의 비율. 한쪽에만 있는 칸도 다른 것입니다."""
    ours, theirs = cells(one), cells(other)
    every = dict.fromkeys([*ours, *theirs])
    return sum(ours.get(cell) != theirs.get(cell) for cell in every) / max(1, len(every))


def compared(way: str, sent: Sequence[Sent]) -> float:
    """``way``로 센 표가 어젯밤의 표와 다른 칸의 비율. 늦은 것은 올 때까지 받아 고칩니다."""
    clock, unique = WAYS[check_choice("way", way, WAYS)]
    windows = Windows(WINDOW, WAIT, LONGEST, unique=unique)
    return differing(follow(sent, windows, clock).table, batch(sent))


def wrong_after(wait: int, lateness: int, sent: Sequence[Sent]) -> list[float]:
    """윈도가 끝나고 `MINUTES`분이 지났을 때마다, 아직 없거나 다른 칸의 비율."""
    outputs = follow(sent, Windows(WINDOW, wait, lateness)).outputs
    whole, found = batch(sent), []
    for minutes in MINUTES:
        late = minutes * 60
        told = {start: counts for at, (start, counts) in outputs if at <= start + WINDOW + late}
        found.append(differing(told, whole))
    return found
