"""`make bench`: 모의실험의 엔진은 SimPy와, 채점은 nbgrader와 견줍니다."""

from benchmarks import cluster, grading

if __name__ == "__main__":
    for line in cluster.compare(rounds=5).lines():
        print(line)
    for line in grading.compare("a1-cache", students=20, whole=True).lines():
        print(line)
