"""문서: 노트북이라는 이름으로 온 것이 무엇인지. 채점할 수 있으면 읽고, 아니면 까닭을 말합니다."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest

from classroom.intake import document
from classroom.intake.piece import cells_of

CELL = {"cell_type": "code", "source": "x = 1", "metadata": {}}
NOTEBOOK = {"cells": [CELL], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}
TEXT = json.dumps(NOTEBOOK, indent=1)
OTHER = TEXT.replace("x = 1", "x = 2")


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr(zipfile.ZipInfo(name), "x")
    return stream.getvalue()


def conflict(ours: str, theirs: str, base: str = "") -> bytes:
    """git이 합치다 만 노트북. ``ours``와 ``theirs``는 셀의 자리에 든 줄들입니다."""
    middle = f"||||||| base\n{base}\n" if base else ""
    inside = f"<<<<<<< HEAD\n{ours}\n{middle}=======\n{theirs}\n>>>>>>> feature\n"
    return f'{{"nbformat": 4, "cells": [\n{inside}]}}'.encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "빈 파일입니다(0바이트)"),
        (b"  \r\n", "빈 파일입니다"),
        (b"\0" * 4096, "모두 0인 파일"),
        ("<!DOCTYPE html><html><title>로그인</title></html>".encode(), "로그인 페이지(HTML)"),
        (b"\xef\xbb\xbf\n<html><form><input type=password></form></html>", "로그인 페이지"),
        (b"<!-- x -->\n<html><body>404 Not Found</body></html>", "웹 페이지(HTML)"),
        (b'<!DOCTYPE html>\n<html><div class="jp-Notebook">', "HTML로 내보낸"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "HWP"),
        (zipped("word/document.xml"), "워드"),
        (zipped("xl/workbook.xml"), "엑셀"),
        (zipped("Contents/content.hpf"), "HWPX"),
        (zipped("a.ipynb"), "zip 압축"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (b"\x89PNG\r\n", "그림"),
        (b"\xff\xd8\xff\xe0", "그림"),
        (b"#!/usr/bin/env python\n# coding: utf-8\n# In[1]:\nx = 1\n", "파이썬 코드"),
        (b"# %%\nx = 1\n", "파이썬 코드"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        (b'{"error": "unauthorized"}', "JSON이지만 노트북이 아닙니다"),
        (b'{"cells": [], "nbformat": 4}', "셀이 없는 노트북"),
        (TEXT[: len(TEXT) // 2].encode(), "도중에 잘린"),
        (TEXT[:-1].encode(), "도중에 잘린"),
        (TEXT.replace('"cell_type"', "cell_type").encode(), "번째 줄)"),
        (b"student notes", "JSON"),
    ],
)
def test_what_is_no_notebook_is_named_and_the_notebook_asked_for(data, said):
    cells, notes = document.cells(data)
    assert cells is None
    assert said in notes[-1]
    assert "다시 제출해야 합니다" in notes[-1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TEXT.replace("\n", "\r\n").encode(), ""),
        (TEXT.encode("utf-8-sig"), "BOM"),
        (TEXT.encode("utf-16"), "UTF-16"),
        ((TEXT + "\n]}\n").encode(), "뒤에 붙은"),
        ((TEXT + TEXT).encode(), "뒤에 붙은"),
        (json.dumps({"type": "notebook", "content": NOTEBOOK}).encode(), ""),
        (json.dumps({"worksheets": [{"cells": [CELL | {"input": "x = 1"}]}]}).encode(), ""),
        (json.dumps({"cells": [{"kind": 2, "language": "python", "value": "x = 1"}]}).encode(), ""),
        (conflict(json.dumps(CELL), json.dumps(CELL | {"outputs": [1]})), "양쪽의 셀이 같아"),
        (conflict(json.dumps(CELL), json.dumps(CELL | {"id": "b"}), "{}"), "양쪽의 셀이 같아"),
    ],
)
def test_what_can_be_read_is_read_and_said(data, said):
    pieces, notes = cells_of("a.ipynb", data)
    assert [(piece.kind, piece.source) for piece in pieces] == [("code", "x = 1")]
    assert bool(said) == bool(notes)
    assert said in "".join(notes)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ((TEXT + OTHER).encode(), "서로 다른 노트북이 둘"),
        (
            conflict(json.dumps(CELL), json.dumps(CELL | {"source": "x = 2"})),
            "양쪽의 답이 다르므로",
        ),
        (conflict(json.dumps(CELL), "{"), "병합 충돌"),
    ],
)
def test_two_notebooks_in_one_file_are_not_chosen_from(data, said):
    """어느 쪽이 낸 것인지 우리가 정하면 학생의 점수를 우리가 정하는 것입니다."""
    cells, notes = document.cells(data)
    assert cells is None
    assert said in notes[-1]


def test_lines_that_end_the_old_way():
    saved = NOTEBOOK | {"cells": [CELL | {"source": "x = 1\ry = 2\r\nz = 3"}]}
    pieces, _ = cells_of("a.ipynb", json.dumps(saved).encode())
    assert pieces[0].source == "x = 1\ny = 2\nz = 3"


def test_colab_writes_the_id_into_the_metadata():
    saved = {"cells": [CELL | {"metadata": {"id": "abc", "colab": {}}}]}
    pieces, _ = cells_of("a.ipynb", json.dumps(saved).encode())
    assert pieces[0].id == "abc"
