"""실습 검사들이 함께 쓰는 것: 실습 하나를 통째로 실행하는 `run_lab`."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pytest

import execute


class LabRun(NamedTuple):
    """실습을 한 번 실행한 결과. ``results``는 {이름: 보이는 글}, ``text``는 모든 글 출력."""

    results: dict[str, str]
    text: str
    notebook: object


@cache
def _run(name: str, settings: tuple[tuple[str, str], ...]) -> LabRun:
    path = execute.ROOT / "labs" / f"{name}.ipynb"
    nb = execute.execute(path, execute.kernel_env(DDIALAB_REPLAY="1", **dict(settings)))
    outputs = [output for cell in execute.code_cells(nb) for output in cell.outputs]
    text = "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)
    return LabRun(execute.results(nb, name), text, nb)


@pytest.fixture(scope="session")
def run_lab():
    """``run_lab("02-cache-miss", DDIALAB_BACKEND="embedded")``: 새 커널에서 실행한 `LabRun`.

    셀 안의 assert가 실습의 교훈이므로, 오류 없이 끝나면 교훈이 거기서도 성립한 것입니다.
    같은 인자로 다시 부르면 앞의 실행을 돌려줍니다. 인자는 더 줄 환경 변수입니다.
    """

    def run(name: str, **settings: str) -> LabRun:
        try:
            return _run(name, tuple(sorted(settings.items())))
        except execute.Failure as failure:
            pytest.fail(f"{settings}: {failure}", pytrace=False)

    return run


@pytest.fixture(scope="session")
def committed():
    """``committed("02-cache-miss")``: 저장된 실습과 그 {이름: 보이는 글}."""

    @cache
    def read(name: str) -> tuple:
        nb = execute.read(execute.ROOT / "labs" / f"{name}.ipynb")
        return nb, execute.results(nb, name)

    return read
