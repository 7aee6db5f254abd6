"""밖에서 오는 요청: 값싼 것부터 거르고, 거절한 본문은 읽지 않고, 로그에 비밀을 남기지 않습니다."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading

import pytest

from ddialab.blocks.database import Database
from ddialab.core.workspace import LOOPBACK, open_server
from ddialab.service import edge as edge_module
from ddialab.service.bounds import BODY
from ddialab.service.edge import Edge, Handler, access_logger, token_hash
from ddialab.service.front import MOST, Front
from waiting import BOUND, wait_until

SECRET = "s3cret-token"
TOKENS = {"소라": SECRET, "나래": "token-of-narae"}
POST = {"key": "k1", "text": "점심 #김밥", "private": False}


class Budget:
    """시계 없는 한도: 사람마다 ``burst``건."""

    retry_after = 7

    def __init__(self, burst: int = 1000):
        self.burst, self.asked = burst, []

    def take(self, who: str) -> bool:
        self.asked.append(who)
        return self.asked.count(who) <= self.burst


class Site:
    """스레드에서 도는 서버와 그 접근 로그."""

    def __init__(self, folder, **settings):
        self.front = Front(Database.open(folder / "posts.db"))
        sessions = {token_hash(token): name for name, token in TOKENS.items()}
        self.log = folder / "access.jsonl"
        self.server = open_server(Handler)
        self.server.edge = Edge(self.front, sessions, **settings)
        self.server.log, self.server.key = access_logger(str(self.log)), b"k" * 32
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def ask(self, method, path, body=None, token=SECRET, **headers):
        """(상태, 답, 헤더)"""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=BOUND)
        bearer = f"Bearer {token}".encode("utf-8", "surrogateescape")
        told = {"Authorization": bearer, **headers}
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request(method, path, sent, told)
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read()), answer.headers
        connection.close()
        return found

    def status(self, *asked, **more) -> int:
        return self.ask(*asked, **more)[0]

    def lines(self, count: int) -> list[dict]:
        """접근 로그. 답한 다음에 적으므로 ``count``줄이 될 때까지 기다립니다."""
        wait_until(lambda: self.log.read_text("utf-8").count("\n") >= count, "로그가 적힘")
        return [json.loads(text) for text in self.log.read_text("utf-8").splitlines()]

    def raw(self, sent: bytes) -> socket.socket:
        connection = socket.create_connection((LOOPBACK, self.port), timeout=BOUND)
        connection.sendall(sent)
        return connection

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        for handler in self.server.log.handlers:
            handler.close()


@pytest.fixture
def open_site(tmp_path):
    opened = []

    def start(**settings) -> Site:
        opened.append(Site(tmp_path, **settings))
        return opened[-1]

    yield start
    for site in opened:
        site.close()


def test_posts_are_written_and_read_by_whoever_may(open_site):
    site = open_site(limiter=Budget())
    status, post, _ = site.ask("POST", "/posts", POST)
    assert (status, post["author"], post["text"]) == (200, "소라", "점심 #김밥")
    assert site.ask("POST", "/posts", POST)[1] == post, "같은 번호는 한 번만 올립니다"
    _, secret, _ = site.ask("POST", "/posts", POST | {"key": "k2", "private": True})
    assert site.ask("GET", f"/posts/{secret['id']}")[1] == secret
    assert site.status("GET", f"/posts/{secret['id']}", token=TOKENS["나래"]) == 404
    path = "/authors/%EC%86%8C%EB%9D%BC"
    assert site.ask("GET", path)[1] == [secret, post]
    assert site.ask("GET", path, token=TOKENS["나래"])[1] == [post]
    assert site.ask("GET", f"{path}?before={secret['id']}")[1] == [post]


@pytest.mark.parametrize(
    "path",
    ["/", "/posts/x", "/posts/9", f"/posts/{'9' * 30}", "/authors/", "/authors/a/b", "/../x"],
)
def test_what_is_not_there_is_404(open_site, path):
    assert open_site().status("GET", path) == 404


def test_a_page_is_as_long_as_we_say(open_site):
    site = open_site()
    for n in range(MOST + 3):
        site.front.submit("소라", f"k{n}", f"글 {n}")
    _, found, _ = site.ask("GET", "/authors/%EC%86%8C%EB%9D%BC?limit=1000000&before=")
    assert len(found) == MOST


def test_without_a_session_nothing_is_asked(open_site):
    """이름을 적어 보내도, 모르는 토큰이어도: 한도도 앞문도 닿지 않습니다."""
    site = open_site(limiter=Budget())
    for token in ("", "소라", SECRET + "x", "\udcff"):
        assert (
            site.status(
                "GET", "/posts/1", token=token.encode("utf-8", "surrogateescape").decode("latin-1")
            )
            == 401
        )
    assert site.status("GET", "/posts/1", **{"X-User": "sora", "Authorization": "sora"}) == 401
    assert site.server.edge.limiter.asked == []


def test_the_flood_of_one_is_refused_and_the_others_are_served(open_site):
    site = open_site(limiter=Budget(burst=3))
    site.front.submit("소라", "k1", "점심")
    flood = [site.ask("GET", "/posts/1") for _ in range(10)]
    assert [status for status, *_ in flood] == [200] * 3 + [429] * 7
    assert {headers["Retry-After"] for status, _, headers in flood if status == 429} == {"7"}
    assert site.status("GET", "/posts/1", token=TOKENS["나래"]) == 200


def test_a_place_is_given_back_whatever_the_answer(open_site):
    site = open_site(room=1)
    asked = [("GET", "/posts/1"), ("POST", "/posts", b"{"), ("POST", "/posts", POST)] * 2
    assert [site.status(*one) for one in asked] == [404, 400, 200, 200, 400, 200]
    with site.server.edge._room:
        assert site.status("GET", "/posts/1") == 503


def test_one_bucket_for_all_lets_one_spend_it(open_site):
    """대조군: 버킷 하나를 나눠 쓰면 쏟아붓는 사람이 남의 몫까지 씁니다."""
    site = open_site(limiter=Budget(burst=3), shared=True)
    assert [site.status("GET", "/posts/1") for _ in range(4)] == [404] * 3 + [429]
    assert site.status("GET", "/posts/1", token=TOKENS["나래"]) == 429


@pytest.mark.parametrize("size", [BODY + 1, 10**11])
def test_a_body_that_is_too_big_is_not_read(open_site, size):
    """본문을 보내지 않았는데도 바로 거절합니다. 읽으려 했으면 마감까지 기다렸을 것입니다."""
    site = open_site(seconds=BOUND * 2)
    head = (
        f"POST /posts HTTP/1.1\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: {size}\r\n\r\n"
    )
    connection = site.raw(head.encode())
    assert connection.recv(100).startswith(b"HTTP/1.1 413")
    connection.close()
    assert site.lines(1)[0]["received"] == len(head)


@pytest.mark.parametrize("refusal", ["400", "401", "429", "503", "413"])
def test_a_refused_body_is_not_taken_for_the_next_request(open_site, refusal):
    """읽지 않은 본문에 요청을 숨겨 두어도(request smuggling) 연결을 닫으므로 읽히지 않습니다."""
    site = open_site(limiter=Budget(burst=0 if refusal == "429" else 9), room=1, body=100)
    if refusal == "503":
        site.server.edge._room.acquire()
    token = "x" if refusal == "401" else SECRET
    hidden = f"GET /posts/1 HTTP/1.1\r\nAuthorization: Bearer {SECRET}\r\n\r\n".encode()
    hidden = hidden.ljust(101 if refusal == "413" else 90)
    line = "GET /posts/1" if refusal == "400" else "POST /posts"
    head = f"{line} HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(hidden)}"
    connection = site.raw(f"{head}\r\n\r\n".encode() + hidden)
    answer = b""
    try:
        while got := connection.recv(10_000):
            answer += got
    except ConnectionResetError:
        pass
    connection.close()
    assert answer.startswith(f"HTTP/1.1 {refusal}".encode())
    assert answer.count(b"HTTP/1.1") == 1


def test_a_slow_body_is_cut_and_a_slow_head_too(open_site):
    """보내다 마는 연결은 마감에 끊깁니다. 언제인지는 가짜 시계로 `test_bounds.py`가 봅니다."""
    site = open_site(seconds=2.0)
    head = f"POST /posts HTTP/1.1\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: 50\r\n\r\n"
    body, line = site.raw(head.encode() + b"{"), site.raw(b"GET /posts/1 HT")
    assert body.recv(100).startswith(b"HTTP/1.1 408")
    assert line.recv(100) == b"", "다 오지 않은 첫 줄에는 답할 것이 없습니다"
    body.close()
    line.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 1000, 400),
        (POST | {"author": "나래"}, 400),
        (POST | {"id": 1, "deleted": True}, 400),
        (POST | {"text": ""}, 409),
        (POST | {"key": "가" * 101}, 409),
    ],
)
def test_a_shape_that_is_not_named_does_not_reach_the_front(open_site, body, status):
    site = open_site()
    assert site.status("POST", "/posts", body) == status
    assert site.front.database.count() == 0


def test_the_inside_does_not_leak_through_an_error(open_site, monkeypatch):
    site = open_site()
    monkeypatch.setattr(site.front, "read", lambda *_: 1 / int(f"0{''}") and SECRET)
    status, answer, _ = site.ask("GET", "/posts/1")
    assert (status, answer) == (500, {"error": "서버의 오류입니다."})
    assert site.lines(1)[0]["error"] == "ZeroDivisionError"


def test_the_log_holds_one_line_for_each_request_and_no_secret(open_site):
    site = open_site(limiter=Budget())
    site.ask("POST", "/posts", POST | {"text": SECRET}, Cookie=f"session={SECRET}")
    site.ask("GET", f"/posts/1?token={SECRET}")
    site.ask("GET", f"/reset/{SECRET}")
    site.ask("GET", "/posts/1", token=f"{SECRET}-wrong")
    written = site.lines(4)
    told = [(one["method"], one["path"], one["status"]) for one in written]
    assert told == [
        ("POST", "/posts", 200),
        ("GET", "/posts/…", 200),
        ("GET", "…", 404),
        ("GET", "/posts/…", 401),
    ]
    kept = site.log.read_bytes()
    assert not any(word.encode() in kept for word in (SECRET, "소라", "점심"))
    assert written[0]["who"] == written[1]["who"]
    assert "who" not in written[3]


def test_a_log_without_a_list_holds_the_secret(open_site, tmp_path, monkeypatch):
    """대조군: 형식을 걸지 않고 있는 대로 적으면 위의 테스트가 찾습니다."""
    naive = logging.Logger("naive")
    naive.addHandler(logging.FileHandler(tmp_path / "naive.log", encoding="utf-8"))
    monkeypatch.setattr(
        edge_module.Handler,
        "_log",
        lambda self, *_: naive.info(f"{self.path} {dict(self.headers)}"),
    )
    site = open_site()
    site.ask("GET", f"/posts/1?token={SECRET}")
    wait_until(lambda: SECRET in (tmp_path / "naive.log").read_text("utf-8"), "로그가 적힘")
    naive.handlers[0].close()
