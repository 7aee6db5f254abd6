"""속도의 약속: 같은 장면을 같은 실행에서 SimPy보다 다섯 배, nbgrader보다 세 배 이상."""

from benchmarks import cluster, grading


def test_five_times_simpy():
    speeds = cluster.compare(rounds=40)
    assert speeds.silent >= 5 * speeds.simpy, "\n".join(speeds.lines())


def test_three_times_nbgrader():
    times = grading.compare("a1-cache", students=16, sample=3)
    assert times.ratio >= 3, "\n".join(times.lines())
