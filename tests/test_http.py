"""HTTP로 연 게시글 서비스: 답이 맞는가, 줄과 서비스 시간을 가르는가, 흔적 없이 꺼지는가."""

import json
import os
import signal
import socket
import threading
import urllib.error
import urllib.request
from functools import partial
from types import SimpleNamespace

import pytest

from ddialab.blocks.cache import Cache
from ddialab.blocks.database import Database
from ddialab.core.backend import open_redis
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability
from ddialab.core.workspace import LOOPBACK, Workspace, open_server
from ddialab.service.http import Desk, PostServer, _Handler, port_of, start
from ddialab.service.posts import PostService
from ddialab.stress.client import drive
from ddialab.stress.load import Constant
from waiting import BOUND, wait_until


def fill(database):
    database.insert_posts([("narae", f"글 {n}") for n in range(300)] + [("bom", "글 하나")])


@pytest.fixture(scope="module", params=["embedded", "local"])
def server(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDIALAB_BACKEND", request.param)
        patch.delenv("REDIS_URL", raising=False)
        with PostServer(fill) as opened:
            yield opened


def post(server, path, **asked):
    """(상태, 답)"""
    request = urllib.request.Request(server.url + path, json.dumps(asked).encode())
    try:
        with urllib.request.urlopen(request, timeout=BOUND) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def get(server, path):
    with urllib.request.urlopen(server.url + path, timeout=BOUND) as answer:
        return json.load(answer)


def test_pages_and_posts_come_from_the_database(server):
    page = get(server, "/authors/bom")
    assert page == {"author": "bom", "posts": [{"id": 301, "text": "글 하나", "likes": 0}]}
    assert len(get(server, "/authors/narae")["posts"]) == 300
    assert get(server, "/posts/2")["text"] == "글 1"
    assert get(server, "/posts/2") == get(server, "/posts/2")  # 두 번째는 캐시에서


@pytest.mark.parametrize(
    "path", ["/", "/authors/nobody", "/posts/9999", "/posts/x", "/authors/a/b"]
)
def test_what_is_not_there_is_404(server, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(server, path)
    assert refused.value.code == 404


def test_posts_are_written_edited_read_and_deleted_over_http(desk):
    status, written = post(desk, "/publish", author="다온", text="원래 글")
    assert (status, written["text"]) == (200, "원래 글")
    assert post(desk, "/edit", id=written["id"], text="고친 글")[1]["text"] == "고친 글"
    assert post(desk, "/read", id=written["id"]) == (200, written | {"text": "고친 글"})
    assert post(desk, "/delete", id=written["id"]) == (200, True)
    assert post(desk, "/read", id=written["id"])[0] == 404
    assert post(desk, "/refresh", id=1)[0] == 404, "서비스의 다른 메서드는 부를 수 없습니다"


def test_what_the_service_refuses_is_409_with_the_reason(desk):
    status, answer = post(desk, "/publish", author="다온", text="")
    assert status == 409
    assert "text=''" in answer["error"]


SLOW = f"""
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.append({os.path.dirname(__file__)!r})
from waiting import wait_until

def read(id):
    Path("asked").touch()
    wait_until(Path("go").exists, "허락")
    return "끝까지" * 1_000_000  # 한 번에 다 보내지 못할 만큼

def open_slow():
    return SimpleNamespace(read=read)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM을 받아 마무리하지 못하는 운영체제입니다")
def test_a_server_told_to_stop_finishes_what_it_is_doing():
    """새 연결은 받지 않고, 받은 요청에는 끝까지 답합니다."""
    with Workspace() as workspace:
        folder = workspace.folder
        (folder / "slow.py").write_text(SLOW)
        open_slow = SimpleNamespace(__module__="slow", __qualname__="open_slow")
        process = start(workspace, "slow.log", open_slow, workers=1)
        port = process.wait_until_ready(partial(port_of, process), "서버가")
        site, answers = SimpleNamespace(url=f"http://{LOOPBACK}:{port}"), []
        asking = threading.Thread(target=lambda: answers.append(post(site, "/read", id=1)))
        asking.start()
        wait_until((folder / "asked").exists, "요청을 처리하기 시작함")
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not listening(port), "포트를 닫음")
        (folder / "go").touch()
        asking.join(BOUND)
        wait_until(lambda: process.poll() is not None, "스스로 끝남")
        assert (process.poll(), answers == [(200, "끝까지" * 1_000_000)]) == (0, True)


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def test_a_failing_request_does_not_stop_the_server(server):
    assert post(server, "/publish", nobody="모르는 인자")[0] == 500
    assert get(server, "/posts/1")["author"] == "narae"


class Clock:
    """테스트가 손으로 돌리는 시계."""

    now = 0.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def desk(monkeypatch, tmp_path):
    """이 프로세스에서 도는 서버. 워커는 하나이고, 시계는 글을 찾는 데 든 시간만큼만 갑니다."""
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    clock = Clock()
    monkeypatch.setattr("ddialab.service.http.time", clock)
    with open_redis() as redis, Database.open(tmp_path / "posts.db") as database:
        fill(database)
        desk = Desk(PostService(database, Cache(redis)), 1)
        with open_server(_Handler) as opened:
            opened.desk = desk
            threading.Thread(target=opened.serve_forever, daemon=True).start()
            desk.clock, desk.url = clock, f"http://{LOOPBACK}:{opened.server_port}"
            yield desk
            opened.shutdown()


def test_queue_and_service_are_told_apart(desk, monkeypatch):
    """워커는 하나입니다. 스물이 한꺼번에 오면 서비스 시간은 그대로이고 줄이 깁니다."""
    line, crowd = desk.workers._work_queue, 20

    def page(author):
        if desk.clock.now == 0:
            wait_until(lambda: line.qsize() == crowd - 1, "나머지가 모두 줄을 섬")
        desk.clock.now += 0.5
        return {"author": author}

    monkeypatch.setattr(desk, "page", page)
    answers = drive(Constant(100_000), desk.url, ["/authors/narae"] * crowd)
    assert answers.service.tolist() == [0.5] * crowd
    assert sorted(answers.queue) == [0.5 * n for n in range(crowd)]


def test_real_times_fit_into_what_the_client_waited(server):
    answers = drive(Constant(100_000), server.url, ["/authors/narae"] * 40)
    assert answers.ok.all()
    assert (answers.queue + answers.service <= answers.done - answers.sent).all()


def test_more_posts_ask_more_of_the_cache(desk, monkeypatch):
    """글이 많은 작가의 페이지가 느린 까닭: 「좋아요」를 글마다 하나씩 물어봅니다."""
    client, asked = desk.service.cache.backend.client, []
    get_one = client.get
    monkeypatch.setattr(client, "get", lambda key: asked.append(key) or get_one(key))
    get(desk, "/authors/narae")
    assert len(asked) == 300
    get(desk, "/authors/bom")
    assert len(asked) == 301


def test_a_closed_server_leaves_nothing(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    server = PostServer(fill, workers=2)
    folder = server._workspace.folder
    assert folder.exists()
    server.close()
    server.close()
    assert not folder.exists()
    with pytest.raises(BackendUnavailable):
        drive(Constant(10), server.url, ["/"])


def test_a_failed_fill_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(InvalidValue):
        PostServer(lambda database: database.insert_post("나래", 3))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_start_says_its_last_words(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    monkeypatch.setattr("ddialab.service.http._address", lambda redis: {"DDIALAB_BACKEND": "없음"})
    with pytest.raises(BackendUnavailable, match="DDIALAB_BACKEND='없음'"):
        PostServer(fill)


def test_the_server_uses_the_redis_that_the_reader_named(monkeypatch):
    """적어 준 Redis에 좋아요를 넣으면 서버의 답에 보입니다."""
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    with open_redis() as redis:
        monkeypatch.setenv("DDIALAB_BACKEND", "remote")
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{redis.port}/0")
        redis.client.set("likes:301", 99)  # 독자의 키는 읽지 않습니다
        with PostServer(fill) as server:
            server._redis.set("likes:301", "7")
            assert get(server, "/authors/bom")["posts"][0]["likes"] == 7


@pytest.mark.parametrize("workers", [0, 1.5, "둘"])
def test_bad_input_is_refused(workers):
    with pytest.raises(InvalidValue, match="workers"):
        PostServer(fill, workers=workers)


def test_in_the_browser_it_is_refused_before_anything_is_opened(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    monkeypatch.setattr("ddialab.core.workspace.IN_BROWSER", True)
    filled = []
    with pytest.raises(MissingCapability, match="브라우저 안에서는"):
        PostServer(filled.append)
    assert filled == []
