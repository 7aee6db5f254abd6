"""인터넷 없는 곳에 들고 갈 책 한 벌을 `_build/dist`에 만듭니다: `python publish/dist.py`.

zip 하나에 빌드한 책(브라우저에서 실행하는 실습이 있으면 그것까지), PDF, 라이선스, 읽는 법이
들어갑니다. 같은 것을 담으면 바이트까지 같은 zip이 나옵니다. 학생이 설치할 휠은 zip 안에도, 곁에도
있습니다.
"""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import package
import pdf
import serve
from whole import whole_file

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "_build/dist"
ZIP = DIST / "ddialab-offline.zip"
TOP = "ddialab-offline"  # zip을 풀면 나오는 폴더 하나
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # zip에 기록할 수 있는 가장 이른 시각
PACKED = {".woff2", ".png", ".jpg", ".ico", ".gz", ".xz", ".zip", ".whl"}  # 다시 압축해도 그대로
UNREAD = {".buildinfo", "objects.inv"}  # 다음 빌드와 다른 책이 사용하는 것. 독자는 열지 않습니다
README = """\
데이터 중심 애플리케이션, 고장 내며 배우기 - 인터넷 없이 읽는 묶음

읽기
  index.html을 두 번 눌러 브라우저로 엽니다. 찾기, 슬라이더, 재생기가 모두 움직입니다.
  종이에 찍거나 한 파일로 읽으려면 {pdf}를 엽니다.

브라우저에서 실습 실행하기
  파일로 연 페이지에서는 실습을 실행할 수 없습니다. 이 폴더에서 터미널을 열고 아래를 친 다음,
  화면에 나온 주소를 브라우저로 엽니다. Python 3.11 이상이 필요합니다.

      python serve.py        (Windows에서는 py serve.py)

  다른 서버는 파일의 형식을 틀리게 보내기도 해서, 그러면 실습실이 뜨지 않습니다.

수업의 과제를 다른 곳에서 풀기
  JupyterLab, VS Code, Colab에서 과제의 노트북을 열려면 download 폴더의 휠(.whl)을 설치합니다.
  pip install에 그 파일의 이름을 줍니다. 의존성을 받으므로 인터넷이 필요합니다.

라이선스
  코드는 MIT(LICENSE), 본문과 그림은 CC BY-SA 4.0(LICENSE-CONTENT)입니다.
  글꼴은 SIL OFL 1.1(_static/fonts/OFL.txt)입니다.
"""


def belongs(path: Path) -> bool:
    """독자에게 쓸모가 있는 파일. 원본 가운데는 페이지에서 내려받는 노트북만 담습니다."""
    if path.name in UNREAD:
        return False
    return path.parts[0] != "_sources" or path.suffix == ".ipynb"


def contents(html: Path, book: Path) -> Iterator[tuple[str, bytes]]:
    """zip에 담을 (이름, 내용). 이름의 순서는 늘 같습니다."""
    notes = README.format(pdf=book.name).replace("\n", "\r\n")
    sources = {path.relative_to(html): path for path in html.rglob("*") if path.is_file()}
    files = {name.as_posix(): path for name, path in sources.items() if belongs(name)}
    extras = [book, ROOT / "LICENSE", ROOT / "LICENSE-CONTENT", Path(serve.__file__)]
    files |= {path.name: path for path in extras}
    for name in sorted([*files, "README.txt"]):
        # 메모장이 한글을 알아보도록 BOM을 붙입니다
        yield name, notes.encode("utf-8-sig") if name == "README.txt" else files[name].read_bytes()


def entry(name: str) -> zipfile.ZipInfo:
    """언제 어디서 만들어도 같은 머리말: 시각은 고정하고, 누구나 읽을 수 있게 합니다."""
    made = zipfile.ZipInfo(f"{TOP}/{name}", LONG_AGO)
    made.create_system, made.external_attr = 3, 0o100644 << 16  # 3은 유닉스
    stored = Path(name).suffix in PACKED
    made.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return made


def pack(html: Path, book: Path, out: Path) -> int:
    """빌드한 책과 PDF를 `out`에 묶고, 담은 파일의 수를 돌려줍니다."""
    with whole_file(out) as part, zipfile.ZipFile(part, "w") as archive:
        for name, content in contents(html, book):
            archive.writestr(entry(name), content, compresslevel=9)
    return len(archive.namelist())


def main() -> int:
    html = serve.book_folder(pdf.HTML)
    pdf.make(html, pdf.PDF)
    count = pack(html, pdf.PDF, ZIP)
    labs = "실습 포함" if (html / "lite").is_dir() else "브라우저 실습은 빠짐"
    print(f"학생이 설치할 휠: {package.make(ZIP.parent)}")
    print(f"묶음: {ZIP} ({ZIP.stat().st_size / 1e6:.1f} MB, 파일 {count}개, {labs})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
