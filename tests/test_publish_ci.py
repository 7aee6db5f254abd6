"""CI에서 건너뛴 테스트가 실패가 되는지 봅니다(tests/conftest.py). 사람의 것에서는 건너뜁니다."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = {
    "called": "import pytest\ndef test_a(): pytest.skip('없는 부품')",
    "marked": "import pytest\n@pytest.mark.skipif(True, reason='없는 부품')\ndef test_a(): ...",
    "whole_file": "import pytest\npytest.skip('없는 부품', allow_module_level=True)",
    "missing_package": "import pytest\npytest.importorskip('no_such_package_here')",
}


def outcome(folder: Path, code: str, ci: str) -> subprocess.CompletedProcess:
    shutil.copy(HERE / "conftest.py", folder)
    (folder / "test_case.py").write_text(f"{code}\ndef test_b(): assert True\n", "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    # 노트북의 도구까지 들여오면 테스트 하나에 몇 초씩 듭니다
    environment = {**os.environ, "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*command, f"--rootdir={folder}", str(folder)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("code", CASES.values(), ids=CASES)
def test_skip_fails_in_ci_and_says_why(tmp_path, code):
    run = outcome(tmp_path, code, ci="true")
    assert run.returncode != 0
    assert "CI에서는 건너뛸 수 없습니다" in run.stdout


@pytest.mark.parametrize("code", CASES.values(), ids=CASES)
def test_skip_is_fine_elsewhere(tmp_path, code):
    assert outcome(tmp_path, code, ci="").returncode in (0, 5)


def test_expected_failures_are_not_skips(tmp_path):
    code = "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False"
    assert outcome(tmp_path, code, ci="true").returncode == 0
