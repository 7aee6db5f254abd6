"""테스트용 PostgreSQL과 그 앞의 풀러(pgbouncer): 임시 폴더에 띄우고 끝나면 지웁니다.

실행 파일이 없으면 건너뜁니다.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from ddialab.core.errors import MissingCapability
from ddialab.core.postgresql import NOBODY, OWNER, open_home, start, stop, url_of
from waiting import wait_until

WARM = 4  # 풀러가 데워 두는 연결의 수
USER = {"user": NOBODY} if NOBODY else {}
TOUCHED = "the table of the reader was touched"
# 읽기만 해도 서버의 로그에 남는 남의 테이블. 행마다 보이는지 물을 때 한 줄을 적습니다
POSTS_OF_THE_READER = f"""
CREATE TABLE public.posts (id bigint PRIMARY KEY, author text, text text, deleted boolean);
INSERT INTO public.posts SELECT n, 'reader', 'mine ' || n, false FROM generate_series(1, 1000) n;
CREATE FUNCTION public.tell() RETURNS boolean LANGUAGE plpgsql AS
  $$ BEGIN RAISE LOG '{TOUCHED}'; RETURN true; END $$;
CREATE POLICY told ON public.posts USING (public.tell());
ALTER TABLE public.posts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.posts FORCE ROW LEVEL SECURITY;
"""


class Address(str):
    """관리자로 연결하는 주소. ``port``와, 받은 문장이 모두 적히는 ``log`` 파일이 붙어 있습니다."""

    port: int
    log: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _folder() -> Iterator[Path]:
    # 기본 임시 폴더의 경로가 길면 유닉스 소켓 이름의 한도(107바이트)를 넘습니다
    folder = tempfile.mkdtemp(prefix="ddia-pg-", dir="/tmp")
    try:
        if USER:
            shutil.chown(folder, "nobody")
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[Address]:
    with open_home() as home:
        settings = {"log_statement": "all", "log_line_prefix": "%d|%p|"}
        try:
            process, port = start(home, "s3cret", settings, auth="trust")
        except MissingCapability as missing:
            pytest.skip(str(missing))
        url = Address(url_of(port, OWNER, "s3cret"))
        url.port, url.log = port, process.log
        yield url
        stop(process)


class Pooled(NamedTuple):
    """풀러를 거치는 주소와, 그 뒤에 있는 독자의 데이터베이스."""

    url: str
    direct: str
    name: str
    log: Path

    def statements(self) -> list[str]:
        """이 데이터베이스가 풀러에게서 받은 문장들. 여러 줄은 한 줄로 잇습니다."""
        text = re.sub(r"\n\t", " ", self.log.read_text(errors="replace"))
        told = rf"^{self.name}\|\d+\|LOG:  (?:statement|execute [^:]*): (.*)$"
        return re.findall(told, text, re.MULTILINE)

    def touched(self) -> int:
        """독자의 테이블이 읽히거나 고쳐진 횟수."""
        lines = self.log.read_text(errors="replace").splitlines()
        return sum(line.startswith(f"{self.name}|") and line.endswith(TOUCHED) for line in lines)

    def rows(self) -> tuple:
        """독자의 테이블의 (행 수, 내용의 해시). 읽은 것도 `touched`에 남으니 마지막에 부릅니다."""
        sql = "SELECT count(*), md5(string_agg(posts::text, '' ORDER BY id)) FROM public.posts"
        with psycopg.connect(self.direct) as driver:
            return driver.execute(sql).fetchone()

    def schemas(self) -> set[str]:
        """남아 있는 실습의 스키마들."""
        with psycopg.connect(self.direct) as driver:
            names = driver.execute("SELECT nspname FROM pg_namespace").fetchall()
        return {name for (name,) in names if name.startswith("ddialab")}


def _prepared_settings() -> list[int | None]:
    """풀러가 준비한 문장을 나르는 수: 1.21부터 고를 수 있습니다."""
    told = subprocess.run(["pgbouncer", "--version"], capture_output=True, text=True).stdout
    version = tuple(map(int, re.search(r"(\d+)\.(\d+)", told).groups()))
    return [0, 100] if version >= (1, 21) else [None]


@pytest.fixture(
    scope="module", params=_prepared_settings() if shutil.which("pgbouncer") else [None]
)
def pooled(request, postgres_url) -> Iterator[Pooled]:
    """트랜잭션마다 다른 연결을 주는 pgbouncer. 연결마다 남의 설정과 임시 테이블이 남아 있습니다."""
    if shutil.which("pgbouncer") is None:
        pytest.skip("pgbouncer가 없습니다(apt install pgbouncer).")
    name = f"reader_{os.getpid()}_{_free_port()}"
    with psycopg.connect(postgres_url, autocommit=True) as driver:
        driver.execute(f"CREATE ROLE {name} LOGIN")
        driver.execute(f"CREATE DATABASE {name} OWNER {name}")
    direct = f"postgresql://{name}:s3cret@127.0.0.1:{postgres_url.port}/{name}"
    with psycopg.connect(direct) as driver:
        driver.execute(POSTS_OF_THE_READER)
    with bouncer(name, postgres_url.port, request.param) as port:
        url = f"postgresql://{name}:s3cret@127.0.0.1:{port}/{name}"
        _warm(url)
        yield Pooled(url, direct, name, postgres_url.log)


@contextmanager
def bouncer(
    name: str, server: int, prepared: int | None = None, mode: str = "transaction"
) -> Iterator[int]:
    with _folder() as folder:
        port = _free_port()
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n{name} = host=127.0.0.1 port={server} user={name}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = {mode}\ndefault_pool_size = {WARM}\nmin_pool_size = {WARM}\n"
            "server_round_robin = 1\n"
            + (f"max_prepared_statements = {prepared}\n" if prepared is not None else "")
        )
        log = (folder / "pgbouncer.log").open("w")
        process = subprocess.Popen(["pgbouncer", settings], stdout=log, stderr=log, cwd="/", **USER)
        try:
            wait_until(lambda: _listens(port) or process.poll() is not None, "pgbouncer가 뜸")
            assert process.poll() is None, (folder / "pgbouncer.log").read_text()
            yield port
        finally:
            process.kill()
            process.wait()
            log.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _warm(url: str) -> None:
    """연결 넷을 한꺼번에 잡아 데우고, 다른 프로그램이 쓰던 흔적을 남깁니다."""
    with ExitStack() as stack:
        drivers = [stack.enter_context(psycopg.connect(url)) for _ in range(WARM)]
        pids = {driver.execute("SELECT pg_backend_pid()").fetchone() for driver in drivers}
        assert len(pids) == WARM
        for n, driver in enumerate(drivers):
            driver.execute("SET search_path TO public")
            if n % 2:
                driver.execute("CREATE TEMP TABLE posts AS SELECT 0 AS id, 'temp' AS author")
                driver.execute("CREATE TEMP TABLE strangers AS SELECT 0 AS id")
