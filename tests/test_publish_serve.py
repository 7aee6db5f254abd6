"""책 펼치기: 포트가 차 있거나 폴더가 없을 때 한국어로 답하고, Ctrl-C에 조용히 끝납니다."""

import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import serve
from waiting import BOUND

PROGRAM = Path(serve.__file__)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "index.html").write_text("<p>책</p>", "utf-8")
    (tmp_path / "a.js").write_text("1", "utf-8")
    return tmp_path


@pytest.fixture
def taken():
    with socket.create_server((serve.HOST, 0)) as busy:
        yield busy.getsockname()[1]


def test_taken_port_is_named_and_the_next_is_used(folder, taken, capsys):
    with serve.open_server(folder, taken) as server:
        assert taken < server.server_port < taken + serve.TRIES
    assert f"{taken}번 포트는 다른 프로그램이 사용 중입니다" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["0", "65536", "-1", "팔천", "80.5", "", "８０"])
def test_impossible_port_is_refused(folder, port):
    with pytest.raises(SystemExit, match="1부터 65535까지"):
        serve.main([f"--port={port}", str(folder)])


def test_missing_book_says_how_to_build(tmp_path):
    with pytest.raises(SystemExit, match="make html"):
        serve.main([str(tmp_path / "없음")])


@pytest.fixture
def address(folder):
    with serve.open_server(folder, 8100) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{serve.HOST}:{server.server_port}"
        server.shutdown()


def test_files_have_the_right_type(address):
    with urllib.request.urlopen(f"{address}/a.js") as script:
        assert script.headers["Content-Type"] == "text/javascript"
    with urllib.request.urlopen(address) as page:
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_missing_path_gets_the_books_own_page(folder, address, method):
    (folder / "404.html").write_text("<p>찾는 페이지가 없습니다</p>", "utf-8")
    request = urllib.request.Request(f"{address}/deep/in/nowhere.html", method=method)
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(request)
    assert answer.value.code == 404
    assert answer.value.headers["Content-Type"] == "text/html; charset=utf-8"
    assert ("찾는 페이지가 없습니다" in answer.value.read().decode()) == (method == "GET")


def test_missing_path_of_a_folder_without_that_page_is_still_404(address):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}/nowhere.html")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT를 보낼 수 없습니다")
def test_ctrl_c_closes_quietly(folder):
    command = [sys.executable, str(PROGRAM), "--port", "8200", str(folder)]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        assert "http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=BOUND)
    assert (process.returncode, err) == (0, "")
    assert "책을 덮었습니다" in out
