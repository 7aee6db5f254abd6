"""진찰: Dask 스케줄러의 주소. 진짜 스케줄러와, 그 자리에 흔히 적는 다른 서버들."""

from __future__ import annotations

import pytest

from answering import answering, self_signed
from ddialab.core.workspace import free_port
from ddialab.doctor import dask_address
from ddialab.doctor.finding import BAD, GOOD, WARN
from test_doctor import SECRET, expect, line

check = dask_address.check


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """먼저 말하지 않는 서버는 아무리 기다려도 말하지 않으므로 조금만 기다립니다."""
    monkeypatch.setattr(dask_address, "ANSWER", 0.2)


def test_a_real_scheduler(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(dask_address, "ANSWER", 60)
    with LocalCluster(n_workers=0, processes=False, protocol="tcp", host="127.0.0.1",
                      dashboard_address=":0") as running:  # fmt: skip
        address = running.scheduler_address
        expect(check(address), GOOD, f"DASK_SCHEDULER({address}): Dask, 실습이 쓸 수 있습니다")


def test_nobody_listens_and_a_name_nobody_knows():
    expect(check(f"tcp://127.0.0.1:{free_port()}"), BAD, "받는 서버가 없음", "dask scheduler")
    expect(check("tls://no-such-host.invalid:8786"), BAD, "그런 이름의 호스트를", "주소를 고치세요")


@pytest.mark.parametrize(
    ("said", "why", "todo"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "웹 화면(HTTP)의 포트", "dask scheduler를"),
        (b"-NOAUTH Authentication required.\r\n", "Redis입니다", "REDIS_URL"),
        (b"N", "PostgreSQL입니다", "DATABASE_URL"),
        (b"\0\0\0\5hello", "스케줄러로 답하지 않습니다", "tcp://호스트:8786"),
        (b"", "스케줄러로 답하지 않습니다", "tcp://호스트:8786"),
    ],
)
def test_what_is_not_a_scheduler(said, why, todo):
    with answering(said) as (port, _):
        expect(check(f"tcp://127.0.0.1:{port}"), BAD, why, todo)


def test_tls_is_only_reached(tmp_path):
    with answering(b"x", self_signed(tmp_path)) as (port, _):
        expect(check(f"tls://127.0.0.1:{port}"), WARN, "인증서는 보지 않았습니다", "tls")
        expect(check(f"tcp://127.0.0.1:{port}"), BAD, "TLS로만", "tls://로 적으세요")
    with answering(b"x" * 99) as (port, _):
        expect(check(f"tls://127.0.0.1:{port}"), BAD, "TLS로 답하지", "tcp://로 적으세요")


def test_an_address_that_cannot_be_read():
    expect(check("127.0.0.1:8786"), BAD, "DASK_SCHEDULER=127.0.0.1:8786", "tcp://호스트:포트")
    expect(check("tcp://h:0"), BAD, "DASK_SCHEDULER=tcp://h:0", "tcp://호스트:포트")
    expect(check(f"postgresql://me:{SECRET}@h/d"), BAD, "주소로 읽을 수 없습니다", "tcp://호스트")


def test_no_address_is_fine(monkeypatch):
    for name in ("DDIALAB_BACKEND", "REDIS_URL", "DATABASE_URL", "OPENSEARCH_URL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "")
    monkeypatch.setenv("DASK_SCHEDULER", " '' ")
    expect(line("DASK_SCHEDULER"), GOOD, "적지 않았습니다")
    monkeypatch.setenv("DASK_SCHEDULER", "'8786'")
    expect(line("DASK_SCHEDULER"), BAD, "DASK_SCHEDULER='8786'", "dask scheduler")
