"""`make kafka`의 브로커들: 데이터의 폴더를 혼자 쓰고, 띄우고, 버립니다."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ddialab.core.errors import BackendUnavailable, check_integer
from ddialab.core.java import PORT_TAKEN, find_java
from ddialab.core.kafka import Brokers, find_kafka, start_brokers
from ddialab.core.workspace import Workspace
from jvm.folder import check_room, owned
from jvm.java import settle
from jvm.memory import check_memory
from jvm.ports import check_free, free
from jvm.progress import tell
from kafka.archive import prepare
from kafka.jars import fetch

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache/kafka"
DATA = CACHE / "data"
MEMORY = 250 << 20  # 바이트. 브로커 하나가 뜨고 조금 일하는 데 드는 메모리
ROOM = 100 << 20  # 바이트. 메시지를 둘 최소한의 공간
LOCKS = "broker-*/.lock"  # 브로커가 실행되는 동안 잠가 둡니다
PORTS = range(9092, 9192)  # 포트를 정하지 않았을 때


def equip(count: int = 1) -> None:
    """Java와 jar와 메모리를 갖춥니다. 이 컴퓨터에 없는 것이 있으면 그것을 말하는 `LabError`."""
    check_memory(count * MEMORY)
    if os.environ.get("KAFKA_LIBS", "").strip():  # 독자의 jar가 있으면 받지 않습니다
        find_kafka()
        return
    settle(find_java())
    fetch(CACHE)
    prepare(find_kafka(), CACHE)


@contextlib.contextmanager
def running(data: Path, count: int = 1, port: int | None = None) -> Iterator[Brokers]:
    """메시지를 ``data``에 두는 브로커 ``count``개. ``port``가 없으면 9092부터 빈 포트를 찾습니다.

    뜨지 못하면 까닭을 담은 `LabError`입니다.
    """
    with owned(data, "Kafka", LOCKS) as note:
        check_room(data, ROOM)
        tell("Kafka를 띄웁니다(5~10초쯤).")
        with Workspace() as workspace, _started(workspace, data, count, port) as brokers:
            note.write(brokers.bootstrap)
            note.flush()
            yield brokers


def _started(workspace: Workspace, data: Path, count: int, chosen: int | None) -> Brokers:
    """독자가 고른 번호부터 차례로, 없으면 9092부터 빈 번호들에 띄웁니다."""
    if chosen is not None:
        check_integer("PORT", chosen, 1, 65536 - count)
        ports = [check_free(port) for port in range(chosen, chosen + count)]
        return start_brokers(workspace, count, data, ports)
    usual = free(PORTS)[:count]
    try:
        return start_brokers(workspace, count, data, usual if len(usual) == count else None)
    except BackendUnavailable as error:  # 고른 사이에 다른 Kafka가 차지했으면 아무 번호나
        if PORT_TAKEN not in error.problem:
            raise
    return start_brokers(workspace, count, data)


def discard(root: Path) -> bool:
    """``root`` 아래의 모든 데이터를 버립니다. 버린 것이 있으면 참입니다.

    실행 중인 것이 하나라도 있으면 아무것도 버리지 않고 `BackendUnavailable`입니다.
    """
    kept = sorted(path.parent for path in root.glob("*/broker-0"))
    with contextlib.ExitStack() as stack:
        for folder in kept:
            stack.enter_context(owned(folder, "Kafka", LOCKS))
        for folder in kept:
            for broker in folder.glob("broker-*"):
                shutil.rmtree(broker)
    return bool(kept)
