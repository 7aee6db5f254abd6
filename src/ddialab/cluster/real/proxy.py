"""작은 결함 프록시: 이 컴퓨터의 포트 하나의 앞에 서서 늦추고, 붙잡고, 좁히고, 끊습니다.

클라이언트와 서버는 프록시가 있는 줄 모릅니다. 서버를 죽이지 않고도 네트워크의 결함을 일부러
만들 수 있고, 되돌리면 쌓아 둔 바이트가 하나도 바뀌지 않고 차례대로 갑니다.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import sys
import threading
from typing import Any

from ddialab.core.errors import BackendUnavailable, check_integer, check_number, check_positive
from ddialab.core.workspace import LOOPBACK, Process, Workspace

PATIENCE = 30.0  # 초. 프록시의 답을 기다리는 시간
WORKER = "ddialab.cluster.real.forwarding"


class Faulty:
    """결함을 걸 수 있는 것 하나. 걸어 둔 결함은 나중에 생긴 연결에도 걸립니다."""

    def __init__(self, server: ProxyServer, name: str):
        self._server, self._name = server, name

    def delay(self, seconds: float) -> None:
        """바이트가 한쪽으로 가는 데 ``seconds``초가 더 걸립니다. 0이면 늦추지 않습니다."""
        self._set(delay=check_number("seconds", seconds, 0))

    def hold(self) -> None:
        """바이트를 붙잡습니다. 연결은 살아 있고 바이트는 `release`까지 쌓여 있습니다."""
        self._set(held=True)

    def release(self) -> None:
        """붙잡아 둔 것을 온 차례대로 보냅니다."""
        self._set(held=False)

    def cut(self) -> None:
        """연결을 모두 끊고(붙잡아 둔 바이트도 버립니다) 새 연결을 받지 않습니다."""
        self._set(cut=True)

    def heal(self) -> None:
        """다시 연결을 받습니다. 끊긴 연결은 돌아오지 않습니다."""
        self._set(cut=False)

    def bandwidth(self, bytes_per_second: float | None) -> None:
        """한쪽으로 초마다 ``bytes_per_second``바이트까지만 보냅니다. None이면 좁히지 않습니다."""
        narrow = bytes_per_second is not None
        most = check_positive("bytes_per_second", bytes_per_second) if narrow else 0.0
        self._set(bandwidth=most)

    @property
    def kept(self) -> int:
        """받아 놓고 아직 보내지 않은 바이트."""
        return self._server.ask("kept", name=self._name)

    def _set(self, **changes: Any) -> None:
        self._server.ask("set", name=self._name, **changes)


class Proxy(Faulty):
    """``port``로 들어온 연결을 다른 포트로 이어 주는 문. `ProxyServer.open`이 엽니다."""

    def __init__(self, server: ProxyServer, port: int):
        super().__init__(server, f"door {port}")
        self.port = port

    def aim(self, target: int) -> None:
        """다음 연결부터 ``target`` 포트로 잇습니다. 서버를 다른 포트에 다시 띄웠을 때 부릅니다."""
        self._server.ask("aim", port=self.port, target=check_integer("target", target, 1, 65535))


class ProxyServer:
    """프록시의 프로세스 하나. 문을 몇 개든 엽니다. ``workspace``와 함께 사라집니다."""

    def __init__(self, workspace: Workspace):
        self._process = workspace.run([sys.executable, "-m", WORKER], log="proxy.log")
        port = self._process.wait_until_ready(lambda: _port_of(self._process), "프록시가")
        self._connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE)
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self, target: int | None = None) -> Proxy:
        """``target`` 포트로 이어지는 문을 빈 포트에 엽니다. 없으면 `aim`까지 받지 않습니다."""
        checked = target if target is None else check_integer("target", target, 1, 65535)
        return Proxy(self, self.ask("open", target=checked))

    def replication_of(self, port: int) -> Faulty:
        """``port``로 자기를 알린 복제본이 거는 복제 연결. 어느 문으로 들어오든 같습니다."""
        return Faulty(self, f"from {check_integer('port', port, 1, 65535)}")

    def close(self) -> None:
        """프록시를 끕니다. 이어 주던 연결도 모두 끊깁니다."""
        self._connection.close()
        self._process.stop()

    def ask(self, what: str, **arguments: Any) -> Any:
        """프록시에게 한 가지를 시키고 답을 기다립니다. 죽었으면 `BackendUnavailable`."""
        body = json.dumps({"do": what, **arguments})
        with self._lock, self._closed_when_interrupted():
            try:
                self._connection.request("POST", "/", body)
                return json.loads(self._connection.getresponse().read())
            except (OSError, http.client.HTTPException, ValueError):
                raise BackendUnavailable(
                    "프록시가 답하지 않습니다.",
                    "프록시의 프로세스가 살아 있어야 합니다.",
                    "작업 공간을 닫고 새로 여세요.",
                ) from None

    @contextlib.contextmanager
    def _closed_when_interrupted(self):
        """Ctrl-C로 놓친 답을 다음 요청의 답으로 읽지 않게, 연결을 새로 시작합니다."""
        try:
            yield
        except BaseException:
            self._connection.close()
            raise


def _port_of(process: Process) -> int | None:
    said = process.log.read_text(errors="replace")
    return int(said) if said.endswith("\n") else None
