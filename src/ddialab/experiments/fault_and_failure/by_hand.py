"""손으로 고장 내는 게시글 서비스: 요청은 `paths`의 길을 따라 부품들을 지납니다.

무엇이 꺼져 있든 길은 그대로입니다. 되는지 안 되는지는 요청마다 그 길을 끝까지 가 보고, 제때
답을 받았는지, 나와 있어야 할 글이 빠지지 않았는지로 판정합니다.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Draw
from ddialab.experiments.fault_and_failure.paths import (
    API,
    BALANCER,
    CACHE,
    DB,
    HOME,
    INDEX,
    LOG,
    READ,
    REPLICA,
    SEARCH,
    WORKER,
    WRITE,
    Has,
    Path,
    request,
)
from ddialab.experiments.fault_and_failure.records import Records
from ddialab.experiments.fault_and_failure.station import Station
from ddialab.stress.load import Adjustable

USERS = "users"
QUIET, EVENING = 4, 11  # 평소와 저녁의 초당 요청
MIX = (READ, HOME, SEARCH, READ, HOME, WRITE)  # 이 차례로 되풀이해 옵니다
HIT = 0.8  # 읽기가 캐시에서 끝나는 비율
HOP = 0.15  # 한 부품에서 다음 부품까지(초)
PATIENCE = 3.0  # 사용자가 기다리는 시간(초)
PROMOTE = 2.0  # 복제본이 DB를 대신하기까지(초)
CAPACITY = {  # 역할마다 한 번에 처리하는 수와, 한 건에 드는 시간(초)
    BALANCER: (20, 0.02),
    API: (1, 0.15),
    CACHE: (4, 0.02),
    DB: (2, 0.3),
    REPLICA: (2, 0.3),
    INDEX: (2, 0.1),
    LOG: (4, 0.02),
    WORKER: (1, 0.2),
}
SLOW = 0.1  # 이만큼 걸리는 부품에서는 줄 서고 처리되는 것을 그립니다(초)
OK, FAIL, LATE, STALE = "ok", "fail", "late", "stale"


class Trip:
    """요청 하나. ``due``는 그때 이미 나와 있어야 할 글의 수, ``outcome``은 결과입니다.

    ``dot``이 비었으면 그리지 않는 요청입니다.
    """

    def __init__(self, dot: str, function: str, path: Path, since: float, due: int):
        self.dot, self.function, self.path = dot, function, path
        self.since, self.due, self.outcome, self.dropped = since, due, "", False


class ByHand:
    """``has``의 부품들로 된 서비스. ``promote``면 DB가 꺼졌을 때 복제본이 대신합니다.

    요청 ``each``건에 하나만 점으로 그립니다.
    """

    def __init__(
        self,
        engine: Engine,
        draw: Draw,
        has: Has,
        rate: float,
        promote: bool = False,
        each: int = 1,
    ):
        self.engine, self.draw, self.promote, self.each = engine, draw, promote, each
        self.has, self.stations = dict(has), {}
        for role, names in has.items():
            for name in names:
                self.stations[name] = Station(engine, CAPACITY[role][0], CAPACITY[role][1])
        self.records = Records(self.up, self.stations, draw, has[LOG])
        self.counts = {OK: 0, FAIL: 0, LATE: 0, STALE: 0}
        self._made = count(1).__next__
        self._asked = self._turn = 0
        self._open: list[Trip] = []  # 길의 끝까지 아직 가지 못한 요청
        self._luck = engine.stream("적중").random
        self.load = Adjustable(rate)
        self.load.start(engine, self._arrive)

    def turn(self, knob: str, value: Any) -> None:
        """움직이는 동안 부하를 바꿉니다."""
        self.load.turn(value)

    # --- 부품 ---

    def up(self, role: str) -> list[str]:
        """그 역할을 하는, 켜져 있는 부품들."""
        return [name for name in self.has[role] if self.stations[name].up]

    def stop(self, name: str) -> None:
        """``name``이 꺼집니다."""
        self.stations[name].stop()
        if self.promote and name in self.has[DB]:
            self.engine.after(PROMOTE, self._promote, name)

    def start(self, name: str) -> None:
        """``name``을 다시 켭니다."""
        self.stations[name].start()
        for role in (INDEX, CACHE):
            if name in self.has[role]:
                self.records.caught_up(role)
        self.records.go_on()

    def _promote(self, name: str) -> None:
        spare = self.up(REPLICA)
        if spare and not self.stations[name].up:
            self.has[DB] = (*self.has[DB], spare[0])

    def drain(self) -> None:
        """밀린 일을 모두 치우고 새로 시작합니다. 치운 요청은 결과를 세지 않습니다."""
        for trip in self._open:
            trip.dropped = True
            if trip.dot:
                self.draw("gone", trip.dot)
        self._open = []
        running = [station for station in self.stations.values() if station.up]
        for station in running:
            station.stop()
        self.records.clear()
        for station in running:
            station.start()

    # --- 요청의 길 ---

    def _arrive(self, done: object) -> None:
        function = MIX[self._asked % len(MIX)]
        self._asked += 1
        path = request(self._balanced(), function, self._luck() < HIT)
        now, dot = self.engine.now, "" if self._asked % self.each else self._dot(USERS)
        trip = Trip(dot, function, path, now, self.records.due(now))
        self._open.append(trip)
        self.engine.after(PATIENCE, self._give_up, trip)
        self._go(trip, None)

    def _balanced(self) -> Has:
        """로드 밸런서는 API 서버들에 돌아가며 나누어 줍니다."""
        self._turn += 1
        first = self._turn % len(self.has[API])
        has = dict(self.has)
        has[API] = has[API][first:] + has[API][:first]
        return has

    def _dot(self, place: str) -> str:
        dot = str(self._made())
        self.draw("new", dot, place)
        return dot

    def _go(self, trip: Trip, answer: bool | None) -> None:
        """길의 다음 부품으로 갑니다. 꺼진 부품은 곧바로 거절합니다."""
        while not trip.dropped:
            try:
                name = trip.path.send(answer)
            except StopIteration as end:
                self._arrived(trip, end.value)
                return
            if self.stations[name].up:
                self._move(trip, name, "")
                self.engine.after(HOP, self._join, trip, name)
                return
            answer = False

    def _join(self, trip: Trip, name: str) -> None:
        if trip.dropped:
            return
        station = self.stations[name]
        if not station.up:  # 가는 사이에 꺼졌습니다
            self._go(trip, False)
            return
        slow = station.service >= SLOW
        if slow and station.busy:
            self._move(trip, name, "wait")
        station.visit(
            lambda: slow and self._move(trip, name, "work"), lambda ok: self._go(trip, ok)
        )

    def _move(self, trip: Trip, name: str, place: str) -> None:
        if trip.dot:
            self.draw("move", trip.dot, name, place)

    def _arrived(self, trip: Trip, answered: bool) -> None:
        """길의 끝까지 갔습니다. 이미 포기한 사용자에게는 늦은 답입니다."""
        self._open.remove(trip)
        if answered and trip.function == WRITE:
            self.records.add(trip.dot and self._dot(self.up(LOG)[0]), self.engine.now)
        shown = not trip.outcome
        if shown:
            self._end(trip, self._judged(trip) if answered else FAIL)
        if trip.dot:
            if shown:
                self.draw("look", trip.dot, OK if trip.outcome == OK else FAIL)
                self.draw("move", trip.dot, USERS, "")
            self.draw("gone", trip.dot)

    def _judged(self, trip: Trip) -> str:
        """답을 받은 요청이 나와 있어야 할 글까지 보여 주었나."""
        role = {SEARCH: INDEX, HOME: CACHE}.get(trip.function)
        old = role is not None and self.up(role) and self.records.lacks(role, trip.due)
        return STALE if old else OK

    def _give_up(self, trip: Trip) -> None:
        if not (trip.outcome or trip.dropped):
            self._end(trip, LATE)
            if trip.dot:
                self.draw("look", trip.dot, LATE)

    def _end(self, trip: Trip, outcome: str) -> None:
        trip.outcome = outcome
        self.counts[outcome] += 1
        if trip.dot or outcome != OK:
            self.draw("count", outcome, self.counts[outcome])
        if outcome != OK:
            self.draw("mark", trip.function, "")
        self.ended(trip)

    def ended(self, trip: Trip) -> None:
        """요청 하나의 결과가 나왔습니다."""
