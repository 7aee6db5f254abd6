"""진짜 서버에 부하를 거는 클라이언트: 정한 때에 보내는가, 무엇부터 재는가, 실패를 세는가."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from ddialab.core.engine import Engine
from ddialab.core.errors import BackendUnavailable, InvalidValue
from ddialab.stress.client import CONNECTIONS, Answers, arrival_times, drive
from ddialab.stress.load import Closed, Constant, Poisson
from waiting import BOUND, wait_until

STALL = 0.4  # 초


class Stub(BaseHTTPRequestHandler):
    """``server.acts``에 적어 둔 일을 하고 답하는 서버. /error는 실패하고, /drop은 끊습니다."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.server.asked.append(self.path)
        if act := self.server.acts.get(self.path):
            act()
        if self.path == "/drop":
            self.close_connection = True
            return
        self.send_response(500 if self.path == "/error" else 200)
        self.send_header("Content-Length", "2")
        self.send_header("Server-Timing", "queue;dur=1.5, service;dur=20")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = CONNECTIONS  # 몰려온 연결이 운영체제에서 거절당하지 않게

    def handle_error(self, *_):
        """기다리다 지친 클라이언트가 끊은 연결에 답한 것입니다."""


class Clock:
    """테스트의 시계: 누가 자면 그만큼만 갑니다."""

    now = 0.0

    def perf_counter(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def server():
    server = Server(("127.0.0.1", 0), Stub)
    server.asked, server.acts = [], {}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def url(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def one_connection(server, monkeypatch):
    """연결이 하나뿐인 클라이언트. /stall은 테스트의 시계로 ``STALL``초 동안 멈춥니다."""
    clock = Clock()
    monkeypatch.setattr("ddialab.stress.client.time", clock)
    monkeypatch.setattr("ddialab.stress.client.CONNECTIONS", 1)
    server.acts["/stall"] = lambda: clock.sleep(STALL)


def test_an_open_loop_feels_the_stall_and_a_closed_loop_hides_it(one_connection, url):
    """오픈 루프는 멈춘 동안 보내려던 것이 모두 늦고, 클로즈드 루프는 하나만 늦습니다."""
    paths = ["/"] * 5 + ["/stall"] + ["/"] * 60
    opened, closed = drive(Constant(100), url, paths), drive(Closed(1, 0.0001), url, paths)
    assert opened.ok.all()
    assert closed.ok.all()
    until = opened.done[5]
    assert opened.response[6:] == pytest.approx(np.maximum(0, until - opened.planned[6:]))
    assert (opened.response > STALL / 2).sum() >= 15
    assert (closed.response > 0).sum() == 1


def test_an_open_loop_sends_when_it_planned_to(one_connection, url):
    answers = drive(Poisson(200), url, ["/"] * 60, seed=3)
    assert (answers.planned == arrival_times(Poisson(200), 60, seed=3)).all()
    assert answers.sent == pytest.approx(answers.planned)


def test_an_open_loop_does_not_wait_for_the_answers(server, url):
    """연결의 수만큼 모두 와야 답하는 서버입니다. 앞의 답을 기다리면 아무도 답을 받지 못합니다."""
    everyone = threading.Barrier(CONNECTIONS)
    server.acts["/"] = lambda: everyone.wait(BOUND)
    answers = drive(Poisson(200), url, ["/"] * CONNECTIONS, seed=3)
    assert answers.ok.all()
    assert (answers.sent >= answers.planned).all()
    assert answers.done.min() >= answers.sent.max()


def test_waiting_for_a_free_connection_is_part_of_the_response(one_connection, url):
    """연결보다 많은 요청이 밀리면 늦게 보내게 됩니다. 그 시간도 응답 시간입니다."""
    answers = drive(Constant(1000), url, ["/stall"] + ["/"] * 120)
    late = answers.sent - answers.planned
    assert late[-1] == pytest.approx(STALL - 0.12)
    assert answers.response[1:] == pytest.approx(late[1:])


def test_a_client_that_lost_patience_asks_again(server, url, monkeypatch):
    """/hang은 끝내 답하지 않으므로, 다음 것을 물었으면 새 연결로 물은 것입니다."""
    over = threading.Event()
    server.acts["/hang"] = lambda: over.wait(BOUND)
    monkeypatch.setattr("ddialab.stress.client.PATIENCE", 0.2)
    answers = drive(Closed(1, 0.001), url, ["/hang", "/"])
    wait_until(lambda: server.asked == ["/hang", "/"], "다시 물음")
    over.set()
    assert not answers.ok[0]


def test_times_told_by_the_server_are_read_in_seconds(url):
    answers = drive(Closed(2, 0.001), url, ["/"] * 10)
    assert answers.queue.tolist() == pytest.approx([0.0015] * 10)
    assert answers.service.tolist() == pytest.approx([0.02] * 10)
    assert (answers.planned == answers.sent).all()  # 클로즈드 루프는 보낸 때부터 잽니다


def test_failures_are_counted_and_the_rest_goes_on(url):
    answers = drive(Closed(1, 0.001), url, ["/", "/error", "/", "/drop", "/", "/"])
    assert answers.ok.tolist() == [True, False, True, False, True, True]
    assert np.isnan(answers.service[[1, 3]]).all()
    assert np.isfinite(answers.response).all()


def test_arrival_times_are_those_of_the_simulated_load():
    engine, seen = Engine(4), []
    Poisson(10).start(engine, lambda done: seen.append(engine.now))
    engine.run(100)
    assert arrival_times(Poisson(10), 50, seed=4).tolist() == seen[:50]
    assert arrival_times(Constant(4), 3).tolist() == pytest.approx([0.25, 0.5, 0.75])


def test_no_server_is_said_in_korean():
    with pytest.raises(BackendUnavailable, match="연결할 수 없습니다"):
        drive(Constant(10), "http://127.0.0.1:1", ["/"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: drive(Constant(10), "http://127.0.0.1:1", []),
        lambda: arrival_times(Closed(1, 1), 5),
        lambda: arrival_times(Poisson(1), 0),
        lambda: arrival_times("많이", 5),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(InvalidValue):
        make()


def test_answers_come_back_from_lists():
    columns = {name: [0.5, 1.0] for name in ("planned", "sent", "queue", "service")}
    answers = Answers.of(columns | {"done": [2.0, 4.0], "ok": [True, False]})
    assert answers.response.tolist() == [1.5, 3.0]
    assert (~answers.ok).tolist() == [False, True]
