"""실습실이 지금의 실습으로 빌드한 것인지 아는 법: 실습과 패키지의 내용에서 만든 해시."""

import hashlib
from pathlib import Path

NAME = "stamp.txt"  # 빌드한 실습실의 맨 위에 둡니다


def stamp(root: Path) -> str:
    """`labs/`와 `src/ddialab`의 파일들로 만든 해시. 하나라도 바뀌면 달라집니다.

    채점하는 `src/classroom`은 실습실에 들어가지 않으므로 세지 않습니다.
    """
    digest = hashlib.sha256()
    paths = [*(root / "labs").glob("*.ipynb"), *(root / "labs/recorded").glob("*.json")]
    paths += (root / "src/ddialab").rglob("*.py")
    paths += (root / "src/ddialab/show/assets").iterdir()
    for path in sorted(paths):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def fresh(site: Path, root: Path) -> bool:
    """``site``에 빌드한 실습실이 있고, 지금의 실습으로 빌드한 것이면 참."""
    mark = site / NAME
    return mark.is_file() and mark.read_text("ascii").strip() == stamp(root)
