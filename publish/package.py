"""학생이 pip으로 설치할 휠을 만듭니다: `python publish/package.py _build/release`.

실습과 과제가 import하는 `ddialab`만 담습니다. 채점기(`classroom`)는 학생에게 갈 까닭이 없습니다.
글꼴과 저장한 결과도 들어 있어 저장소 없이 휠 하나로 됩니다.
"""

import re
import sys
import zipfile
from importlib.metadata import metadata
from pathlib import Path

from classroom.handout import wheel_name
from lite import wheels
from whole import whole_file

NAME = "ddialab"
ALL_BUT_PACKAGE = re.compile(rf"^/(?!{NAME}/)|/__pycache__/")


def requirements() -> list[str]:
    """함께 설치되어야 하는 것. 책을 빌드하거나 채점할 때만 필요한 것(extra)은 뺍니다."""
    return [one for one in metadata(NAME).get_all("Requires-Dist") if "extra ==" not in one]


def make(folder: Path) -> Path:
    """``folder``에 휠을 만들고 그 경로를 돌려줍니다. 같은 코드면 바이트까지 같습니다."""
    about = metadata(NAME)
    lines = [f"Requires-Python: {about['Requires-Python']}", "License-File: LICENSE"]
    lines += [f"Requires-Dist: {one}" for one in requirements()]
    files = wheels.files_in(wheels.ROOT / "src", ALL_BUT_PACKAGE)
    files[f"{NAME}-{about['Version']}.dist-info/licenses/LICENSE"] = wheels.ROOT / "LICENSE"
    with whole_file(folder / wheel_name()) as part:
        wheels.pack(files, part, wheel_name(), lines, zipfile.ZIP_DEFLATED)
    return folder / wheel_name()


if __name__ == "__main__":
    print(f"학생이 설치할 휠: {make(Path(sys.argv[1]))}")
