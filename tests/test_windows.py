"""윈도: 어떤 차례로, 몇 번씩 와도 끝나면 같은 표입니다. 늦은 것은 세지 않고 수만 적습니다."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.stream import WindowedCount
from ddialab.blocks.tape import Tape
from ddialab.blocks.windows import AMENDED, COUNTED, DUPLICATE, LATE, Event, Windows
from ddialab.core.errors import InvalidValue
from ddialab.core.memory import MemoryStore
from suite.effort import fuzz

EVENTS = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["ㄱ", "ㄴ"])), min_size=1, max_size=40
)


def event(id, time, *keys):
    return Event(id, time, list(keys or ["ㄱ"]))


def tables(windows):
    """내보낸 것들로 만든 표. 나중 것이 앞의 것을 대신합니다."""
    return dict(windows.take())


def brute_force(events, size, slide):
    """시각을 하나하나 대어 본, 윈도마다의 수."""
    found = {}
    for start in range(-size - size % slide - slide * 9, 201, slide):
        inside = [key for time, key in events if start <= time < start + size]
        if inside:
            found[start] = {key: inside.count(key) for key in dict.fromkeys(inside)}
    return found


@fuzz(300)
@given(st.data())
def test_in_any_order_and_twice_the_tables_are_those_of_all_the_events(data):
    events, slide = data.draw(EVENTS), data.draw(st.integers(1, 20))
    size = slide * data.draw(st.integers(1, 3))
    sent = [event(id, time, key) for id, (time, key) in enumerate(events)]
    arrived = data.draw(st.permutations(sent + data.draw(st.lists(st.sampled_from(sent)))))
    windows, out = Windows(size, wait=200, slide=slide), {}
    for one in arrived:
        windows.add(one)
        out |= tables(windows)
    windows.advance(10_000)
    assert out | tables(windows) == brute_force(events, size, slide)
    assert windows.verdicts[LATE] == 0 == windows.remembered
    assert windows.verdicts[DUPLICATE] == len(arrived) - len(sent)


@fuzz(200)
@given(st.data())
def test_lateness_repairs_what_a_short_wait_closed_too_early(data):
    sent = [event(id, time, key) for id, (time, key) in enumerate(data.draw(EVENTS))]
    arrived = data.draw(st.permutations(sent))
    whole, hasty, out = Windows(10, wait=300), Windows(10, lateness=300), {}
    for one in arrived:
        whole.add(one)
        hasty.add(one)
        out |= tables(hasty)
    for windows in (whole, hasty):
        windows.advance(1_000)
    assert out | tables(hasty) == tables(whole)


def test_an_event_behind_the_closed_window_is_counted_apart():
    windows = Windows(10)
    assert windows.add(event(1, 3)) == COUNTED
    assert windows.add(event(2, 9)) == COUNTED
    assert windows.take() == []
    assert windows.add(event(3, 10)) == COUNTED  # 워터마크가 10에 닿아 [0, 10)이 닫힙니다
    assert windows.take() == [(0, {"ㄱ": 2})]
    assert windows.add(event(4, 9)) == LATE
    assert (
        windows.add(event(1, 3)) == LATE
    )  # 이미 센 것이 또 와도, 번호를 잊어서 늦은 것으로 보입니다
    assert windows.take() == []
    assert windows.open() == {10: {"ㄱ": 1}}


def test_lateness_amends_and_then_forgets():
    windows = Windows(10, lateness=5)
    for one in (event(1, 3), event(2, 12)):
        windows.add(one)
    assert windows.take() == [(0, {"ㄱ": 1})]
    assert windows.add(event(3, 4, "ㄴ")) == AMENDED
    assert windows.add(event(1, 3)) == DUPLICATE
    assert windows.take() == [(0, {"ㄱ": 1, "ㄴ": 1})]
    assert windows.remembered == 3
    windows.add(event(4, 15))
    assert windows.add(event(5, 4)) == LATE
    assert windows.remembered == 2


def test_without_unique_everything_that_comes_twice_counts_twice():
    windows = Windows(10, unique=False)
    for one in (event(1, 3), event(1, 3), event(2, 10)):
        windows.add(one)
    assert windows.take() == [(0, {"ㄱ": 2})]


def test_the_watermark_goes_only_forward():
    windows = Windows(10, wait=2)
    windows.add(event(1, 30))
    windows.add(event(2, 5))
    assert windows.watermark == 28
    with pytest.raises(InvalidValue, match="뒤로 가지 않습니다"):
        windows.advance(27)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Windows(0),
        lambda: Windows(10, wait=-1),
        lambda: Windows(10, lateness=-1),
        lambda: Windows(10, slide=11),
        lambda: Windows(10, slide=0),
        lambda: Windows(10).add(event(1, 1.5)),
        lambda: Windows(10).add((1, 2, ["ㄱ"])),
        lambda: Windows(10).add(None),
        lambda: Windows(10).advance("곧"),
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()


# --- 로그를 따라가며 ---


def read(payload):
    return Event(*json.loads(payload))


def taped(events):
    tape = Tape()
    for one in events:
        tape.append(json.dumps(one).encode())
    return tape


class Killed(Exception):
    """프로세스가 죽었습니다."""


class Mortal(MemoryStore):
    """``left``번 쓰고 나면 쓰기 직전에 죽는 저장소."""

    left = -1

    def set(self, key, value, ttl=None):
        if self.left == 0:
            raise Killed
        self.left -= 1
        super().set(key, value, ttl)


class Appending(Mortal):
    """대조군: 표를 자리에 적지 않고 덧붙입니다."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def set(self, key, value, ttl=None):
        super().set(key, value, ttl)
        if ":" in key:
            self.lines.append(key)


def follow(tape, store):
    counter = WindowedCount(tape, read, store, Windows(10, wait=3))
    while counter.catch_up(4):
        pass
    counter.close(1_000)
    return {start: counter.table(start) for start in range(0, 60, 10)}


def test_wherever_it_dies_the_tables_are_the_same():
    sent = [event(n, n * 7 % 50) for n in range(20)]
    tape = taped(sent + sent[::3])
    whole = follow(tape, MemoryStore())
    assert sum(table["ㄱ"] for table in whole.values() if table) < 20  # 늦은 것도 있는 로그입니다
    twice = 0
    for deaths_at in range(30):
        store = Appending()
        store.left = deaths_at
        with suppress(Killed):
            follow(tape, store)
        store.left = -1
        assert follow(tape, store) == whole
        twice += len(store.lines) > len(dict.fromkeys(store.lines))
    assert twice, "덧붙이는 표라면 두 번 적히는 때가 있습니다"


def test_a_stopped_reader_goes_on_with_what_it_remembers():
    tape, store = taped([event(1, 3), event(2, 5)]), MemoryStore()
    WindowedCount(tape, read, store, Windows(10)).catch_up()
    for one in (event(1, 3), event(3, 12)):
        tape.append(json.dumps(one).encode())
    counter = WindowedCount(tape, read, store, Windows(10))
    assert (counter.catch_up(), counter.table(0), counter.table(10)) == (2, {"ㄱ": 2}, None)
