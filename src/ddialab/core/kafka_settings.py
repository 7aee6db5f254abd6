"""브로커 하나의 자리와 설정 파일."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from ddialab.core.workspace import LOOPBACK

REPLICAS = 3  # 안쪽 토픽(오프셋, 트랜잭션)의 복제본. 브로커가 적으면 그만큼만


class Place(NamedTuple):
    """브로커의 번호, 클라이언트와 컨트롤러의 포트, 데이터의 폴더."""

    number: int
    port: int
    control: int
    data: Path

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def voter(self) -> str:
        return f"{self.number}@{LOOPBACK}:{self.control}"

    def cluster(self) -> str | None:
        """데이터의 폴더에 적힌 클러스터의 이름. 아직 포맷하지 않았으면 None."""
        try:
            text = (self.data / "meta.properties").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        found = re.search(r"^cluster\.id=(\S+)", text, re.MULTILINE)
        return found[1] if found else None


def settings(place: Place, voters: str, brokers: int) -> str:
    """KRaft의 브로커이자 컨트롤러인 노드의 설정. 이 컴퓨터 안에서만 듣습니다."""
    copies = min(brokers, REPLICAS)
    chosen = {
        "process.roles": "broker,controller",
        "node.id": place.number,
        "controller.quorum.voters": voters,
        "listeners": f"PLAINTEXT://{place.address},CONTROLLER://{LOOPBACK}:{place.control}",
        "advertised.listeners": f"PLAINTEXT://{place.address}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": place.data,
        "auto.create.topics.enable": "false",  # 이름을 잘못 적으면 새 토픽이 아니라 오류가 나게
        # 안쪽 토픽들: 적지 않으면 브로커 하나가 복제본 셋을 기다립니다
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 4,
        # 그룹에 들고 나는 것을 곧바로 알아채게
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 500,
        # 죽은 브로커를 곧바로 알아채게. 다시 켠 브로커는 지난 등록이 끝나기를 기다립니다
        "broker.session.timeout.ms": 1000,
        "broker.heartbeat.interval.ms": 200,
        "controller.quorum.election.timeout.ms": 500,
        "controller.quorum.fetch.timeout.ms": 1000,
        # 작은 힙에 맞게(기본은 128 MB), 지운 토픽의 자리를 곧바로 비우게
        "log.cleaner.dedupe.buffer.size": 4 << 20,
        "log.segment.delete.delay.ms": 1000,
    }
    return "".join(f"{name}={escaped(str(value))}\n" for name, value in chosen.items())


def escaped(value: str) -> str:
    r"""설정 파일에 적을 값. Java는 이 파일을 Latin-1로 읽으므로 한글은 ``\uXXXX``로 적습니다."""
    units = value.encode("utf-16-be")
    codes = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
    return "".join(_escaped(code) for code in codes)


def _escaped(code: int) -> str:
    if code == ord("\\"):
        return r"\\"
    return chr(code) if 32 <= code < 127 else f"\\u{code:04x}"
