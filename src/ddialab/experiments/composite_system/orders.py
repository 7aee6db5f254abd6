"""모든 순서: 겹친 요청들의 단계가 섞이는 순서를 하나도 빠짐없이 한 번씩 해 봅니다."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import comb
from random import Random
from typing import Any

from ddialab.core.errors import check_choice, check_integer
from ddialab.experiments.composite_system.system import ID, System, title
from ddialab.service.writes import WAYS

READER, WRITER, OTHER, RELAY = "reader", "writer", "other", "relay"
RACES = {"read": (READER, WRITER), "write": (WRITER, OTHER)}
NUMBERS = {WRITER: 2, OTHER: 3}  # 저마다 고치려는 제목의 번호


class Race:
    """겹친 요청들: ``who``는 reader(읽기), writer와 other(고치기)에서 고릅니다.

    ``system``에 릴레이가 있으면 릴레이도 겹칩니다. ``taken``은 여태 한 (누가, 단계)입니다.
    ``after``는 마지막 답 뒤의 순간마다 (읽으면 볼 제목, 검색하면 볼 제목)이고, ``seen``은 처음부터
    순간마다 읽으면 볼 제목입니다.
    """

    def __init__(self, system: System, who: tuple[str, ...]):
        self.system, self.who, self.taken = system, who, []
        self.after: list[tuple[int, int]] = []
        self.seen = [system.read]
        self._steps: dict[str, Iterator[str]] = {}
        self._next: dict[str, str] = {}
        self._writing = [one for one in who if one != READER]
        for one in who:
            writes = system.writes
            self._begin(one, writes.read(ID) if one == READER else writes.edit(ID, _title(one)))

    def going(self) -> list[str]:
        """다음 단계를 할 수 있는 것들."""
        if self.system.relay is not None and RELAY not in self._next and not self.system.waits:
            self._begin(RELAY, self.system.relay.steps())
        return list(self._next)

    def step(self, one: str) -> None:
        """``one``이 서 있던 단계를 합니다."""
        self.taken.append((one, self._next[one]))
        self._advance(one)
        self.seen.append(self.system.read)
        if not [writer for writer in self._writing if writer in self._next]:
            self.after.append((self.system.read, self.system.indexed))

    def _begin(self, one: str, steps: Iterator[str]) -> None:
        self._steps[one] = steps
        self._advance(one)

    def _advance(self, one: str) -> None:
        self._next.pop(one, None)
        for step in self._steps[one]:
            self._next[one] = step
            return


def every_order(start: Callable[[], Any]) -> Iterator[Any]:
    """``start()``가 만든 것을 모든 순서로 한 번씩 끝까지 합니다.

    정해 둔 앞부분까지 따라간 다음에는 늘 맨 앞의 것을 고르고, 고르지 않은 것들은 나중에 해 봅니다.
    """
    waiting: list[list[str]] = [[]]
    while waiting:
        prefix = waiting.pop()
        race, chosen = start(), []
        while going := race.going():
            if len(chosen) < len(prefix):
                one = prefix[len(chosen)]
            else:
                one = going[0]
                waiting.extend([*chosen, other] for other in going[1:])
            race.step(one)
            chosen.append(one)
        yield race


def races(way: str, kind: str = "read", *, filled: bool = False, waits: bool = False) -> list[Race]:
    """``way``로 읽기와 고치기(read), 또는 고치기 둘(write)이 겹치는 모든 순서."""
    who = RACES[check_choice("kind", kind, RACES)]
    check_choice("way", way, WAYS)
    return list(every_order(lambda: Race(System(way, filled=filled, waits=waits), who)))


def some_orders(start: Callable[[], Any], times: int, seed: int = 0) -> Iterator[Any]:
    """`every_order`와 같지만, 순서가 너무 많을 때 아무렇게나 ``times``번만 골라 합니다."""
    chance = Random(check_integer("seed", seed))
    for _ in range(check_integer("times", times, 0)):
        race = start()
        while going := race.going():
            race.step(chance.choice(going))
        yield race


def stuck(race: Race) -> bool:
    """모두 끝난 뒤에도 어느 사본이 원본과 다른지. 누가 또 고칠 때까지 그대로입니다."""
    return not race.system.agree()


def stale_reads(race: Race) -> bool:
    """답한 뒤 어느 순간에든, 읽으면 옛 제목을 볼 수 있는지."""
    return any(read < race.system.original for read, _ in race.after)


def stale_searches(race: Race) -> bool:
    """답한 뒤 어느 순간에든, 검색하면 옛 제목을 볼 수 있는지."""
    return any(found != race.system.original for _, found in race.after)


def goes_back(race: Race) -> bool:
    """새 제목을 본 다음에 읽은 사람이 그보다 옛 제목을 볼 수 있는지."""
    return any(later < earlier for earlier, later in zip(race.seen, race.seen[1:], strict=False))


def held(race: Race) -> dict[str, list[int | None]]:
    """``race``의 단계마다 저장소에 든 제목의 번호. 같은 순서로 다시 해 봅니다."""
    again, rows = Race(System(race.system.way), race.who), {"원본": [], "캐시": [], "검색 색인": []}
    for one, _ in race.taken:
        again.step(one)
        system = again.system
        for row, number in zip(
            rows.values(), (system.original, system.cached, system.indexed), strict=True
        ):
            row.append(number)
    return rows


def shuffles(first: int, second: int) -> int:
    """단계가 ``first``개, ``second``개인 두 요청이 섞이는 순서의 수. 조합 C(m + n, m)입니다."""
    first, second = check_integer("first", first, 0), check_integer("second", second, 0)
    return comb(first + second, first)


def _title(one: str) -> str:
    return title(NUMBERS[one])
