"""테스트가 어느 실습의 것인지: `labs/`의 파일 이름이 테스트의 이름에 있으면 그 실습의 것입니다.

`labs/02-cache-miss.ipynb`의 교훈은 `tests/labs/test_cache_miss.py`에 있습니다(`lesson_of`).
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEMS = {path.stem[:2]: path.stem for path in sorted((ROOT / "labs").glob("[0-9][0-9]-*.ipynb"))}


def lesson_of(lab: str) -> str:
    """실습 ``lab``(`02-cache-miss`)의 교훈을 보는 테스트 모듈의 이름(`test_cache_miss`)."""
    return f"test_{lab[3:].replace('-', '_')}"


LESSONS = {f"tests/labs/{lesson_of(lab)}.py": lab for lab in STEMS.values()}
NAMED = re.compile("|".join(STEMS.values()))


def stem_of(nodeid: str) -> str | None:
    """``nodeid``가 부르는 실습의 이름(`02-cache-miss`). 어느 실습의 것도 아니면 None."""
    found = NAMED.search(nodeid)
    return found[0] if found else LESSONS.get(nodeid.partition("::")[0])
