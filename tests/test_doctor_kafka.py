"""진찰: Kafka의 주소. 아는 고장을 진짜 소켓으로 하나씩 내 보고, 까닭과 할 일을 말하는지 봅니다."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from answering import answering, self_signed
from ddialab.core.valkey import shipped_binary, start
from ddialab.core.workspace import Workspace, free_port
from ddialab.doctor import kafka_address
from ddialab.doctor.finding import BAD, GOOD, WARN
from kafka_server import kafka_bootstrap  # noqa: F401 - 픽스처입니다
from postgres_server import postgres_url  # noqa: F401 - 픽스처입니다
from test_doctor import SECRET, expect, line

check = kafka_address.check


@pytest.fixture
def quick(monkeypatch) -> None:
    """먼저 묻기를 기다리는 서버는 아무리 기다려도 답하지 않으므로 조금만 기다립니다."""
    monkeypatch.setattr(kafka_address, "ANSWER", 0.2)


def answer(body: bytes) -> bytes:
    return struct.pack(">ii", len(body) + 4, 1) + body


def versions(*keys: int, error: int = 0) -> bytes:
    rows = b"".join(struct.pack(">hhh", key, 0, 9) for key in keys)
    return answer(struct.pack(">hi", error, len(keys)) + rows)


def metadata(*places: str) -> bytes:
    rows = b""
    for number, place in enumerate(places):
        host, _, port = place.rpartition(":")
        name = struct.pack(">h", len(host)) + host.encode()
        rows += struct.pack(">i", number) + name + struct.pack(">ih", int(port), -1)
    return answer(struct.pack(">i", len(places)) + rows + struct.pack(">ii", 0, 0))


@contextmanager
def broker(*others: str, keys: tuple[int, ...] = (0, 1, 3, 18)) -> Iterator[str]:
    """자기와 ``others``를 알려 주는 가짜 브로커의 주소."""

    with answering(lambda asked: _reply(asked, places, keys)) as (port, _):
        places = [f"127.0.0.1:{port}", *others]
        yield places[0]


def _reply(asked: bytes, places: list[str], keys: tuple[int, ...]) -> bytes:
    (key,) = struct.unpack_from(">h", asked, 4)
    return versions(*keys) if key == 18 else metadata(*places)


def test_a_broker_that_answers_and_names_itself():
    with broker() as place:
        expect(check(place), GOOD, f"KAFKA_BOOTSTRAP({place}): Kafka, 브로커 1개")
    with broker() as second, broker(second) as first:
        expect(check(f"{first},{second}"), GOOD, "브로커 2개, 실습이 쓸 수 있습니다")


def test_nobody_listens_and_a_name_nobody_knows():
    expect(check(f"127.0.0.1:{free_port()}"), BAD, "받는 서버가 없음", "make kafka")
    expect(check("no-such-host.invalid:9092"), BAD, "그런 이름의 호스트를", "make kafka")


def test_one_of_several_is_down():
    down = f"127.0.0.1:{free_port()}"
    with broker() as place:
        found = check(f"{down},{place}")
    expect(found, WARN, f"KAFKA_BOOTSTRAP({down}): 연결할 수 없습니다", "그 브로커를 켜거나")
    assert "나머지 1개로 실습할 수 있습니다" in found.what
    expect(check(f"{down},127.0.0.1:1"), BAD, "받는 서버가 없음", "make kafka")


def test_a_broker_that_gives_an_address_nobody_reaches():
    """도커 안의 이름을 알려 주는 브로커: 접속은 되지만 메시지는 보낼 수 없습니다."""
    with broker("kafka.invalid:9092") as place:
        found = check(place)
    expect(found, BAD, "알려 주는 주소 kafka.invalid:9092에", "advertised.listeners")
    with broker("::1:1") as place:
        expect(check(place), BAD, "알려 주는 주소 [::1]:1에", "advertised.listeners")


def test_the_port_of_a_controller():
    with broker(keys=(18, 52, 53)) as place:
        expect(check(place), BAD, "컨트롤러의 포트", "브로커의 주소")


def test_a_port_that_wants_a_password():
    """SASL: 버전은 알려 주고, 그다음 물음에는 답하지 않고 끊습니다."""
    asked = iter([versions(0, 3, 18), b""])
    with answering(lambda _: next(asked)) as (port, _):
        expect(check(f"127.0.0.1:{port}"), BAD, "SASL", "PLAINTEXT")


def test_a_port_that_speaks_only_tls(tmp_path):
    with answering(b"x", self_signed(tmp_path)) as (port, _):
        expect(check(f"127.0.0.1:{port}"), BAD, "TLS로만", "PLAINTEXT")


@pytest.mark.parametrize(
    ("said", "why", "todo"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "웹 서버(HTTP)", "포트"),
        (b"<!DOCTYPE HTML>", "웹 서버(HTTP)", "포트"),
        (b"-NOAUTH Authentication required.\r\n", "Redis입니다", "REDIS_URL"),
        (b"N", "PostgreSQL입니다", "DATABASE_URL"),
        (b"\0\0\0\5hello", "Kafka 프로토콜로 답하지 않습니다", "make kafka"),
        (b"\x7f\xff\xff\xff" * 9, "Kafka 프로토콜로 답하지 않습니다", "make kafka"),
        (versions(error=35), "Kafka 프로토콜로 답하지 않습니다", "make kafka"),
        (answer(b""), "Kafka 프로토콜로 답하지 않습니다", "make kafka"),
        (answer(struct.pack(">hi", 0, 1 << 30)), "Kafka 프로토콜로", "make kafka"),
        (b"", "Kafka 프로토콜로 답하지 않습니다", "make kafka"),
    ],
)
def test_what_is_not_kafka(quick, said, why, todo):
    with answering(said) as (port, _):
        expect(check(f"127.0.0.1:{port}"), BAD, why, todo)


def test_brokers_that_cannot_be_read():
    answers = iter([versions(0, 3, 18), answer(struct.pack(">iih", 1, 0, 9999))])
    with answering(lambda _: next(answers)) as (port, _):
        expect(check(f"127.0.0.1:{port}"), BAD, "SASL")
    empty = iter([versions(0, 3, 18), metadata()])
    with answering(lambda _: next(empty)) as (port, _):
        expect(check(f"127.0.0.1:{port}"), BAD, "요청을 받는 브로커가 없습니다", "기록")


# ── 진짜 서버들 ───────────────────────────────────────────────────


def test_a_real_web_server(quick):
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        expect(check(f"127.0.0.1:{server.server_port}"), BAD, "웹 서버(HTTP)", "포트")
        server.shutdown()


@pytest.mark.skipif(shipped_binary() is None, reason="Valkey가 없습니다")
def test_a_real_redis(quick):
    with Workspace() as workspace:
        _, port, client = start(workspace, shipped_binary(), {"save": ""})
        expect(check(f"127.0.0.1:{port}"), BAD, "Redis입니다", "REDIS_URL")
        client.close()


def test_a_real_postgres(postgres_url):  # noqa: F811
    expect(check(f"127.0.0.1:{postgres_url.port}"), BAD, "PostgreSQL입니다", "DATABASE_URL")


def test_a_real_kafka(kafka_bootstrap):  # noqa: F811
    expect(check(kafka_bootstrap), GOOD, "Kafka, 브로커 1개, 실습이 쓸 수 있습니다")


# ── 주소 ──────────────────────────────────────────────────────────


def test_an_address_that_cannot_be_read():
    expect(check(f"me:{SECRET}@h:9092"), BAD, "@가 있음", "PLAINTEXT")
    expect(check("localhost"), BAD, "KAFKA_BOOTSTRAP=localhost", ":9092처럼")


def test_no_address_is_fine(monkeypatch):
    for name in ("DDIALAB_BACKEND", "REDIS_URL", "DATABASE_URL", "OPENSEARCH_URL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", " '' ")
    last = line("KAFKA_BOOTSTRAP")
    expect(last, GOOD, "KAFKA_BOOTSTRAP: 적지 않았습니다")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "'redis://h'")
    last = line("KAFKA_BOOTSTRAP")
    expect(last, BAD, "Redis의 주소", "REDIS_URL에")
