"""진짜 서버들: 저장소의 노드와, 지켜보다가 페일오버하는 센티널.

노드마다 프록시의 문이 하나 있고, 클라이언트도 센티널도 다른 노드도 그 문으로만 들어옵니다. 그래서
죽였다가 다른 포트에 다시 띄워도 주소가 같고, 결함은 모두 프록시에서 냅니다.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from typing import Any

from ddialab.cluster.real.proxy import ProxyServer
from ddialab.core.valkey import start
from ddialab.core.workspace import LOOPBACK, Process, Workspace

SET_NAME = "posts"  # 센티널이 이 저장소를 부르는 이름
FAILOVER_TIMEOUT = 3000  # ms. 페일오버가 도중에 막히면 이만큼 뒤에 그만둡니다
REFUSALS = ("NOGOODSLAVE", "INPROG")  # 옮길 복제본이 없다, 이미 옮기는 중이다
USUAL_PUBLISH = 2000  # ms. 센티널이 서로에게 인사하는 간격의 처음 값
# 뜨는 동안만 인사를 자주 하게 해서 빨리 알아보게 합니다. 계속 그러면 안 됩니다: 이 간격의 네 배가
# 지나도 저만 아는 프라이머리를 복제본으로 되돌리므로, 남의 페일오버를 도중에 뒤집습니다
QUICK_PUBLISH = 200
PERIODS = {  # ms
    "info-period": 1000,  # 노드에게 묻는 간격. 처음 값은 10초이고, 페일오버하는 동안은 늘 1초입니다
    # 끊긴 연결을 다시 잇는 간격. 처음 값은 1초라서, down-after도 1초이면 방금 승진한 노드와 채
    # 이어지기도 전에 죽은 줄 알고 또 페일오버합니다
    "min-link-reconnect-period": 100,
}


class Node:
    """저장소의 노드 하나. ``client``는 프록시를 거치지 않는 관리자의 연결입니다."""

    def __init__(self, name: str, workspace: Workspace, proxies: ProxyServer, binary: str):
        self.name, self._workspace, self._binary = name, workspace, binary
        self.door = proxies.open()
        self.link = proxies.replication_of(self.door.port)
        self.process: Process | None = None
        self.client: Any = None
        self.faults: set[str] = set()
        self._starts = 0

    def start(self, settings: Mapping[str, object], primary: Node | None) -> None:
        """``primary``의 복제본으로(None이면 프라이머리로) 띄우고, 답하면 문을 잇습니다."""
        self._starts += 1
        options = {**settings, **self._own_settings()}
        if primary is not None:
            options["replicaof"] = f"{LOOPBACK} {primary.door.port}"
        if self.client is not None:
            self.client.close()
        log = f"{self.name}-{self._starts}"
        self.process, port, self.client = start(self._workspace, self._binary, options, log)
        self.client.set_retry(_once_more())
        self.door.aim(port)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def well(self) -> bool:
        """살아 있고 아무 결함도 걸려 있지 않은지."""
        return not self.faults and self.alive

    def kill(self) -> None:
        """그 자리에서 죽입니다(SIGKILL). 돌아왔을 때는 프로세스가 없습니다."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(who=f"{self.name}이")
        self.faults.discard("pause")

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        self.faults.add("pause")

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.faults.discard("pause")

    def info(self) -> dict[str, Any]:
        """복제에 대해 스스로 말하는 것(INFO replication)."""
        return self.client.info("replication")

    def _own_settings(self) -> dict[str, object]:
        return {
            "bind": LOOPBACK,
            "dir": self._workspace.folder,
            "dbfilename": f"{self.name}.rdb",
            "appenddirname": f"{self.name}-aof",
            "replica-announce-ip": LOOPBACK,
            "replica-announce-port": self.door.port,
        }


