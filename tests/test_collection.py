"""테스트의 이름은 언제, 어느 프로세스가 모아도 같습니다.

pytest-xdist는 워커마다 테스트를 따로 모으고, 이름이 하나라도 다르면 모두 멈춥니다. 시각이나
집합의 순서가 매개변수의 값에 섞이면 두 워커가 어긋나는 날에만 그렇게 됩니다.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_names_do_not_depend_on_the_time_or_the_hash_seed(request):
    mine = [item.nodeid for item in request.session.items]
    files = sorted({name.partition("::")[0] for name in mine})
    again = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", *files],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "1105"},
        capture_output=True,
        text=True,
    )
    names = set(again.stdout.splitlines())
    assert [name for name in mine if name not in names] == [], again.stdout[-2000:]
