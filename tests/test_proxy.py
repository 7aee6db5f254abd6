"""결함 프록시: 늦추고 붙잡아도 바이트는 그대로이고, 끊으면 양쪽이 끊기고, 닫으면 남지 않습니다."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import ExitStack, contextmanager

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.cluster.real.forwarding import CHUNK, MOST_KEPT
from ddialab.cluster.real.proxy import ProxyServer
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability
from ddialab.core.workspace import Workspace
from suite.effort import fuzz
from waiting import BOUND, wait_until

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def server():
    with Workspace() as workspace:
        yield ProxyServer(workspace)


@pytest.fixture
def listening():
    """연결을 받는 소켓."""
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(BOUND)
        yield listener


@pytest.fixture
def proxy(server, listening):
    return server.open(listening.getsockname()[1])


@contextmanager
def connected(proxy, listening):
    """프록시로 이어진 (이쪽 끝, 저쪽 끝)."""
    with ExitStack() as stack:
        near = stack.enter_context(socket.create_connection((HOST, proxy.port), BOUND))
        far = stack.enter_context(listening.accept()[0])
        far.settimeout(BOUND)
        yield near, far


def read(end, size):
    """``size``바이트, 또는 연결이 끝날 때까지."""
    found = b""
    while len(found) < size and (piece := end.recv(size - len(found))):
        found += piece
    return found


def ended(end):
    """연결이 끊겼는지. 남은 바이트가 있으면 함께 돌려줍니다."""
    left = b""
    try:
        while piece := end.recv(CHUNK):
            left += piece
    except ConnectionError:
        pass
    return left


# --- 바이트는 바뀌지 않습니다 ---

FAULTS = st.one_of(
    st.just(("hold",)),
    st.just(("release",)),
    st.tuples(st.just("delay"), st.sampled_from([0.0, 0.001, 0.01])),
    st.tuples(st.just("bandwidth"), st.sampled_from([None, 1e5, 1e6])),
    st.tuples(st.just("send"), st.sampled_from([0, 1]), st.binary(min_size=1, max_size=3000)),
)


@fuzz(300)
@given(steps=st.lists(FAULTS, max_size=12))
def test_bytes_arrive_unchanged_whatever_the_faults(server, steps):
    """결함을 아무 차례로나 걸었다 풀어도 바이트가 그대로 도착합니다"""
    with socket.create_server((HOST, 0)) as listener:
        proxy = server.open(listener.getsockname()[1])
        with connected(proxy, listener) as ends:
            sent = [b"", b""]
            for name, *arguments in steps:
                if name == "send":
                    end, data = arguments
                    ends[end].sendall(data)
                    sent[end] += data
                else:
                    getattr(proxy, name)(*arguments)
            proxy.release()
            proxy.delay(0)
            proxy.bandwidth(None)
            assert [read(ends[1 - n], len(sent[n])) for n in (0, 1)] == sent
            assert proxy.kept == 0


@fuzz(100)
@given(before=st.binary(max_size=2000), after=st.binary(min_size=1, max_size=2000))
def test_a_cut_drops_both_ways_and_what_came_is_a_beginning(server, before, after):
    """끊으면 붙잡아 둔 바이트는 어느 쪽에도 가지 않습니다"""
    with socket.create_server((HOST, 0)) as listener:
        proxy = server.open(listener.getsockname()[1])
        with connected(proxy, listener) as (near, far):
            near.sendall(before)
            assert read(far, len(before)) == before
            proxy.hold()
            near.sendall(after)
            far.sendall(after)
            wait_until(lambda: proxy.kept == 2 * len(after), "붙잡기")
            proxy.cut()
            assert (ended(near), ended(far)) == (b"", b"")


def test_what_is_held_stays_and_the_connection_lives(proxy, listening):
    with connected(proxy, listening) as (near, far):
        proxy.hold()
        near.sendall(b"held")
        wait_until(lambda: proxy.kept == 4, "붙잡기")
        far.setblocking(False)
        with pytest.raises(BlockingIOError):
            far.recv(1)
        far.settimeout(BOUND)
        proxy.release()
        assert read(far, 4) == b"held"


def test_a_connection_made_while_held_is_held_too(proxy, listening):
    proxy.hold()
    with connected(proxy, listening) as (near, far):
        near.sendall(b"new")
        wait_until(lambda: proxy.kept == 3, "붙잡기")
        proxy.release()
        assert read(far, 3) == b"new"


def test_a_slow_reader_stops_the_sender(proxy, listening):
    """읽지 않는 쪽이 있어도 프록시가 드는 메모리는 정해져 있습니다."""
    data = os.urandom(32 * 1024 * 1024)
    with connected(proxy, listening) as (near, far):
        proxy.hold()
        sender = threading.Thread(target=near.sendall, args=[data], daemon=True)
        sender.start()
        wait_until(lambda: proxy.kept > MOST_KEPT, "가득 차기")
        assert sender.is_alive()
        assert proxy.kept <= MOST_KEPT + CHUNK
        proxy.release()
        assert read(far, len(data)) == data
        sender.join(BOUND)


# --- 시간 ---


def test_a_delay_is_never_shorter_than_asked(proxy, listening):
    with connected(proxy, listening) as (near, far):
        proxy.delay(0.05)
        began = time.monotonic()
        near.sendall(b"?")
        far.sendall(read(far, 1))
        assert read(near, 1) == b"?"
        assert time.monotonic() - began >= 0.1, "가는 데와 오는 데 저마다 늦어야 합니다"


def test_a_narrow_link_takes_its_time(proxy, listening):
    with connected(proxy, listening) as (near, far):
        proxy.bandwidth(20_000)
        began = time.monotonic()
        near.sendall(bytes(4000))
        read(far, 4000)
        assert time.monotonic() - began >= 0.15


# --- 끊기와 잇기 ---


def test_after_a_cut_nothing_is_accepted_until_healed(proxy, listening):
    with connected(proxy, listening) as (near, far):
        proxy.cut()
        assert (ended(near), ended(far)) == (b"", b"")
    with socket.create_connection((HOST, proxy.port), BOUND) as refused:
        assert ended(refused) == b""
    proxy.heal()
    with connected(proxy, listening) as (near, far):
        near.sendall(b"again")
        assert read(far, 5) == b"again"


@pytest.mark.parametrize("nth", range(20))
def test_a_connection_being_made_is_cut_too(proxy, listening, nth):
    """저쪽과 잇고 있는 연결은 아직 나르는 연결이 아니지만, 그것도 끊깁니다."""
    with socket.create_connection((HOST, proxy.port), BOUND) as near:
        proxy.cut()
        assert ended(near) == b""


def test_an_end_that_stops_sending_can_still_read(proxy, listening):
    with connected(proxy, listening) as (near, far):
        near.sendall(b"last")
        near.shutdown(socket.SHUT_WR)
        assert ended(far) == b"last"
        far.sendall(b"answer")
        assert read(near, 6) == b"answer"


def test_a_dead_server_refuses_and_a_new_one_is_reached_at_the_same_port(server, listening):
    proxy = server.open()
    with socket.create_connection((HOST, proxy.port), BOUND) as refused:
        assert ended(refused) == b""
    proxy.aim(listening.getsockname()[1])
    with connected(proxy, listening) as (near, far):
        near.sendall(b"hi")
        assert read(far, 2) == b"hi"


# --- 누구의 연결인지 ---

GREETING = b"*3\r\n$8\r\nREPLCONF\r\n$14\r\nlistening-port\r\n$4\r\n7777\r\n"


@pytest.mark.parametrize("piece", [1, 7, len(GREETING)])
def test_only_the_replication_of_one_is_held(server, proxy, listening, piece):
    link = server.replication_of(7777)
    with (
        connected(proxy, listening) as (replica, at_primary),
        connected(proxy, listening) as (client, at_server),
    ):
        for start in range(0, len(GREETING), piece):
            part = GREETING[start : start + piece]
            replica.sendall(part)
            assert read(at_primary, len(part)) == part  # 조각이 저마다 도착합니다
        link.hold()
        at_primary.sendall(b"log")
        client.sendall(b"set")
        assert read(at_server, 3) == b"set"
        wait_until(lambda: link.kept == 3, "복제를 붙잡기")
        link.cut()
        assert ended(replica) == b""
        client.sendall(b"get")
        assert read(at_server, 3) == b"get"
    link.heal()
    link.release()


# --- 남지 않습니다 ---


def test_nothing_is_left_after_close(listening):
    with Workspace() as workspace:
        server = ProxyServer(workspace)
        port = server.open(listening.getsockname()[1]).port
        pid = server.pid
        with socket.create_connection((HOST, port), BOUND) as near:
            server.close()
            assert ended(near) == b""
        assert not psutil.pid_exists(pid)
        with socket.socket() as probe:
            assert probe.connect_ex((HOST, port)) != 0


def test_a_proxy_that_died_says_so(listening):
    with Workspace() as workspace:
        server = ProxyServer(workspace)
        proxy = server.open(listening.getsockname()[1])
        psutil.Process(server.pid).kill()
        with pytest.raises(BackendUnavailable, match="프록시가 답하지 않습니다"):
            proxy.hold()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda server: server.open(0),
        lambda server: server.open("6379"),
        lambda server: server.open().aim(70_000),
        lambda server: server.open().delay(-1),
        lambda server: server.open().delay(float("nan")),
        lambda server: server.open().bandwidth(0),
        lambda server: server.replication_of(None),
    ],
)
def test_bad_input_gets_an_answer(server, wrong):
    with pytest.raises(InvalidValue):
        wrong(server)


def test_a_browser_has_no_proxy(monkeypatch):
    with Workspace() as workspace:
        monkeypatch.setattr("ddialab.core.workspace.IN_BROWSER", True)
        with pytest.raises(MissingCapability):
            ProxyServer(workspace)
        monkeypatch.undo()
