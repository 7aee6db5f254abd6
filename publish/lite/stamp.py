"""실습실이 지금의 실습으로 빌드한 것인지 아는 법: 실습과 패키지의 내용에서 만든 해시."""

import hashlib
from pathlib import Path

HANDOUT = "src/classroom/handout.py"
NAME = "stamp.txt"  # 빌드한 실습실의 맨 위에 둡니다


def stamp(root: Path) -> str:
    """실습, 과제, 패키지의 파일들로 만든 해시. 하나라도 바뀌면 달라집니다.

    채점하는 `src/classroom`은 실습실에 들어가지 않으므로, 배포본의 첫 셀을 만드는 것만 셉니다.
    """
    digest = hashlib.sha256()
    paths = [*(root / "labs").glob("*.ipynb"), *(root / "src/ddialab").rglob("*")]
    paths += [*(root / "assignments").glob("source/*/*.ipynb"), root / HANDOUT]
    for path in sorted(one for one in paths if one.is_file() and one.suffix != ".pyc"):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def fresh(site: Path, root: Path) -> bool:
    """``site``에 빌드한 실습실이 있고, 지금의 실습으로 빌드한 것이면 참."""
    mark = site / NAME
    return mark.is_file() and mark.read_text("ascii").strip() == stamp(root)
