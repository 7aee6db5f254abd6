"""`publish/execute.py`: 실행하고, 지우고, 채우고, 반쯤 쓴 파일을 남기지 않습니다."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import execute
from waiting import wait_until

RESULT = """from IPython.display import display
def result(name, text):
    display({"text/plain": text}, raw=True, metadata={"ddialab": {"name": name, "text": text}})
result("waits", "3 < 5 ms")"""
OWN, OTHER = '<span data-run="waits">?</span>', '<span data-run="01-a#waits">?</span>'


@pytest.fixture
def book(tmp_path):
    """실습 하나와 페이지 하나가 있는 작은 책. ``book(셀, …)``이 실습을 새로 씁니다."""
    (tmp_path / "labs").mkdir()
    (tmp_path / "chapters" / "1").mkdir(parents=True)
    page = tmp_path / "chapters" / "1" / "page.md"
    page.write_text(f"기다림은 {OTHER}입니다.\n", encoding="utf-8")

    def write(*sources: str, tags: tuple[str, ...] = ()):
        cells = [new_markdown_cell(f"기다림은 {OWN}입니다.", id="prose")]
        for number, source in enumerate(sources):
            cells.append(new_code_cell(source, id=f"c{number}", metadata={"tags": list(tags)}))
        path = tmp_path / "labs" / "01-a.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return path

    write.root, write.page = tmp_path, page
    return write


def test_a_run_fills_the_lab_and_the_pages(book):
    path = book(RESULT)
    assert execute.main([str(path)], book.root) == 0
    nb = execute.read(path)
    assert ">3 &lt; 5 ms</span>" in nb.cells[0].source
    assert ">3 &lt; 5 ms</span>" in book.page.read_text(encoding="utf-8")
    assert nb.cells[1].execution_count == 1
    assert "execution" not in nb.cells[1].metadata


def test_a_second_run_changes_no_byte(book):
    path = book(
        "import os\nprint(os.getcwd()[-4:])\nobject()", RESULT, "1 / 0", tags=("raises-exception",)
    )
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells[1:3]:
        cell.metadata = {}
    nbformat.write(nb, path)
    assert execute.main([str(path)], book.root) == 0
    before = path.read_bytes()
    assert b"labs" in before
    assert execute.main([str(path)], book.root) == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize(("options", "measured"), [([], "new"), (["--keep"], "kept")])
def test_measured_values_may_be_kept(book, options, measured):
    """글만 고쳤는데 잰 값이 함께 바뀌면, 무엇이 달라졌는지 볼 수 없습니다."""
    saved = book.root / "saved.json"
    saved.write_text('"kept"', encoding="utf-8")
    path = book(
        "from ddialab.core.recorded import recorded\n"
        f"value, _ = recorded({str(saved)!r}, lambda: 'new')",
        RESULT.replace('"3 < 5 ms"', "value"),
    )
    assert execute.main([*options, str(path)], book.root) == 0
    assert f">{measured}</span>" in book.page.read_text(encoding="utf-8")


def test_filling_alone_executes_nothing(book):
    path = book(RESULT)
    execute.main([str(path)], book.root)
    nb = execute.read(path)
    nb.cells[1].outputs[0].metadata.ddialab.text = "99 ms"
    nb.cells[1].source = "raise SystemExit"
    nbformat.write(nb, path)
    assert execute.main(["--fill"], book.root) == 0
    assert ">99 ms</span>" in book.page.read_text(encoding="utf-8")
    assert execute.read(path).cells[1].outputs[0].data["text/plain"] == "3 < 5 ms"


@pytest.mark.parametrize(
    ("sources", "tags", "said"),
    [
        (
            (RESULT, "x = 1\n1 / 0"),
            (),
            "3번째 셀에서 멈췄습니다. ZeroDivisionError: division by zero",
        ),
        (("x = 1",), ("raises-exception",), "2번째 셀은 오류를 내야 하는데"),
        (("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",), (), "커널이 죽었습니다"),
    ],
)
def test_a_failing_lab_is_named_and_left_as_it_was(book, capfd, sources, tags, said):
    path = book(*sources, tags=tags)
    before = path.read_bytes()
    assert execute.main([str(path)], book.root) == 1
    said_by_us = capfd.readouterr().err
    assert said in said_by_us
    assert "01-a.ipynb" in said_by_us
    assert "Traceback" not in said_by_us
    assert path.read_bytes() == before


def test_a_missing_or_broken_file_is_named(book, capsys):
    book(RESULT)
    broken = book.root / "broken.ipynb"
    broken.write_text("{", encoding="utf-8")
    assert execute.main([str(book.root / "none.ipynb"), str(broken)], book.root) == 1
    said = capsys.readouterr().err
    assert "none.ipynb: 그런 파일이 없습니다" in said
    assert "broken.ipynb: 노트북으로 읽을 수 없습니다" in said


def test_an_unknown_name_is_named_with_the_known_ones(book, capsys):
    path = book(RESULT)
    book.page.write_text('<span data-run="01-a#wait"></span>', encoding="utf-8")
    assert execute.main([str(path)], book.root) == 1
    said = capsys.readouterr().err
    assert 'page.md: data-run="01-a#wait"라는 결과가 없습니다' in said
    assert "01-a#waits" in said


def test_a_name_used_twice_is_named(book, capsys):
    path = book(RESULT, 'result("waits", "7 ms")')
    assert execute.main([str(path)], book.root) == 1
    assert 'result("waits")가 두 번 나옵니다' in capsys.readouterr().err


def test_the_command_wants_something_to_do(capsys):
    with pytest.raises(SystemExit):
        execute.main([])
    assert "--fill" in capsys.readouterr().err


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("옛 글", encoding="utf-8")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        execute.write(path, "새 글")
    assert path.read_text(encoding="utf-8") == "옛 글"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")
def test_a_killed_run_leaves_the_file_and_no_kernel(book, tmp_path):
    told = tmp_path / "pid"
    source = (
        f"import os, time\nopen({str(told)!r}, 'w').write(f'{{os.getpid()}}.')\ntime.sleep(3600)"
    )
    path = book(source)
    before = path.read_bytes()
    run = subprocess.Popen([sys.executable, execute.__file__, str(path)], stdout=subprocess.DEVNULL)
    wait_until(lambda: told.exists() and told.read_text().endswith("."), "커널의 시작")
    run.send_signal(signal.SIGKILL)
    run.wait()
    wait_until(lambda: not _alive(int(told.read_text()[:-1])), "커널의 죽음")
    assert path.read_bytes() == before


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
