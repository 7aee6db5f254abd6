"""주장: 독자의 Jupyter에서는 성립하지 않아도 말하고 이어 가고, 테스트에서는 오류입니다."""

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from ddialab.show import claims

CELL = """
def deep():
    assert 1 > 2, f"{1 + 1}배 {'느립니다'}"
    return "끝"
assert 3 > 2, "맞는 주장은 말이 없습니다"
assert missing == []
ended = deep()
"""


@pytest.fixture
def shell():
    shell = InteractiveShell()
    claims.soften(shell)
    claims.soften(shell)
    yield shell
    shell.history_manager.end_session()


def test_a_claim_that_fails_says_so_and_the_rest_runs(shell, capsys):
    shell.user_ns["missing"] = [1]
    assert shell.run_cell(CELL).success
    assert capsys.readouterr().out.splitlines() == [
        "지금 설정에서는 성립하지 않습니다: missing == []",
        "지금 설정에서는 성립하지 않습니다: 2배 느립니다",
    ]
    assert shell.user_ns["ended"] == "끝"


def test_an_error_inside_a_claim_is_still_an_error(shell):
    assert not shell.run_cell("assert 1 / 0, '나눌 수 없습니다'").success


@pytest.mark.parametrize(("static", "stops"), [("1", True), ("0", False)])
def test_only_a_reader_is_spared(static, stops):
    """`make labs`와 nbval은 DDIALAB_STATIC=1로 실행합니다."""
    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('import ddialab.show')\n"
        "raise SystemExit(shell.run_cell('assert 1 > 2').success)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], env={"DDIALAB_STATIC": static}, capture_output=True
    )
    assert run.returncode == (0 if stops else 1), run.stderr
