"""로드 셰딩: 줄의 한도는 표준 라이브러리의 한도 있는 큐와 같고, 늦은 것은 처리하지 않습니다."""

from __future__ import annotations

import queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.resilience.shedding import Shedder
from suite.effort import fuzz


def accepts(bounded: queue.Queue) -> bool:
    try:
        bounded.put_nowait("요청")
    except queue.Full:
        return False
    return True


@fuzz(300)
@given(st.integers(1, 5), st.lists(st.booleans()))
def test_the_same_arrivals_are_refused_as_by_a_bounded_queue(most, arrivals):
    """True면 하나가 오고 False면 하나를 처리합니다."""
    bounded, shedder, waiting = queue.Queue(maxsize=most), Shedder(most), 0
    for arrives in arrivals:
        if arrives:
            admitted = shedder.admit(waiting)
            waiting += admitted
            assert admitted == accepts(bounded)
        elif waiting:
            bounded.get_nowait()
            waiting -= 1


def test_a_late_request_is_not_served():
    shedder = Shedder(deadline=2.0)
    assert [shedder.serve(waited) for waited in (0, 2.0, 2.1)] == [True, True, False]
    assert shedder.admit(10**9), "시간만 정했으면 줄의 길이는 보지 않습니다"


def test_a_full_line_does_not_ask_how_long_one_waited():
    assert Shedder(most=3).serve(10**9)


@pytest.mark.parametrize("limits", [{}, {"most": -1}, {"most": 1.5}, {"deadline": 0}])
def test_limits_that_make_no_sense_are_refused(limits):
    with pytest.raises(InvalidValue):
        Shedder(**limits)
