"""받는 프로세스: 큐에서 받아 처리하다가, 정한 메시지를 들고 스스로를 SIGKILL로 죽입니다.

`ddialab.experiments.queue_and_log.real`이 띄웁니다. 받고 처리할 때마다 한 줄을 적으므로, 어떻게
죽든 무엇을 처리했는지 밖에서 알 수 있습니다.
"""

from __future__ import annotations

import os
import signal
import sys
import time

import redis

from ddialab.blocks.queue.redis import RedisChannel, RedisList, RedisStream
from ddialab.blocks.queue.worker import Worker
from ddialab.core.backend import Backend
from ddialab.core.valkey import connect
from ddialab.core.workspace import LOOPBACK

QUEUES = {"list": RedisList, "channel": RedisChannel, "stream": RedisStream}
NAME = "notices"  # 큐의 이름
READY, DONE, DYING = "ready", "done", "dying"  # 적는 줄의 첫 낱말
QUIT = "quit"  # 그만두라는 메시지
IDLE = {"list": None, "channel": None, "stream": 0}  # 버려진 것을 넘겨받을 때까지(초)


def open_queue(kind: str, port: int):
    """포트 ``port``의 서버에 있는 큐와 그 서버."""
    client = connect(redis.Redis, host=LOOPBACK, port=port)
    backend = Backend(client, "local", "큐 서버", frozenset(), on_close=[client.close])
    return QUEUES[kind](backend, NAME)


def main(kind: str, name: str, port: str, die: str, step: str) -> None:
    """``die``번 메시지의 단계 ``step``을 끝내자마자 죽습니다. `QUIT`을 받으면 끝납니다."""
    queue = open_queue(kind, int(port))
    if kind == "channel":
        queue.subscribe(name)
    worker = Worker(queue, name, lambda body: tell(DONE, body), idle=IDLE[kind])
    tell(READY)
    while worker.got is None or worker.got.body != QUIT:
        for done in worker.steps():
            if done == step and worker.got.body == die:
                tell(DYING, die)
                os.kill(os.getpid(), signal.SIGKILL)
        if worker.got is None:
            time.sleep(0.002)  # 아직 온 것이 없습니다


def tell(*words: str) -> None:
    """한 줄을 적습니다. 돌아왔으면 죽어도 남습니다."""
    print(*words, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
