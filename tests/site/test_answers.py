"""답은 집에 있습니다: 빌드한 책의 어느 파일에도 숨은 테스트와 모범 답안이 없습니다."""

import gzip
import html
import io
import json
import lzma
import zipfile
from functools import cache

import nbformat
import pytest
from reader import BOOK

import dist
from answers import leaked, letters, opened, secrets
from classroom.assignment import Assignment, names
from classroom.course import leaks
from classroom.handout import is_setup, wheel_name

ASSIGNMENTS = BOOK.parents[1] / "assignments"
SAMPLE = 'assert again.get("나", 4) == (True, 20), "이미 든 키를 다시 넣으면 새 값이 보입니다."'


@cache
def wanted() -> dict[bytes, str]:
    found = {}
    for name in names(ASSIGNMENTS):
        found |= secrets(Assignment.load(ASSIGNMENTS, name))
    return found


def notebook(source: str, **options) -> bytes:
    cells = [nbformat.v4.new_code_cell(f"x = 1\n    {source}\ny = 2")]
    return json.dumps(nbformat.v4.new_notebook(cells=cells), **options).encode()


def zipped(data: bytes) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", data)
    return out.getvalue()


HIDING = {
    "노트북": notebook(SAMPLE),
    "한글을 그대로 둔 노트북": notebook(SAMPLE, ensure_ascii=False),
    "코드": SAMPLE.encode(),
    "색칠한 HTML": "".join(f"<span>{html.escape(c)}</span>" for c in SAMPLE).encode(),
    "소스 맵": json.dumps({"sourcesContent": [SAMPLE]}).encode(),
    "휠 속의 zip": zipped(zipped(notebook(SAMPLE))),
    "xz": lzma.compress(zipped(SAMPLE.encode())),
    "gz": gzip.compress(SAMPLE.encode()),
}


@pytest.mark.parametrize("data", HIDING.values(), ids=HIDING)
def test_an_answer_is_seen_whatever_it_is_wrapped_in(data):
    needles = {letters(SAMPLE.encode()): SAMPLE}
    assert [leaked(inner, needles) for _, inner in opened("x", data)] == [[SAMPLE]]


def test_there_are_answers_to_look_for():
    """원본에서는 다 찾고, 배포본에서는 하나도 찾지 않습니다."""
    assert len(wanted()) > 300
    for name in names(ASSIGNMENTS):
        assignment = Assignment.load(ASSIGNMENTS, name)
        mine = secrets(assignment)
        assert leaked(nbformat.writes(assignment.source).encode(), mine) == list(mine.values())
        assert leaked(nbformat.writes(assignment.release).encode(), mine) == []


def test_no_file_of_the_book_holds_an_answer(book):
    """실습실과 휠과 검색 색인까지. zip은 이 파일들을 그대로 담습니다(test_dist.py)."""
    found, seen = {}, set()
    for path in sorted(book.rglob("*")):
        if path.is_file():
            for name, data in opened(path.relative_to(book).as_posix(), path.read_bytes()):
                if data not in seen and (lines := leaked(data, wanted())):
                    found[name] = lines
                seen.add(data)
    assert found == {}


def test_the_zip_holds_only_what_was_searched(book, tmp_path):
    paper = tmp_path / "ddialab.pdf"
    paper.write_bytes(b"%PDF")
    searched = {path.read_bytes() for path in book.rglob("*") if path.is_file()}
    others = {name for name, data in dist.contents(book, paper) if data not in searched}
    assert others == {"LICENSE", "LICENSE-CONTENT", "README.txt", "ddialab.pdf", "serve.py"}


def test_the_wheel_lies_where_the_handouts_say(book):
    assert (book / "download" / wheel_name()).is_file()


def test_the_lab_has_the_released_copies_of_today(book):
    files = book / "lite/files"
    if not files.is_dir():
        pytest.skip("브라우저 실습실이 없습니다. 먼저 make lite")
    for name in names(ASSIGNMENTS):
        copy = nbformat.read(files / f"{name}.ipynb", as_version=4)
        assert is_setup(copy.cells[0].source)
        assert leaks(Assignment.load(ASSIGNMENTS, name), copy) == []
