"""REDIS_URL을 사용하는 실습은 독자의 서버에서 제 키만 다룹니다."""

from __future__ import annotations

import pytest

from ddialab.core.backend import open_redis
from monitoring import foreign, monitored

THEIRS = {"post:1": "남의 글", "likes:1": "7", "ddialab": "이름만 비슷한 것"}


@pytest.fixture(scope="module")
def server():
    """AOF를 켠, 남의 키가 든 서버."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDIALAB_BACKEND", "local")
        with open_redis(persist=True) as opened:
            opened.client.mset(THEIRS)
            yield opened


@pytest.mark.proof(only=True)
@pytest.mark.parametrize(
    "name",
    [
        "01-building-blocks",
        "02-cache-miss",
        "03-composite-system",
        "04-queue-and-log",
        "05-stream-and-batch",
        "10-human-errors",
        "13-percentiles",
    ],
)
def test_a_lab_names_only_its_own_keys(run_lab, server, name):
    """캐시를 쓰는 실습을 남의 키가 든 서버에서 돌리며 MONITOR로 모두 듣습니다"""
    with monitored(server.client) as commands:
        run_lab(name, REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
    assert len(commands) > 100
    assert foreign(commands) == []
    assert {key: server.client.get(key) for key in server.client.keys()} == THEIRS  # noqa: SIM118
