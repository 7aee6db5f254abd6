"""진찰의 차례: 이 컴퓨터, pip, 포트, 도구들, 독자가 적은 주소들."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ddialab.core.address import unquoted
from ddialab.doctor import (
    dask_address,
    kafka_address,
    machine,
    network,
    opensearch_address,
    ports,
    postgres_address,
    redis_address,
    tools,
)
from ddialab.doctor.finding import BAD, Finding, bad, good

BACKENDS = ("embedded", "local", "remote")


def repository() -> Path:
    """진찰할 폴더: 이 파일이 든 저장소, 패키지만 설치했으면 지금 폴더."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "Makefile").is_file() else Path.cwd()


def examine(root: Path) -> Iterator[Finding]:
    yield machine.python()
    yield machine.venv()
    yield machine.path(root)
    yield machine.writable(root)
    yield machine.disk(root)
    yield machine.file_system(root)
    yield machine.environment(root)
    yield from network.pip(installed=(root / ".venv/.ready").exists())
    yield from ports.ports(os.environ.get("DOCTOR_PORT", os.environ.get("PORT", "")))
    yield from (tools.npm(), tools.chromium(), tools.bubblewrap(), tools.seccomp())
    yield from (tools.postgres(), tools.valkey(root), tools.java())
    yield from addresses()


def addresses() -> Iterator[Finding]:
    """독자가 적은 주소들. 적지 않았으면 할 말이 없습니다."""
    forced = os.environ.get("DDIALAB_BACKEND", "").strip()
    url, database = (unquoted(os.environ.get(name, "")) for name in ("REDIS_URL", "DATABASE_URL"))
    if forced and forced not in BACKENDS:
        yield bad(f"DDIALAB_BACKEND={forced}: 모르는 값입니다", "unset DDIALAB_BACKEND")
    if forced == "remote" and not url:
        yield bad("DDIALAB_BACKEND=remote인데 REDIS_URL이 없습니다", redis_address.FORM)
    unset = "REDIS_URL: 적지 않았습니다. 실습이 서버를 띄웁니다"
    yield redis_address.check(url) if url else good(unset)
    unset = "DATABASE_URL: 적지 않았습니다. SQLite를 사용합니다"
    yield postgres_address.check(database) if database else good(unset)
    search = unquoted(os.environ.get("OPENSEARCH_URL", ""))
    unset = "OPENSEARCH_URL: 적지 않았습니다. SQLite의 전문 검색을 사용합니다"
    yield opensearch_address.check(search) if search else good(unset)
    brokers = unquoted(os.environ.get("KAFKA_BOOTSTRAP", ""))
    unset = "KAFKA_BOOTSTRAP: 적지 않았습니다. 이 컴퓨터의 파일을 사용합니다"
    yield kafka_address.check(brokers) if brokers else good(unset)
    scheduler = unquoted(os.environ.get("DASK_SCHEDULER", ""))
    unset = "DASK_SCHEDULER: 적지 않았습니다. 이 컴퓨터에서 일괄 처리를 합니다"
    yield dask_address.check(scheduler) if scheduler else good(unset)


def main() -> int:
    """한 줄에 하나씩 말합니다. 고칠 것이 없으면 0, 있으면 1을 돌려줍니다."""
    wrong = 0
    sys.stdout.reconfigure(errors="replace")  # 한글을 모르는 화면에서도 끝까지 말합니다
    for finding in examine(repository()):
        print(finding, flush=True)
        wrong += finding.level == BAD
    print(f"고칠 문제가 {wrong}개 있습니다." if wrong else "고칠 문제가 없습니다.")
    return 1 if wrong else 0
