"""닮은 답: 둘씩 견주므로 사람이 늘면 제곱으로 느려집니다. 200명도 기다릴 만해야 합니다."""

from collections.abc import Iterator
from time import perf_counter

from tests.classroom.test_similarity import whole_class

from benchmarks.promise import Promise
from classroom.marking.similarity import similar

STUDENTS, MOST = 200, 20  # 명, 초


def promises() -> Iterator[Promise]:
    half, whole = _seconds(STUDENTS // 2), _seconds(STUDENTS)
    yield Promise(
        f"{STUDENTS}명의 닮은 답",
        f"{whole:.1f}초, 절반인 반의 {whole / half:.1f}배",
        f"{MOST}초 이하",
        whole <= MOST,
    )


def _seconds(students: int) -> float:
    notebooks = whole_class(students)
    start = perf_counter()
    similar(notebooks, None, "a1")
    return perf_counter() - start
