"""속도의 약속: 같은 장면을 같은 실행에서 SimPy보다 다섯 배 이상."""

from benchmarks.cluster import compare


def test_five_times_simpy():
    speeds = compare(rounds=4)
    assert speeds.silent >= 5 * speeds.simpy, "\n".join(speeds.lines())
