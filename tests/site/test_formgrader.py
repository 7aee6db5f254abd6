"""nbgrader의 formgrader를 진짜 크로미움으로: 사람이 글을 읽고 점수를 주면 표에 들어갑니다."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from tests.classroom.tiny import ANSWERS, ASSIGNMENTS, NAME, put_source, tiny_notebook

import lab
from classroom.assignment import Assignment
from classroom.course import Course, grade_all, plan, refresh
from classroom.marking import sandbox, spread
from classroom.reporting import gradebook
from waiting import BOUND, wait_until

PNG = (  # 한 점짜리 그림
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MOMENT = (  # 윈도에서 파일로 연 책의 장면
    "file:///C:/Users/%ED%99%8D/ddia/labs/02-cache-miss.html"
    "#scene=cache&seed=5&at=2,3&a=6000.expire.cache&t=23040&m=0a1b2c3d"
)
ATTACK = "<img src=x onerror=\"document.title='뚫림'\"><script>document.title='뚫림'</script>"

pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-")


@pytest.fixture
def graded(tmp_path) -> Course:
    """한 사람을 채점해 둔 강좌. 글에는 강사의 브라우저를 노린 스크립트가 있습니다."""
    course = Course(tmp_path / "assignments", tmp_path / "_build")
    put_source(course.folder, tiny_notebook())
    shutil.copy(ASSIGNMENTS / "nbgrader_config.py", course.folder)
    text = f"복사본을 주면 안전합니다({MOMENT}).\n\n![그림](attachment:image.png)\n\n{ATTACK}"
    notebook = Assignment.load(course.folder, NAME).answered(ANSWERS | {"written-why": text})
    notebook.cells[-1].attachments = {"image.png": {"image/png": PNG}}
    path = tmp_path / "submissions/2026-0001" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    with spread.local(1) as executor:
        grade_all(course, plan(course, tmp_path / "submissions"), executor)
    return course


@pytest.fixture
def server(graded, tmp_path):
    """`make formgrader`가 띄우는 서버. 주소를 돌려줍니다."""
    places = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", f"--ServerApp.root_dir={tmp_path}",
         f"--ServerApp.port={port}", "--ServerApp.open_browser=False",
         "--IdentityProvider.token=", "--allow-root"],
        cwd=graded.folder, env=os.environ | places | {"HOME": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: _answers(port, running), "서버가 뜸")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(BOUND)


def _answers(port: int, running: subprocess.Popen) -> bool:
    assert running.poll() is None, "서버가 끝났습니다"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def submission_id(course: Course) -> str:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", gradebook.COURSE) as book:
        return book.find_submission_notebook(NAME, NAME, "2026-0001").id


def row(course: Course) -> dict[str, str]:
    with open(course.ledger.table, encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))


def test_a_person_reads_the_answer_and_gives_points(graded, server, browser):
    page = browser.new_page()
    page.set_default_timeout(BOUND * 1000)
    page.route(lambda url: not url.startswith(server), lambda route: route.abort())
    page.goto(f"{server}/formgrader/gradebook/{NAME}/{NAME}")
    page.wait_for_selector("tbody a")
    page.goto(f"{server}/formgrader/submissions/{submission_id(graded)}/")
    assert page.get_by_text("복사본을 주면 안전합니다").is_visible()
    assert page.get_by_alt_text("그림").evaluate("image => image.naturalWidth") == 1
    assert page.title() == NAME, "학생의 스크립트가 강사의 브라우저에서 돌았습니다"
    link = page.get_by_role("link", name="file:///C:")
    assert link.get_attribute("href").startswith("http://127.0.0.1:8000/labs/02-cache-miss.html#")
    assert (link.get_attribute("target"), link.get_attribute("rel")) == (
        "_blank",
        "noopener noreferrer",
    )
    page.wait_for_function("formgrader.grades?.loaded")  # 칸은 점수를 받아 온 뒤에야 저장합니다
    points = page.locator("input.score").last
    points.fill("4")
    with page.expect_response(lambda answer: "/api/grade/" in answer.url) as saved:
        points.press("Tab")
    assert saved.value.ok
    page.wait_for_function("formgrader.comments?.loaded")
    comment = page.locator("textarea.comment").last
    comment.fill("근거가 <b>좋습니다</b>.")
    with page.expect_response(lambda answer: "/api/comment/" in answer.url) as saved:
        comment.press("Tab")
    assert saved.value.ok
    page.close()
    assert row(graded)["written_score"] == ""
    refresh(graded)
    assert (row(graded)["written_score"], row(graded)["total"]) == ("4", "24")
    feedback = graded.ledger.feedback_path(NAME, "2026-0001").read_text("utf-8")
    assert "근거가 &lt;b&gt;좋습니다&lt;/b&gt;." in feedback


def test_the_command_starts_in_the_assignments_folder(monkeypatch):
    """nbgrader는 명령을 친 폴더에서 설정을 찾습니다."""
    from jupyter_server.serverapp import ServerApp

    monkeypatch.chdir(Path.cwd())  # 끝나면 돌아옵니다
    places = []
    monkeypatch.setattr(ServerApp, "launch_instance", lambda _: places.append(Path.cwd()))
    lab.start([], formgrader=True)
    assert (places[0] / "nbgrader_config.py").is_file()
