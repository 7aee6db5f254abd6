"""폴더와 zip 읽기: 낯선 이름은 읽고, 위험한 것은 까닭과 함께 돌려보냅니다."""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.intake import archive
from classroom.intake.archive import read
from classroom.intake.picture import pictured
from classroom.intake.piece import cells_of
from suite.effort import fuzz

SECRET = b'{"cells": ["secret"]}'


def zipped(files: dict[str, bytes], compression=zipfile.ZIP_DEFLATED) -> bytes:
    """같은 파일이면 언제 만들어도 같은 바이트입니다. 이름만 주면 zipfile이 지금 시각을 적습니다."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name, data in files.items():
            opened.writestr(zipfile.ZipInfo(name), data, compression)
    return stream.getvalue()


def named_in_bytes(raw: bytes, data: bytes = b"{}") -> bytes:
    """UTF-8 표시 없이 ``raw``를 이름으로 적은 zip. 한국어 윈도우의 프로그램이 이렇게 합니다."""
    placeholder = b"X" * len(raw)
    return zipped({placeholder.decode(): data}).replace(placeholder, raw)


def encrypted(data: bytes) -> bytes:
    """비밀번호 표시를 켠 zip. 표시는 두 곳(파일의 머리와 목록)에 있습니다."""
    patched = bytearray(data)
    patched[6] |= 1
    patched[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(patched)


def one(tmp_path, data: bytes, name: str = "s1.zip"):
    (tmp_path / name).write_bytes(data)
    return read(tmp_path / name)


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_korean_names_without_the_utf8_flag(tmp_path, encoding):
    """표시가 없으면 zipfile은 cp437로 읽어 「홍길동」이 그림 문자가 됩니다."""
    (item,) = one(tmp_path, named_in_bytes("홍길동 답안.ipynb".encode(encoding)))
    assert (item.name, item.data) == ("홍길동 답안.ipynb", b"{}")


def test_macos_names_become_nfc(tmp_path):
    decomposed = unicodedata.normalize("NFD", "홍길동")
    folder = tmp_path / decomposed
    folder.mkdir()
    (folder / "a.ipynb").write_bytes(zipped({}))
    (folder / "z.zip").write_bytes(zipped({f"{decomposed}.ipynb": b"{}"}))
    names = {part for item in read(folder) for part in item.parts}
    assert names == {"홍길동", "a.ipynb", "z.zip", "홍길동.ipynb"}


def test_a_name_that_the_system_cannot_read(tmp_path):
    """unzip이 cp949 이름을 그대로 풀어 놓은 폴더."""
    os.mkdir(os.path.join(os.fsencode(tmp_path), "홍길동".encode("cp949")))
    assert [path.name for path in tmp_path.iterdir()] != ["홍길동"]
    (path,) = tmp_path.iterdir()
    (path / "a.ipynb").write_bytes(b"{}")
    assert read(path)[0].parts == ("홍길동", "a.ipynb")


def test_leftovers_of_systems_are_skipped(tmp_path):
    junk = ["__MACOSX/._a.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb", "._a.ipynb"]
    files = dict.fromkeys([*junk, "Thumbs.db", "desktop.ini", "x/.DS_Store", "a.ipynb"], b"{}")
    assert [item.name for item in one(tmp_path, zipped(files))] == ["a.ipynb"]


def test_links_are_not_followed(tmp_path):
    """밖을 가리키는 파일과 폴더. 따라가면 강사의 파일이 학생의 제출이 됩니다."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.ipynb").write_bytes(SECRET)
    student = tmp_path / "s1"
    student.mkdir()
    (student / "a.ipynb").symlink_to(outside / "a.ipynb")
    (student / "all").symlink_to(outside)
    (student / "loop").symlink_to(student)
    items = read(student)
    assert {item.name: item.data for item in items} == {"a.ipynb": b"", "all": b"", "loop": b""}
    assert all("바로 가기" in item.note for item in items)
    (tmp_path / "s2").symlink_to(outside)
    assert [item.data for item in read(tmp_path / "s2")] == [b""]


def test_pipes_do_not_block(tmp_path):
    """이름이 노트북인 파이프를 열면 채점이 영원히 멈춥니다."""
    os.mkfifo(tmp_path / "a.ipynb")
    (item,) = read(tmp_path)
    assert item.data == b""
    assert "보통 파일이 아니어서" in item.note


def test_a_huge_notebook_is_not_read(tmp_path):
    with open(tmp_path / "a.ipynb", "wb") as file:
        file.truncate(500 * archive.MB)  # 빈 자리로 된 파일이어서 디스크는 쓰지 않습니다
    (item,) = read(tmp_path)
    assert item.data == b""
    assert "20 MB를 넘고" in item.note


def big(size: int, **more) -> bytes:
    """출력이 ``size``바이트인 노트북."""
    output = {"output_type": "stream", "name": "stdout", "text": "x" * size}
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [output]}
    return json.dumps({"cells": [cell], "metadata": {}} | more).encode()


@pytest.mark.parametrize("inside", [True, False])
def test_the_sources_of_a_notebook_with_a_huge_output_are_read(tmp_path, inside):
    data = big(archive.FILE_LIMIT + 1)
    (item,) = one(tmp_path, zipped({"a.ipynb": data}) if inside else data,
                  "s1.zip" if inside else "a.ipynb")  # fmt: skip
    assert (len(item.data) < 1000, item.note) == (True, "")
    pieces, notes = cells_of("a.ipynb", item.data)
    assert [piece.source for piece in pieces] == ["x = 1"]
    assert notes == ["a.ipynb: 파일이 20 MB여서 저장된 출력을 빼고 읽었습니다."]


