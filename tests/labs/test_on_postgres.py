"""데이터베이스를 쓰는 실습은 PostgreSQL에서도 같은 수를 내고, 남의 테이블에는 손대지 않습니다."""

from __future__ import annotations

import pytest

from postgres_server import pooled, postgres_url  # noqa: F401
from statement_names import strangers

TIMED = ("-ms",)  # 잰 시간은 서버마다 다릅니다


@pytest.mark.proof(only=True)
@pytest.mark.parametrize("name", ["03-composite-system", "10-human-errors", "19-evolvability"])
def test_postgres_teaches_the_same(run_lab, committed, pooled, name):  # noqa: F811
    """데이터베이스를 쓰는 실습을 풀러(pgbouncer) 뒤의 PostgreSQL에서 돌립니다"""
    before, touched = len(pooled.statements()), pooled.touched()
    run, known = run_lab(name, DATABASE_URL=pooled.url), committed(name)[1]
    assert "PostgreSQL" in run.text
    counts = {key for key in known if not key.endswith(TIMED)}
    assert {key: run.results[key] for key in counts} == {key: known[key] for key in counts}
    sent = pooled.statements()[before:]
    assert len(sent) > 100
    typed = {sql for sql in strangers(sent) if not sql.startswith("DELETE FROM posts")}
    assert typed == set(), "스키마 없이 보낸 것은 실습의 셀이 콘솔처럼 친 DELETE뿐입니다"
    assert pooled.touched() == touched, "독자의 테이블은 읽지도 고치지도 않았습니다"
    assert pooled.schemas() == set(), "실습이 만든 스키마는 남지 않았습니다"
