"""결함을 넣는 프록시의 프로세스: 바이트를 나르며 늦추고, 붙잡고, 좁히고, 끊습니다.

`ddialab.cluster.real.proxy`가 `Workspace.run`으로 띄웁니다. 그래서 커널이 어떻게 죽든 포트까지
함께 사라집니다. 결함은 이름에 겁니다. 연결의 이름은 둘입니다: 들어온 문(``door 5001``), 그리고
복제본이 인사말(REPLCONF)에서 밝힌 제 포트(``from 5002``). 뒤의 것이 있어서 문 하나를 함께 쓰는
클라이언트와 센티널과 복제 가운데 복제만 골라 붙잡을 수 있습니다.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from ddialab.core.workspace import LOOPBACK, open_server, open_streams

CHUNK = 16 * 1024  # 바이트. 한 번에 나르는 양
MOST_KEPT = 1024 * 1024  # 바이트. 방향마다 이만큼 쌓이면 더 읽지 않습니다
GREETING = 1024  # 바이트. 복제본은 이 안에서 제 포트를 밝힙니다
WHO = re.compile(rb"listening-port\r\n\$\d+\r\n(\d+)\r\n")
TICK = 0.02  # 초. 폭을 좁혔을 때 한 번에 보내는 양을 정합니다


@dataclass
class Fault:
    """이름 하나에 걸린 결함. ``bandwidth``는 초마다 나르는 바이트이고, 0이면 좁히지 않습니다."""

    delay: float = 0.0
    held: bool = False
    cut: bool = False
    bandwidth: float = 0.0


class Switch:
    """문들과, 이름마다의 결함. asyncio의 스레드 하나에서만 만집니다."""

    def __init__(self):
        self.faults: dict[str, Fault] = {}
        self.targets: dict[str, int | None] = {}
        self.connections: set[Connection] = set()
        self.changed = asyncio.Event()

    async def open(self, target: int | None) -> int:
        """``target``으로 이어지는 문을 열고 그 포트를 돌려줍니다. None이면 아직 닫힌 문입니다."""
        door = await open_streams(self._serve, CHUNK)
        port = door.sockets[0].getsockname()[1]
        self.targets[f"door {port}"] = target
        return port

    async def aim(self, port: int, target: int) -> None:
        """문의 뒤에 있는 포트를 바꿉니다. 이미 이어진 연결은 그대로입니다."""
        self.targets[f"door {port}"] = target

    async def set(self, name: str, **changes: Any) -> None:
        """``name``의 결함을 바꾸고, 기다리던 것들을 깨웁니다."""
        fault = self.faults.setdefault(name, Fault())
        for field, value in changes.items():
            setattr(fault, field, value)
        self.changed.set()
        self.changed = asyncio.Event()
        for connection in list(self.connections):
            connection.check()

    async def kept(self, name: str) -> int:
        """``name``의 연결들이 아직 보내지 않고 가진 바이트."""
        return sum(one.kept() for one in self.connections if name in one.names)

    def combined(self, names: list[str]) -> Fault:
        """``names``에 걸린 결함을 모두 합친 것."""
        found = [self.faults[name] for name in names if name in self.faults]
        narrow = [fault.bandwidth for fault in found if fault.bandwidth]
        return Fault(
            sum(fault.delay for fault in found),
            any(fault.held for fault in found),
            any(fault.cut for fault in found),
            min(narrow, default=0.0),
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = f"door {writer.get_extra_info('sockname')[1]}"
        if self.combined([name]).cut or self.targets[name] is None:
            writer.transport.abort()
            return
        try:
            far = await asyncio.open_connection(LOOPBACK, self.targets[name], limit=CHUNK)
        except OSError:
            writer.transport.abort()
            return
        connection = Connection(self, name, (reader, writer), far)
        self.connections.add(connection)
        connection.check()  # 저쪽과 잇는 사이에 끊으라고 했을 수 있습니다
        try:
            await connection.carry()
        finally:
            self.connections.discard(connection)
            connection.abort()


class Connection:
    """문으로 들어온 연결 하나: 서버로 가는 쪽과 오는 쪽."""

    def __init__(self, switch: Switch, name: str, near: tuple, far: tuple):
        self.switch, self.names = switch, [name]
        self.gone, self._greeting = False, b""
        self._writers = (near[1], far[1])
        self.pipes = (Pipe(self, near[0], far[1], self.look), Pipe(self, far[0], near[1]))

    async def carry(self) -> None:
        """두 쪽이 모두 닫힐 때까지 나릅니다. 한쪽이 고장 나면 둘 다 끊습니다."""
        steps = [step for pipe in self.pipes for step in (pipe.collect(), pipe.forward())]
        await asyncio.gather(*map(self._until_broken, steps))

    def look(self, data: bytes) -> None:
        """서버로 가는 첫 바이트들에서 누구의 복제인지 알아봅니다."""
        if len(self.names) > 1 or len(self._greeting) > GREETING:
            return
        self._greeting += data
        if found := WHO.search(self._greeting):
            self.names.append(f"from {int(found[1])}")
            self.check()

    def fault(self) -> Fault:
        return self.switch.combined(self.names)

    def kept(self) -> int:
        return sum(pipe.kept for pipe in self.pipes)

    def check(self) -> None:
        """끊긴 이름이 되었으면 끊습니다."""
        if self.fault().cut:
            self.abort()

    def abort(self) -> None:
        """들고 있던 바이트를 버리고 두 쪽을 끊습니다."""
        self.gone = True
        for pipe in self.pipes:
            pipe.drop()
        for writer in self._writers:
            writer.transport.abort()

    async def _until_broken(self, step) -> None:
        try:
            await step
        except OSError:
            self.abort()


class Pipe:
    """한 방향. 읽는 쪽(`collect`)이 쌓고, 보내는 쪽(`forward`)이 제때 꺼내 보냅니다."""

    def __init__(self, connection: Connection, reader, writer, look=lambda data: None):
        self.connection, self.reader, self.writer, self.look = connection, reader, writer, look
        self.pieces: deque[tuple[float, bytes]] = deque()
        self.kept = 0
        self.moved = asyncio.Event()
        writer.transport.set_write_buffer_limits(high=CHUNK)

    async def collect(self) -> None:
        """끝까지 읽습니다. 너무 쌓이면 쉬고, 보내던 쪽도 따라서 쉬게 됩니다(백프레셔)."""
        while True:
            data = b""
            with contextlib.suppress(ConnectionResetError):  # 죽은 서버가 남긴 것까지는 나릅니다
                data = await self.reader.read(CHUNK)
            self.look(data)
            if self.connection.gone:
                return
            self.pieces.append((_now(), data))
            self.kept += len(data)
            self._stir()
            if not data:
                return
            while self.kept > MOST_KEPT and not self.connection.gone:
                await self.moved.wait()

    async def forward(self) -> None:
        """붙잡혀 있지 않고 때가 된 것부터 차례로 보냅니다."""
        while not self.connection.gone:
            if not self.pieces:
                await self.moved.wait()
            elif await self._due():
                data = self.pieces.popleft()[1]
                if not data:
                    self.writer.write_eof()
                    return
                await self._send(data)
                self.kept -= len(data)
                self._stir()

    def drop(self) -> None:
        self.pieces.clear()
        self.kept = 0
        self._stir()

    def _stir(self) -> None:
        self.moved.set()
        self.moved = asyncio.Event()

    async def _due(self) -> bool:
        """맨 앞의 것을 지금 보내도 되는지. 아니면 때가 되거나 결함이 바뀔 때까지 기다립니다."""
        fault = self.connection.fault()
        left = None if fault.held else self.pieces[0][0] + fault.delay - _now()
        if left is not None and left <= 0:
            return True
        await self._rest(left)
        return False

    async def _rest(self, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.connection.switch.changed.wait(), seconds)

    async def _send(self, data: bytes) -> None:
        for piece in self._pieces_of(data):
            self.writer.write(piece)
            await self.writer.drain()
            if bandwidth := self.connection.fault().bandwidth:
                await self._rest(len(piece) / bandwidth)

    def _pieces_of(self, data: bytes) -> Iterator[bytes]:
        while data:
            bandwidth = self.connection.fault().bandwidth
            size = max(1, int(bandwidth * TICK)) if bandwidth else len(data)
            yield data[:size]
            data = data[size:]


def _now() -> float:
    return asyncio.get_running_loop().time()


class Handler(BaseHTTPRequestHandler):
    """커널의 요청 하나: `Switch`의 메서드 이름과 인자."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        step = getattr(self.server.switch, asked.pop("do"))(**asked)
        answer = asyncio.run_coroutine_threadsafe(step, self.server.loop).result()
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *about: object) -> None:
        """요청마다 적지 않습니다. 출력에는 포트만 있습니다."""


async def main() -> None:
    with open_server(Handler) as server:
        server.switch, server.loop = Switch(), asyncio.get_running_loop()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
