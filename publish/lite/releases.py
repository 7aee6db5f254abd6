"""실습실에 넣는 노트북에 찍는 도장: 독자의 브라우저에 저장된 것이 책의 것보다 낡았는지 아는 법.

노트북을 저장하면 도장도 함께 저장되므로, 시계나 저장한 시각을 몰라도 됩니다.
"""

import hashlib
import json
import shutil
from pathlib import Path

KEY = "ddialab"  # 노트북의 메타데이터에서 도장이 사는 자리
NAME = "releases.json"  # 지금 책의 도장들. 실습실의 맨 위에 둡니다


def release(notebook: dict) -> str:
    """셀의 종류와 본문으로 만든 도장. 출력만 다시 저장한 것은 새로 나온 것이 아닙니다."""
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:12]


def stage(folders: list[Path], target: Path) -> dict[str, str]:
    """``folders``의 것을 ``target``에 모으며 노트북마다 도장을 찍고, {이름: 도장}을 돌려줍니다."""
    for folder in folders:
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns(".*"), dirs_exist_ok=True)
    found = {path.relative_to(target).as_posix(): path for path in target.rglob("*.ipynb")}
    return {name: _mark(path, name) for name, path in sorted(found.items())}


def _mark(path: Path, name: str) -> str:
    notebook = json.loads(path.read_text("utf-8"))
    mark = release(notebook)
    notebook["metadata"][KEY] = {"lab": name, "release": mark}
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return mark
