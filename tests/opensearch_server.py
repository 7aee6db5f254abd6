"""테스트용 OpenSearch: `make opensearch`와 같은 코드로 한 번만 띄워 모든 워커가 함께 씁니다.

색인은 함께 쓰는 서버에 있으니 겹치지 않는 이름으로 만들고 지우세요.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

import holding


@pytest.fixture(scope="session")
def opensearch_url(tmp_path_factory) -> Iterator[str]:
    """이 테스트 실행이 함께 쓰는 OpenSearch의 주소. 띄우는 데 드는 것이 없으면 건너뜁니다."""
    with shared(holding.common(tmp_path_factory) / "opensearch") as url:
        yield url


def shared(folder: Path) -> AbstractContextManager[str]:
    """``folder``를 아는 모두가 함께 쓰는 서버의 주소."""
    return holding.shared(folder, "OpenSearch", __file__)


def hold(folder: Path) -> None:
    """붙드는 프로세스가 하는 일."""
    from opensearch import server

    @contextlib.contextmanager
    def running(equipment: server.Equipment, data: Path) -> Iterator[str]:
        with server.running(equipment, data) as started:
            yield started.url

    holding.hold(folder, server.equip, running)


if __name__ == "__main__":
    hold(Path(sys.argv[1]))
