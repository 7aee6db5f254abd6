"""`make bench`: 시계로 정해지는 약속들을 하나씩 재어 표로 보입니다. 어긴 것이 있으면 1로 끝납니다.

python -m benchmarks                      모두
python -m benchmarks lighthouse cluster   고른 것만
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from benchmarks.promise import Promise, Unmeasured

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    "publish",
    "publish/_ext",
    "tests",
    "tests/site",
)  # 테스트도 여기 것을 이름만으로 들여옵니다
NAMES = (
    "abuse",
    "cluster", "queueing", "similarity", "grading", "transfer", "frames", "playground", "scene",
    "outage", "lighthouse", "labs",
)  # fmt: skip
HEAD = "| 무엇 | 이번 | 약속 | |\n| --- | --- | --- | --- |"


def promises(name: str) -> Iterator[Promise]:
    """``name``의 줄들. 하나가 틀어져도 다음 것은 잽니다."""
    try:
        yield from import_module(f"benchmarks.{name}").promises()
    except Unmeasured as why:
        yield Promise(name, str(why), "", None)
    except Exception as error:
        yield Promise(name, f"{type(error).__name__}: {error}", "끝까지 재기", False)


def main(names: list[str]) -> int:
    if unknown := sorted({*names} - {*NAMES}):
        sys.exit(f"{', '.join(unknown)}: 그런 것은 없습니다. 잴 수 있는 것: {', '.join(NAMES)}")
    print(HEAD)
    broken = False
    for name in names or NAMES:
        for promise in promises(name):
            print(promise, flush=True)
            broken = broken or promise.kept is False
    return int(broken)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / folder) for folder in FOLDERS]
    sys.exit(main(sys.argv[1:]))
