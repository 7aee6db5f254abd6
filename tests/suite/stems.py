"""테스트가 어느 실습의 것인지: `labs/`의 파일 이름이 테스트의 이름에 있으면 그 실습의 것입니다."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEMS = {path.stem[:2]: path.stem for path in sorted((ROOT / "labs").glob("[0-9][0-9]-*.ipynb"))}
NAMED = re.compile(rf"{'|'.join(STEMS.values())}|test_lab_(\d\d)")


def stem_of(nodeid: str) -> str | None:
    """``nodeid``가 부르는 실습의 이름(`02-cache-miss`). 어느 실습의 것도 아니면 None."""
    found = NAMED.search(nodeid)
    return found and (STEMS.get(found[1]) if found[1] else found[0])
