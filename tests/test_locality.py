"""CPU 캐시: 시간은 견주지 않고, 재는 방법이 맞는지만 봅니다."""

import numpy as np
import pytest

from ddialab.core.errors import InvalidValue
from ddialab.experiments.cache_miss import locality


def test_sizes_grow_with_the_level_or_are_not_known():
    sizes = list(locality.cache_sizes().values())
    assert sizes == sorted(sizes)
    assert all(size >= 1024 for size in sizes)
    assert locality.line_size() in (None, 32, 64, 128, 256)


def test_an_operating_system_that_does_not_tell(monkeypatch, tmp_path):
    monkeypatch.setattr(locality, "LINUX", tmp_path)
    monkeypatch.setattr(locality.sys, "platform", "linux")
    assert locality.cache_sizes() == {}
    assert locality.line_size() is None


def test_a_walk_visits_every_node_and_returns():
    nodes = [[None] for _ in range(7)]
    locality._link(nodes, [3, 0, 6, 2, 5, 1, 4])
    assert len({id(locality._walk(nodes[0], n)) for n in range(7)}) == 7
    assert locality._walk(nodes[0], 7) is nodes[0]


def test_a_walker_continues_where_it_stopped(monkeypatch):
    nodes = [[None] for _ in range(5)]
    locality._link(nodes, [0, 1, 2, 3, 4])
    starts, walk = [], locality._walk
    monkeypatch.setattr(locality, "_walk", lambda node, n: starts.append(id(node)) or walk(node, n))
    step = locality._walker(nodes[0], 2)
    step(), step(), step()
    assert starts == [id(nodes[0]), id(nodes[2]), id(nodes[4])]


def test_a_walk_is_timed_by_its_steps(monkeypatch):
    """걸음 수를 세지 않는 실수(빈 반복자)를 잡습니다: 시계는 걸음마다 3 ns씩만 갑니다."""
    monkeypatch.setattr(locality, "repeat", lambda value, steps: paced([value] * steps, 3e-9))
    monkeypatch.setattr(locality, "perf_counter", lambda: walked[0])
    walked = [0.0]

    def paced(steps, seconds):
        for step in steps:
            walked[0] += seconds
            yield step

    times = locality.time_walks([4096, 8192], repeats=3, steps=2_000)
    assert set(times) == {"순서대로", "뒤섞어"}
    assert all(rows.shape == (2, 3) for rows in times.values())
    assert all(rows == pytest.approx(np.full((2, 3), 3.0)) for rows in times.values())


def test_strides_touch_fewer_places(monkeypatch):
    """시간 대신, 재는 일이 읽는 곳의 수를 셉니다."""
    touched = []
    monkeypatch.setattr(
        locality, "_nanoseconds", lambda work, _, repeats: touched.append(work) or np.ones(repeats)
    )
    assert locality.time_strides([8, 4096], size=1 << 24, repeats=5).shape == (2, 5)
    assert [work() for work in touched] == [1 << 21, 1 << 12]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: locality.time_walks([1]),
        lambda: locality.time_walks([4096.0]),
        lambda: locality.time_walks([4096], repeats=0),
        lambda: locality.time_strides([1], 1 << 20),
        lambda: locality.time_strides([8], 0),
    ],
)
def test_bad_input(wrong):
    with pytest.raises(InvalidValue):
        wrong()