def _once_more() -> Any:
    """센티널은 자리를 바꾼 노드의 연결을 모두 끊으므로, 관리자의 물음은 한 번 더 합니다."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Retry(NoBackoff(), 1)


def settings_of(disk: bool, min_replicas: int) -> dict[str, object]:
    """모든 노드에 같은 설정. 디스크가 없으면 다시 켰을 때 비어 있습니다."""
    return {
        "save": "",
        "appendonly": "yes" if disk else "no",
        "appendfsync": "always",  # 디스크에 적은 다음에 답합니다
        "rdb-del-sync-files": "no" if disk else "yes",
        "repl-diskless-sync": "yes",
        "repl-diskless-sync-delay": 0,  # 복제본이 더 오기를 기다리지 않습니다
        "repl-ping-replica-period": 1,
        "min-replicas-max-lag": 1,
        "min-replicas-to-write": min_replicas,
    }


class Sentinel:
    """센티널 하나."""

    def __init__(self, name: str, workspace: Workspace, binary: str, watched: Node, quorum: int):
        self.name, self._watched = name, watched
        self._file = workspace.folder / f"{name}.conf"
        monitored = f"sentinel monitor {SET_NAME} {LOOPBACK} {watched.door.port} {quorum}\n"
        self._file.write_text(monitored, encoding="ascii")
        first, options = (self._file, "--sentinel"), {"bind": LOOPBACK, "dir": workspace.folder}
        self.process, self.port, self.client = start(workspace, binary, options, name, first)

    def close(self) -> None:
        self.client.close()

    def set(self, down_after: int) -> None:
        """``down_after`` ms 동안 답이 없는 노드를 죽은 것으로 보게 합니다."""
        wanted = {"down-after-milliseconds": down_after, "failover-timeout": FAILOVER_TIMEOUT}
        for name, value in {**wanted, "parallel-syncs": 2}.items():
            self.client.sentinel_set(SET_NAME, name, value)

    def greet_every(self, ms: int) -> None:
        """다른 센티널에게 ``ms``마다 인사하게 합니다. 나머지 간격은 `PERIODS`입니다."""
        for name, value in {**PERIODS, "publish-period": ms}.items():
            self.client.execute_command("SENTINEL DEBUG", name, value)

    def names(self) -> int | None:
        """프라이머리라고 말하는 문의 포트. 모르면 None."""
        said = self.client.sentinel_get_master_addr_by_name(SET_NAME)
        return None if said is None else int(said[1])

    def failover(self, coordinated: bool) -> bool:
        """프라이머리를 옮기기 시작하게 합니다. 옮길 복제본이 없거나 이미 옮기는 중이면 거짓."""
        import redis

        options = ("COORDINATED",) if coordinated else ()
        try:
            self.client.execute_command("SENTINEL FAILOVER", SET_NAME, *options)
        except redis.ResponseError as error:
            if str(error).startswith(REFUSALS):
                return False
            raise
        return True

    @property
    def is_moving(self) -> bool:
        """페일오버를 하는 중인지."""
        return "failover_in_progress" in self.client.sentinel_master(SET_NAME)["flags"]

    def has_heard(self, node: Node, offset: int) -> bool:
        """``node``가 ``offset``까지 받은 줄 아는지. 가끔(INFO) 묻는 것이라 늦게 압니다."""
        known = {one["port"]: one for one in self.client.sentinel_slaves(SET_NAME)}
        return known[node.door.port]["slave-repl-offset"] >= offset

    def knows(self, replicas: Sequence[Node], others: int) -> bool:
        """다른 센티널과 ``replicas``를 모두 알고 있고, 모두 멀쩡하다고 보는지."""
        about = self.client.sentinel_master(SET_NAME)
        seen = {one["port"]: one["flags"] for one in self.client.sentinel_slaves(SET_NAME)}
        peers = [one["flags"].split(",") for one in self.client.sentinel_sentinels(SET_NAME)]
        return (
            not about["is_sdown"]
            and all(seen.get(node.door.port) == "slave" for node in replicas)
            and sum("s_down" not in flags for flags in peers) >= others
        )
