"""데이터베이스를 쓰는 실습은 PostgreSQL에서도 같은 수를 냅니다."""

from __future__ import annotations

import pytest

from postgres_server import postgres_url  # noqa: F401

TIMED = ("-ms",)  # 잰 시간은 서버마다 다릅니다


@pytest.mark.proof(only=True)
@pytest.mark.parametrize("name", ["10-human-errors", "19-evolvability"])
def test_postgres_teaches_the_same(run_lab, committed, postgres_url, name):  # noqa: F811
    """데이터베이스를 쓰는 실습을 PostgreSQL에서 돌립니다"""
    run, known = run_lab(name, DATABASE_URL=postgres_url), committed(name)[1]
    assert "PostgreSQL" in run.text
    counts = {key for key in known if not key.endswith(TIMED)}
    assert {key: run.results[key] for key in counts} == {key: known[key] for key in counts}
