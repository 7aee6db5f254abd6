"""실습: 처음부터 다시 돌려, 잰 것에 건 주장(assert)이 이 컴퓨터에서도 모두 성립하는지 봅니다."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.promise import Promise
from execute import Failure, execute, kernel_env

LABS = Path(__file__).resolve().parents[1] / "labs"
SHOWN = 3  # 실패한 까닭에서 보일 줄


def promises() -> Iterator[Promise]:
    for path in sorted(LABS.glob("*.ipynb")):
        start, why = perf_counter(), failed(path)
        measured = why or f"{perf_counter() - start:.0f}초"
        yield Promise(f"실습 {path.stem}", measured, "모든 assert", not why)


def failed(path: Path) -> str:
    """``path``가 멈춘 까닭. 끝까지 갔으면 빈 문자열입니다."""
    try:
        execute(path, kernel_env())
    except (Failure, RuntimeError) as why:  # 커널이 뜨지 못한 것까지. 다음 실습은 잽니다
        return " / ".join(line.strip() for line in str(why).splitlines()[:SHOWN])
    return ""
