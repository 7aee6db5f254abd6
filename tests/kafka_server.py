"""테스트용 Kafka: 브로커 하나를 `make kafka`와 같은 코드로 띄워 모든 워커가 함께 씁니다.

토픽과 그룹은 함께 쓰는 브로커에 있으니 겹치지 않는 이름으로 만들고 지우세요. 죽이거나 멈추려면
`start_brokers`로 따로 띄웁니다(`kafka_home`을 받으면 갖추어져 있습니다).
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import holding
from ddialab.core.errors import LabError
from ddialab.core.kafka import Brokers, KafkaHome, find_kafka, start_brokers
from ddialab.core.workspace import Workspace


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory) -> Iterator[str]:
    """이 테스트 실행이 함께 쓰는 브로커의 주소. 띄우는 데 드는 것이 없으면 건너뜁니다."""
    with shared(holding.common(tmp_path_factory) / "kafka") as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def kafka_home() -> KafkaHome:
    """브로커를 따로 띄울 때 드는 것. 없으면 받고, 받을 수 없으면 건너뜁니다."""
    from kafka.server import equip

    try:
        equip()
        return find_kafka()
    except LabError as error:
        pytest.skip(f"Kafka를 띄울 수 없습니다: {error}")


@contextmanager
def own_brokers(count: int = 3) -> Iterator[Brokers]:
    """이 테스트만 쓰는 브로커들. 죽여도 됩니다. 데이터와 함께 사라집니다."""
    with Workspace() as workspace, start_brokers(workspace, count) as brokers:
        yield brokers


def shared(folder: Path) -> AbstractContextManager[str]:
    """``folder``를 아는 모두가 함께 쓰는 브로커의 주소."""
    return holding.shared(folder, "Kafka", __file__)


def hold(folder: Path) -> None:
    """붙드는 프로세스가 하는 일."""
    from kafka import server

    @contextlib.contextmanager
    def running(_: object, data: Path) -> Iterator[str]:
        with server.running(data) as brokers:
            yield brokers.bootstrap

    holding.hold(folder, server.equip, running)


if __name__ == "__main__":
    hold(Path(sys.argv[1]))