def test_widgets_and_huge_pictures_are_left_out_too(tmp_path):
    picture = "data:image/png;base64," + "A" * 8 * archive.MB
    text = {"cell_type": "markdown", "source": f"![a]({picture})", "metadata": {},
            "attachments": {"b.png": {"image/png": "A" * 8 * archive.MB}}}  # fmt: skip
    state = {"widgets": {"state": "x" * archive.FILE_LIMIT}}
    (item,) = one(tmp_path, big(1, metadata=state, cells=[text]), "a.ipynb")
    ((piece,), _) = cells_of("a.ipynb", item.data)
    assert [note.split(":")[0] for note in pictured(piece.source, piece.attachments).notes] == [
        "그림 b.png", "그림 picture-2.png"
    ]  # fmt: skip


def test_what_is_read_to_be_made_light_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "FILE_LIMIT", 1000)
    monkeypatch.setattr(archive, "BIG_LIMIT", 3000)
    monkeypatch.setattr(archive, "BIG_TOTAL", 5000)
    files = {"a.ipynb": big(2000), "b.ipynb": big(4000), "c.ipynb": big(2000), "d.ipynb": b"1"}
    a, b, c, d = one(tmp_path, zipped(files))
    assert [bool(item.data) for item in (a, b, c, d)] == [True, False, False, True]
    assert "모든 출력을 지우고" in b.note


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    """압축한 크기는 작아도 풀면 큽니다. 적힌 크기를 속여도 읽으면서 셉니다."""
    bomb = zipped({"a.ipynb": b"0" * (archive.FILE_LIMIT + 1)})
    assert len(bomb) < 100_000
    (item,) = one(tmp_path, bomb)
    assert item.data == b""
    lying = bomb.replace(struct.pack("<I", archive.FILE_LIMIT + 1), struct.pack("<I", 10))
    (item,) = one(tmp_path, lying)
    assert item.data == b""


def test_many_small_bombs_share_one_limit(tmp_path):
    inner = zipped({f"{i}.ipynb": b"0" * (19 * archive.MB) for i in range(6)})
    items = one(tmp_path, zipped({"s1/b.zip": inner, "s2/a.ipynb": b"{}"}), "class.zip")
    assert sum(len(item.data) for item in items) <= archive.BRANCH_LIMIT
    assert items[-1].data == b"{}", "다음 학생의 것은 읽어야 합니다"


def test_endless_lists_of_files_stop(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ENTRY_LIMIT", 10)
    items = one(tmp_path, zipped({f"{i}.txt": b"" for i in range(50)}))
    assert len(items) == 11
    assert "10개를 넘어" in items[-1].note


@pytest.mark.parametrize("name", ["../../a.ipynb", "/etc/a.ipynb", "C:/a.ipynb", "..\\a.ipynb"])
def test_paths_out_of_the_zip_are_refused(tmp_path, name):
    (item,) = one(tmp_path, zipped({name: SECRET}))
    assert item.data == b""
    assert "zip 밖" in item.note
    assert ".." not in item.parts


def test_links_in_a_zip_are_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        link = zipfile.ZipInfo("a.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc/passwd")
    (item,) = one(tmp_path, stream.getvalue())
    assert (item.data, "바로 가기" in item.note) == (b"", True)


def test_zip_in_zip_opens_and_a_third_does_not(tmp_path):
    deep = {"a.ipynb": b"{}"}
    two = zipped({"in.zip": zipped(deep)})
    (item,) = one(tmp_path, zipped({"s1.zip": two}), "class.zip")
    assert item.data == b"{}"
    (item,) = one(tmp_path, zipped({"s1.zip": zipped({"x.zip": two})}), "class.zip")
    assert (item.data, "여러 겹" in item.note) == (b"", True)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zipped({"a.ipynb": b"{}" * 500})[:60], "깨져"),
        (b"not a zip", "깨져"),
        (b"", "깨져"),
        (encrypted(zipped({"a.ipynb": b"{}"})), "비밀번호"),
        (zipped({"a.ipynb": b"{}" * 500}, zipfile.ZIP_STORED).replace(b"{}{}", b"{]{]", 1), "깨져"),
    ],
    ids=["cut", "not-a-zip", "empty", "encrypted", "wrong-checksum"],
)
def test_broken_zips_say_why(tmp_path, data, said):
    (item,) = one(tmp_path, data)
    assert item.data == b""
    assert said in item.note


def test_one_broken_zip_does_not_spoil_the_others(tmp_path):
    items = one(
        tmp_path, zipped({"s1.zip": b"PK\x03\x04broken", "s2.zip": zipped({"a.ipynb": b"1"})})
    )
    assert [item.data for item in items] == [b"", b"1"]


@fuzz(1000)
@given(st.binary(max_size=400), st.integers(0, 200), st.integers(0, 255))
def test_any_bytes_as_a_zip(tmp_path_factory, noise, at, value):
    """어떤 바이트든, 한 바이트만 망가진 zip이든 예외가 없어야 합니다."""
    path = tmp_path_factory.mktemp("zips") / "s.zip"
    whole = bytearray(zipped({"답.ipynb": b"{}", "in.zip": zipped({"b.ipynb": b"[]"})}))
    whole[at % len(whole)] = value
    for data in (noise, bytes(whole), bytes(whole[: at * 2])):
        path.write_bytes(data)
        assert all(isinstance(item.data, bytes) for item in read(path))
