"""책을 `_build/html`에 빌드합니다: `python publish/build.py`.

`jupyter-book build`를 경고까지 오류로 삼아 부르고, 무슨 일이 있었는지 한국어로 알려 줍니다.
"""

import contextlib
import io
import os
import re
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENOUGH = 100 * 1024 * 1024  # 바이트. 책과 캐시가 넉넉히 들어갈 크기
STEPS = {"reading sources": "페이지를 읽는 중", "writing output": "페이지를 쓰는 중"}


class Progress(io.TextIOBase):
    """Sphinx의 진행 표시에서 몇 %인지만 골라 한국어 한 줄로 보여 줍니다."""

    def __init__(self, out):
        self.out, self.shown = out, ""

    def write(self, text: str) -> int:
        found = re.search(rf"({'|'.join(STEPS)})\.\.\. .*?\[ *(\d+)%\]", text)
        line = f"  {STEPS[found[1]]} {int(found[2]) // 25 * 25}%" if found else self.shown
        if line != self.shown:
            print(line, file=self.out, flush=True)
        self.shown = line
        return len(text)


def check_folder(root: Path) -> str | None:
    """쓸 수 있고 자리가 있으면 None, 아니면 무엇이 문제인지."""
    try:
        (root / "_build").mkdir(exist_ok=True)
        probe = root / "_build/.probe"
        probe.write_text("쓰기 테스트", "utf-8")
        probe.unlink()
    except OSError as error:
        return (
            f"_build 폴더에 쓸 수 없습니다({error.strerror}). 쓰기 권한과 남은 공간을 확인하세요."
        )
    free = shutil.disk_usage(root).free
    if free < ENOUGH:
        need = ENOUGH // 2**20
        return f"디스크에 {free // 2**20} MB만 남았습니다. {need} MB 이상 비운 뒤 다시 빌드하세요."
    return None


def build(root: Path) -> bool:
    """다 빌드했으면 참. 경고와 오류는 표준 오류로 나갑니다."""
    sys.modules["rfc3987_syntax"] = None  # 필요 없는 문법기를 띄우느라 늘 3초를 들이지 않게 합니다
    from jupyter_book.cli.main import main

    try:
        with contextlib.redirect_stdout(Progress(sys.stdout)):
            main(["build", str(root), "-W", "-n", "--keep-going"], standalone_mode=False)
    except SystemExit as stop:
        return not stop.code
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return False
    return True


def main() -> int:
    problem = check_folder(ROOT)
    if not problem:
        print("책을 빌드합니다. 처음에는 1분쯤 걸립니다.", flush=True)
        started = time.monotonic()
        os.chdir(ROOT)
        if build(ROOT):
            print(f"책이 _build/html에 있습니다 ({time.monotonic() - started:.0f}초).")
            return 0
        problem = check_folder(ROOT) or "책을 빌드하지 못했습니다. 위의 첫 경고나 오류를 고치세요."
    print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
