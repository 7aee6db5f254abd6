"""그림: 글에 붙인 그림은 남고, 못 남긴 그림은 말합니다. 스크립트는 어떤 길로도 오지 못합니다."""

from __future__ import annotations

import json
from base64 import b64encode

import nbformat
import pytest
from tests.classroom.test_rebuild import ESSAY, again, solved
from tests.classroom.test_seams import split

from classroom.intake import picture
from classroom.intake.picture import pictured
from classroom.marking.grade import written
from classroom.record import GradeRecord, Status
from classroom.reporting import feedback

PNG = b64encode(b"\x89PNG\r\n\x1a\n").decode()
OTHER = b64encode(b"\x89PNG\r\n\x1a\n other").decode()
SVG = b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>').decode()
EVIL = '<script>alert(1)</script><img src=x onerror=alert(1)>"><svg onload=alert(1)>'


def png(size: int) -> str:
    return b64encode(b"\x89PNG" + b"\0" * size).decode()


def attached(source: str, **pictures) -> dict:
    notebook = solved()
    notebook["cells"][ESSAY] |= {
        "source": source,
        "attachments": {f"{name}.png": {"image/png": data} for name, data in pictures.items()},
    }
    return notebook


def graded(notebook: dict) -> GradeRecord:
    rebuilt = again(notebook)
    nbformat.validate(rebuilt.notebook)
    answers = written(rebuilt.notebook)
    return GradeRecord("1", "a1", Status.GRADED, written=answers, notes=rebuilt.notes)


def test_a_pasted_picture_reaches_the_notebook_the_record_and_the_page():
    source = "그림을 붙였습니다.\n\n![image.png](attachment:image.png)"
    notebook = again(attached(source, image=PNG)).notebook
    assert notebook.cells[ESSAY].attachments == {"image.png": {"image/png": PNG}}
    record = graded(attached(source, image=PNG))
    assert record.written[0].pictures == (("image.png", f"data:image/png;base64,{PNG}"),)
    assert record.notes == ()
    assert GradeRecord.from_json(record.to_json()) == record
    page = feedback.page(record, {})
    assert f'<img src="data:image/png;base64,{PNG}" alt="글에 붙인 그림 image.png">' in page


@pytest.mark.parametrize(
    "source",
    [
        f"![그림](data:image/png;base64,{PNG})",
        f'<img src="data:image/png;base64,{PNG}" width=300>',
        f"![그림][1]\n\n[1]: data:image/png;base64,{PNG}",
    ],
)
def test_a_picture_inside_the_text_as_colab_saves_it(source):
    found = pictured(source, None)
    assert found.attachments == {"picture-1.png": {"image/png": PNG}}
    assert "attachment:picture-1.png" in found.source
    assert PNG not in found.source
    assert found.notes == []


@pytest.mark.parametrize(
    ("attachments", "said"),
    [
        ({"a.svg": {"image/svg+xml": SVG}}, "PNG, JPEG, GIF, WebP가 아니어서"),
        ({"a.png": {"image/png": SVG}}, "내용이 image/png가 아니어서"),
        ({"a.html": {"text/html": "<script>"}}, "가 아니어서"),
        ({"a.png": {"image/png": "%%%"}}, "깨져 있어"),
        ({"a.png": {"image/png": png(picture.LIMIT)}}, "5 MB를 넘어"),
        ({"a.png": {"image/png": picture.TOO_LARGE}}, "5 MB를 넘어"),
    ],
)
def test_what_is_not_shown_is_said(attachments, said):
    found = pictured(f"![a](attachment:{next(iter(attachments))})", attachments)
    assert found.attachments == {}
    assert len(found.notes) == 1
    assert said in found.notes[0]


def test_many_pictures_share_a_limit():
    given = {f"{n}.png": {"image/png": png(4 * picture.MB)} for n in range(3)}
    found = pictured("", given)
    assert (len(found.attachments), len(found.notes)) == (2, 1)
    assert "모두 더해 10 MB를 넘어" in found.notes[0]
    found = pictured("", {f"{n}.png": {"image/png": PNG} for n in range(picture.COUNT_LIMIT + 2)})
    assert len(found.attachments) == picture.COUNT_LIMIT


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("![그림](그래프.png)", "그림 그래프.png: 노트북에 들어 있지 않은 파일입니다."),
        ("![](/home/hong/a.png)", "들어 있지 않은 파일"),
        ('<img width=3 src="a%20b.png">', "그림 a b.png"),
        ("![x](attachment:image.png)", "글에 이름만 있고"),
        ("![x](https://example.org/a.png)", "바깥 주소"),
        ("![x](//example.org/a.png)", "바깥 주소"),
        ("![x](data:image/svg+xml;utf8,<svg/>)", "읽지 못했습니다"),
    ],
)
def test_a_picture_that_is_not_in_the_notebook_is_said(source, said):
    (note,) = pictured(source, None).notes
    assert said in note


@pytest.mark.parametrize("name", ["image.png", "스크린샷 2026.png", "image (1).png"])
def test_names_as_jupyterlab_writes_them(name):
    written_as = picture.quote(name, safe="-_.!~*'()")
    found = pictured(f"![x](attachment:{written_as})", {name: {"image/png": [PNG[:4], PNG[4:]]}})
    assert (found.attachments, found.notes) == ({name: {"image/png": PNG}}, [])


@pytest.mark.parametrize("attachments", [None, [], 3, {"a": 1}, {"a": {}}, {"a": {"image/png": 3}}])
def test_odd_attachments_are_survived(attachments):
    assert pictured("글", attachments).attachments == {}


def test_pictures_of_a_split_answer_keep_their_own():
    """나눈 셀마다 image.png라는 다른 그림이 있습니다."""
    notebook = split(solved(), ESSAY, ["![](attachment:image.png)"] * 2)
    for cell, data in zip(notebook["cells"][ESSAY:], (PNG, OTHER), strict=True):
        cell["attachments"] = {"image.png": {"image/png": data}}
    (answer,) = graded(notebook).written
    assert [address.rpartition(",")[2] for _, address in answer.pictures] == [PNG, OTHER]
    assert "attachment:2-image.png" in answer.text


def test_nothing_runs_in_the_page():
    notebook = attached(f"{EVIL}\n![a](attachment:a.svg)")
    notebook["cells"][ESSAY]["attachments"] = {
        "a.svg": {"image/svg+xml": SVG},
        EVIL: {"image/png": PNG},
        "b.png": {'image/png" onerror="alert(1)': PNG},
        "c.png": {"image/png": PNG + '" onerror="alert(1)'},
    }
    record = graded(notebook)
    assert [name for name, _ in record.written[0].pictures] == [EVIL]
    page = feedback.page(record, {})
    tags = page.split("<body")[1]
    assert "<script" not in tags
    assert "<svg" not in tags
    assert tags.count("<img") == 1
    assert SVG not in page


def test_an_answer_that_is_only_a_picture_is_no_blank():
    record = graded(attached("여기에 답을 쓰세요", image=PNG))
    assert "답을 쓰지 않았습니다" not in feedback.page(record, {})


def test_a_record_of_before_has_no_pictures():
    saved = json.loads(graded(solved()).to_json())
    for one in saved["written"]:
        del one["pictures"]
    assert GradeRecord.from_json(json.dumps(saved)).written[0].pictures == ()
