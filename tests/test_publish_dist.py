"""들고 다니는 묶음: 무엇을 담고, 늘 같은 바이트이고, 쓰다 말면 남기지 않습니다."""

import errno
import os
import zipfile

import pytest

import dist
import pdf
from classroom.handout import wheel_name

FILES = {
    "index.html": "<p>책</p>" * 100,
    "labs/02.html": "<p>실습</p>",
    "_static/book.css": "p{}",
    "_static/a.woff2": "wOF2" * 100,
    "_sources/labs/02.ipynb": "{}",
    "_sources/chapters/a.md": "# 원본",
    ".buildinfo": "x",
    "objects.inv": "x",
}


@pytest.fixture
def html(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "html"


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "ddialab.pdf"
    path.write_bytes(b"%PDF")
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "dist/book.zip"


def entries(out) -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        return {entry.filename: entry for entry in archive.infolist()}


def test_holds_what_a_reader_needs_and_no_more(html, book, out):
    count = dist.pack(html, book, out)
    reader = ["index.html", "labs/02.html", "_static/book.css", "_static/a.woff2"]
    wanted = [*reader, "_sources/labs/02.ipynb", "ddialab.pdf", "LICENSE", "LICENSE-CONTENT",
              "README.txt", "serve.py"]  # fmt: skip
    assert list(entries(out)) == sorted(f"{dist.TOP}/{name}" for name in wanted)
    assert count == len(wanted)
    assert all(name.isascii() for name in entries(out))


def test_browser_labs_are_packed_when_they_were_built(html, book, out):
    dist.pack(html, book, out)
    assert f"{dist.TOP}/lite/index.html" not in entries(out)
    (html / "lite").mkdir()
    (html / "lite/index.html").write_text("lite", "utf-8")
    dist.pack(html, book, out)
    assert f"{dist.TOP}/lite/index.html" in entries(out)


def test_same_contents_make_the_same_bytes(html, book, out):
    dist.pack(html, book, out)
    first = out.read_bytes()
    for path in html.rglob("*"):
        os.utime(path, (2_000_000_000, 2_000_000_000))
        path.chmod(0o700)
    dist.pack(html, book, out)
    assert out.read_bytes() == first
    (html / "labs/02.html").write_text("<p>고친 실습</p>", "utf-8")
    dist.pack(html, book, out)
    assert out.read_bytes() != first


def test_entries_do_not_tell_when_or_by_whom_they_were_made(html, book, out):
    dist.pack(html, book, out)
    for entry in entries(out).values():
        assert entry.external_attr >> 16 == 0o100644
        assert entry.date_time == dist.LONG_AGO
        stored = entry.filename.endswith(".woff2")
        assert entry.compress_type == (zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)


def test_notes_open_well_in_notepad(html, book, out):
    dist.pack(html, book, out)
    with zipfile.ZipFile(out) as archive:
        notes = archive.read(f"{dist.TOP}/README.txt")
    assert notes.startswith(b"\xef\xbb\xbf")
    assert notes.count(b"\r\n") == notes.count(b"\n") > 10
    for said in ("index.html", "ddialab.pdf", "python serve.py", "download"):
        assert said in notes.decode("utf-8-sig")


def test_full_disk_keeps_the_old_bundle(html, book, out, monkeypatch):
    dist.pack(html, book, out)
    before = out.read_bytes()

    def fill(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fill)
    with pytest.raises(SystemExit, match="남은 공간"):
        dist.pack(html, book, out)
    assert out.read_bytes() == before
    assert list(out.parent.iterdir()) == [out]


def test_interrupted_run_leaves_nothing(html, book, out, monkeypatch):
    def stop(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(zipfile.ZipFile, "writestr", stop)
    with pytest.raises(KeyboardInterrupt):
        dist.pack(html, book, out)
    assert list(out.parent.iterdir()) == []


def test_missing_book_says_how_to_build(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "HTML", tmp_path)
    with pytest.raises(SystemExit, match="make html"):
        dist.main()


def test_prints_first_and_tells_the_sizes(html, book, out, monkeypatch, capsys):
    printed = []
    monkeypatch.setattr(pdf, "HTML", html)
    monkeypatch.setattr(pdf, "PDF", book)
    monkeypatch.setattr(dist, "ZIP", out)
    monkeypatch.setattr(pdf, "make", lambda *args: printed.append(args))
    assert dist.main() == 0
    assert printed == [(html, book)]
    said = capsys.readouterr().out
    assert "MB" in said
    assert "파일 10개" in said
    assert (out.parent / wheel_name()).is_file(), "학생이 설치할 휠은 묶음의 곁에도 있습니다"
    assert wheel_name() in said
