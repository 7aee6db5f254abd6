"""테스트가 띄우는 커널과는 TCP 포트가 아니라 유닉스 소켓으로 이야기합니다.

jupyter_client는 빈 포트를 찾아 놓고 커널을 띄우는데, 커널이 그 포트를 열기 전에 다른 프로세스가
가져갈 수 있습니다. 그러면 커널이 죽거나, 살아 있는데도 60초가 지나도록 답이 없습니다. 서버와
브라우저를 수백 번 띄우는 테스트에서는 가끔 일어납니다.
"""

from __future__ import annotations

import itertools
import os
import tempfile

import pytest
from jupyter_client.connect import ConnectionFileMixin

NUMBERS = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    if os.name == "nt":  # ZeroMQ의 ipc가 없습니다
        return
    # 유닉스 소켓의 경로는 107바이트까지여서 make가 정한 TMPDIR에는 둘 수 없습니다
    folder = tempfile.TemporaryDirectory(prefix="ddia-", dir="/tmp")
    config.add_cleanup(folder.cleanup)
    write = ConnectionFileMixin.write_connection_file

    def write_for_sockets(manager: ConnectionFileMixin, **settings) -> None:
        if not manager.connection_file:
            manager.transport, manager.ip = "ipc", f"{folder.name}/{next(NUMBERS)}"
        write(manager, **settings)

    ConnectionFileMixin.write_connection_file = write_for_sockets
    config.add_cleanup(lambda: setattr(ConnectionFileMixin, "write_connection_file", write))
