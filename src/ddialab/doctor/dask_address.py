"""DASK_SCHEDULER: 닿는지, Dask로 답하는지. 연결하지 않고 첫마디만 듣습니다."""

from __future__ import annotations

from contextlib import suppress

from ddialab.core.dask_address import TODO, read_dask_scheduler
from ddialab.core.errors import BackendUnavailable
from ddialab.doctor import stranger
from ddialab.doctor.finding import Finding, bad, good, misread, warn
from ddialab.doctor.outside import SECONDS, Unreachable, connect

HELLO = b"pickle-protocol"  # Dask는 먼저 말을 겁니다. 그 첫마디에 든 이름입니다
ANSWER = SECONDS  # 초. Dask가 아닌 서버는 먼저 말하지 않고 기다립니다
LONGEST = 1 << 16  # 바이트. 이보다 긴 첫마디는 Dask의 것이 아닙니다
START = "dask scheduler로 띄우거나 주소를 고치세요: DASK_SCHEDULER=tcp://호스트:8786"
CERTIFICATES = "Dask의 설정(distributed.comm.tls)에 인증서를 적었는지 확인하세요"
OTHER = {
    stranger.HTTP: ("웹 화면(HTTP)의 포트입니다", TODO),
    stranger.REDIS: ("Redis입니다", "REDIS_URL에 적으세요"),
    stranger.POSTGRES: ("PostgreSQL입니다", "DATABASE_URL에 적으세요"),
    stranger.TLS: ("TLS로만 이야기하는 포트입니다", "tcp:// 대신 tls://로 적으세요"),
    "": ("Dask의 스케줄러로 답하지 않습니다", START),
}


def check(text: str) -> Finding:
    """``text``의 스케줄러를 두드려 본 결과 한 줄."""
    try:
        address = read_dask_scheduler(text)
    except BackendUnavailable as error:
        return misread(error)
    scheme, _, place = address.partition("://")
    host, port = place.rpartition(":")[0].strip("[]"), int(place.rpartition(":")[2])
    where = f"DASK_SCHEDULER({address})"
    try:
        connect(host, port).close()
    except Unreachable as error:
        return bad(f"{where}: {error}", START)
    if scheme == "tls":
        return _with_tls(where, host, port)
    if HELLO in _first_words(host, port):
        return good(f"{where}: Dask, 실습이 쓸 수 있습니다")
    what, todo = OTHER[stranger.kind(host, port)]
    return bad(f"{where}: {what}", todo)


def _with_tls(where: str, host: str, port: int) -> Finding:
    """인증서는 Dask의 설정에 있어, 닿는 데까지만 봅니다."""
    if stranger.speaks_tls(host, port):
        return warn(f"{where}: TLS로 닿습니다. 인증서는 보지 않았습니다", CERTIFICATES)
    return bad(f"{where}: TLS로 답하지 않습니다", "tls:// 대신 tcp://로 적으세요")


def _first_words(host: str, port: int) -> bytes:
    """그 서버가 먼저 하는 말. 말이 없으면 `ANSWER`초를 기다리다 그만둡니다."""
    said = b""
    with suppress(Unreachable, OSError), connect(host, port) as link:
        link.settimeout(ANSWER)
        while HELLO not in said and len(said) < LONGEST:
            more = link.recv(4_096)
            if not more:
                break
            said += more
    return said
