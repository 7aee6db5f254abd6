"""과제의 배포본: 브라우저에서도 풀 수 있게 실습실에 넣습니다.

답이 든 원본이 아니라, 학생에게 나눠 줄 때와 같은 코드(`classroom.course.release`)로 만든 것만
들어갑니다.
"""

import os
import shutil
from pathlib import Path

import nbformat

from classroom.assignment import names
from ddialab.core.errors import LabError
from lite.npm import Failure

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "assignments"


def make(work: Path) -> Path:
    """``work`` 아래에 배포본만 담은 폴더를 새로 만듭니다. 배포하면 안 되는 것이 있으면 `Failure`.

    과제의 원본이 없는 곳(학생의 이미지)에서는 빈 폴더입니다.
    """
    shutil.rmtree(work, ignore_errors=True)
    target = work / "files"
    target.mkdir(parents=True)
    if not names(SOURCE):
        return target
    from classroom.course import Course, release  # nbgrader는 무겁습니다

    try:
        made = release(Course(SOURCE, work / "course"), os.environ.get("SITE_URL", ""))
    except LabError as error:
        raise Failure(f"과제를 실습실에 넣지 못했습니다. {error}") from None
    for path in made:
        shutil.copyfile(path, target / path.name)
    return target


def released(site: Path) -> dict[str, str]:
    """빌드한 실습실 ``site``에 든 과제들: {이름: 제목}."""
    paths = [site / "files" / f"{name}.ipynb" for name in names(SOURCE)]
    return {path.stem: _title(path) for path in paths if path.is_file()}


def _title(path: Path) -> str:
    """첫 Markdown 셀의 첫 줄. 맨 앞은 준비 셀(코드)입니다."""
    cells = nbformat.read(path, as_version=4).cells
    text = next(cell.source for cell in cells if cell.cell_type == "markdown")
    return text.splitlines()[0].lstrip("# ")
