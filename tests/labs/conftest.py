"""실습 검사들이 함께 쓰는 것: 실습 하나를 고른 서버에서 통째로 실행하는 `run_lab`."""

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
def _run(name: str, backend: str, settings: tuple[tuple[str, str], ...]) -> LabRun:
    path = execute.ROOT / "labs" / f"{name}.ipynb"
    env = execute.kernel_env(DDIALAB_BACKEND=backend, **dict(settings))
    nb = execute.execute(path, env)
    outputs = [output for cell in execute.code_cells(nb) for output in cell.outputs]
    text = "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)
    return LabRun(execute.results(nb, name), text, nb)


IN_BROWSER = """
import ddialab.core.workspace
ddialab.core.workspace.IN_BROWSER = True
"""


@pytest.fixture(scope="session")
def run_in_browser(run_lab, tmp_path_factory):
    """``run_in_browser("13-percentiles")``: 브라우저처럼 프로세스를 못 띄우는 커널의 `LabRun`."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "sitecustomize.py").write_text(IN_BROWSER, encoding="utf-8")
    return lambda name: run_lab(name, backend="embedded", PYTHONPATH=str(folder))


@pytest.fixture(scope="session")
def run_lab():
    """``run_lab("02-cache-miss", backend="embedded")``: 새 커널에서 실행한 `LabRun`.

    셀 안의 assert가 실습의 교훈이므로, 오류 없이 끝나면 교훈이 그 서버에서도 성립한 것입니다.
    같은 인자로 다시 부르면 앞의 실행을 돌려줍니다. ``settings``는 더 줄 환경 변수입니다.
    """

    def run(name: str, backend: str, **settings: str) -> LabRun:
        try:
            return _run(name, backend, tuple(sorted(settings.items())))
        except execute.Failure as failure:
            pytest.fail(f"[{backend}] {failure}", pytrace=False)

    return run
