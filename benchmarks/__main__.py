"""`make bench`: 같은 클러스터를 우리 엔진과 SimPy로 번갈아 돌려 초당 요청 수를 견줍니다."""

from benchmarks.cluster import compare

if __name__ == "__main__":
    for line in compare(rounds=5).lines():
        print(line)
