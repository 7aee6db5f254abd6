"""줄: 온 차례대로, 한 번에 몇 건만."""

from ddialab.cluster.line import Line
from ddialab.core.engine import Engine


def test_a_line_serves_in_order_and_no_more_than_it_can():
    engine, seen = Engine(), []
    line = Line(engine, servers=2, service=1.0)
    for n in range(5):
        line.join(
            lambda n=n: seen.append((engine.now, "시작", n)),
            lambda n=n: seen.append((engine.now, "끝", n)),
        )
    engine.run(10)
    started = [(now, n) for now, what, n in seen if what == "시작"]
    assert started == [(0, 0), (0, 1), (1, 2), (1, 3), (2, 4)]
    assert [now for now, what, _ in seen if what == "끝"] == [1, 1, 2, 2, 3]


def test_the_length_of_a_line_is_those_who_still_wait():
    engine = Engine()
    line = Line(engine, servers=2, service=1.0)
    for _ in range(3):
        line.join(lambda: None, lambda: None)
    assert len(line) == 1
    engine.run(1.5)
    assert len(line) == 0
