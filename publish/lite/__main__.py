"""브라우저 실습실을 `.cache/lite/site`에 빌드합니다: `cd publish && python -m lite`.

책을 빌드할 때(`_ext/playground.py`) `_build/html/lite`로 들어갑니다.

환경 변수 `PYODIDE_PACKAGES`에 폴더를 주면 그 안의 matplotlib 휠들을 책에 넣습니다.
"""

import os
import shutil
import sys
import time
from pathlib import Path

from lite import app, handouts, runtime, stamp
from lite.npm import Failure

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache/lite"


def build() -> None:
    """다 빌드한 뒤에 자리를 바꾸므로, 도중에 그만두어도 반쯤 된 것이 책에 들어가지 않습니다."""
    folder = os.environ.get("PYODIDE_PACKAGES")
    draft, site = CACHE / "building", CACHE / "site"
    shutil.rmtree(draft, ignore_errors=True)
    mark = stamp.stamp(ROOT)
    app.build(CACHE / "app", draft, [ROOT / "labs", handouts.make(CACHE / "handouts")])
    files = runtime.make(draft / "pyodide", CACHE, Path(folder) if folder else None)
    app.finish(draft, files)
    (draft / stamp.NAME).write_text(mark + "\n", "ascii")
    shutil.rmtree(site, ignore_errors=True)
    draft.rename(site)


def main() -> int:
    started = time.monotonic()
    print("브라우저 실습실을 빌드합니다. 처음에는 2분쯤 걸립니다.", flush=True)
    try:
        build()
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"실습실을 저장하지 못했습니다: {error}. 남은 공간을 확인하세요.", file=sys.stderr)
        return 1
    print(f"실습실을 빌드했습니다 ({time.monotonic() - started:.0f}초).", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
