"""FLUSHALL: 진짜 서버에 좋아요를 쌓다 비우고, 죽였다 켜서 AOF에서 되살립니다."""

from __future__ import annotations

import signal
import time

from ddialab.core.backend import Backend, open_redis
from ddialab.core.errors import MissingCapability, StorageFailure
from ddialab.core.workspace import Workspace, require_kill
from ddialab.ops.aof import undo_flushall, wait_until_written

LIKES = {f"likes:{n}": n % 7 + 1 for n in range(1, 301)}  # 게시글마다 FLUSHALL 앞에 눌린 좋아요
MEANWHILE = 30  # 아직 아무도 모르는 동안 눌린 좋아요


def flushall_story() -> dict:
    """그냥 다시 켠 것과 도려내고 켠 것. 껐다 켤 수 없는 서버면 `MissingCapability`입니다."""
    without, _, server = flush_and_restart(repair=False)
    repaired, milliseconds, _ = flush_and_restart(repair=True)
    return {
        "server": server,
        "before": sum(LIKES.values()),
        "after": MEANWHILE,
        "without": without,
        "repaired": repaired,
        "milliseconds": round(milliseconds, 1),
    }


def flush_and_restart(repair: bool) -> tuple[int, float, str]:
    """좋아요를 세다 FLUSHALL을 맞고 죽었다 다시 켠 서버: (남은 좋아요, 켠 시간(ms), 이름)."""
    with Workspace() as home:
        with open_redis(persist=True, folder=home.folder) as server:
            _must_restart(server)
            for key, likes in LIKES.items():
                server.client.incrby(key, likes)
            server.client.flushall()
            for n in range(1, MEANWHILE + 1):
                server.client.incr(f"likes:{n}")
            wait_until_written(server.client)  # 적기 전에 답한 것이 없게
            server.process.send_signal(signal.SIGKILL)
        started = time.perf_counter()
        if repair:
            undo_flushall(home.folder)
        with open_redis(persist=True, folder=home.folder) as server:
            milliseconds = (time.perf_counter() - started) * 1000
            left = sum(int(server.client.get(key)) for key in server.client.scan_iter("likes:*"))
            return left, milliseconds, server.name


def flush_then_rewrite() -> str:
    """AOF rewrite가 끝난 뒤에 복구하려 할 때 받는 오류 메시지."""
    with Workspace() as home:
        with open_redis(persist=True, folder=home.folder) as server:
            _must_restart(server)
            server.client.set("likes:1", 7)
            server.client.flushall()
            server.client.bgrewriteaof()
            busy = True
            while busy:
                time.sleep(0.01)
                state = server.client.info("persistence")
                busy = state["aof_rewrite_in_progress"] or state["aof_rewrite_scheduled"]
            server.process.send_signal(signal.SIGKILL)
        try:
            undo_flushall(home.folder)
        except StorageFailure as refusal:
            return "\n".join(refusal._render_traceback_()).replace(str(home.folder), "서버의 폴더")
    raise AssertionError("복구할 수 없어야 합니다")


def _must_restart(server: Backend) -> None:
    server.require("persists", "FLUSHALL에서 복구하려면 껐다 켜도 데이터가 남아야 합니다.")
    if server.process is None:
        raise MissingCapability("지정한 서버는 이 커널이 껐다 켤 수 없습니다.")
    require_kill()
