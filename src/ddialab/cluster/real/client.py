"""프라이머리에 쓰는 클라이언트: 센티널에게 물어 찾아가고, 쓰기 하나의 결과를 말로 돌려줍니다.

연결할 때마다 센티널에게 묻는 것은 redis-py의 클라이언트가 하는 그대로입니다. 다만 한 번만 해
봅니다. 재시도는 실패를 가리므로, 무엇이 보이는지 세는 이 책에서는 하지 않습니다.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ddialab.cluster.promise import NO_ANSWER, OK, REFUSED, TIMEOUT, WAIT, answers
from ddialab.core.valkey import connect
from ddialab.core.workspace import LOOPBACK

PATIENCE = 1.0  # 초. 쓰기의 답을 기다리는 시간. WAIT이 기다리는 시간은 빼고
DEMOTED = "previous master"  # READONLY라는 답을 들은 redis-py가 하는 말


class Promise(NamedTuple):
    """무엇을 보고 저장됐다고 할지. WAIT이면 복제본 ``need``개를 ``wait`` ms 기다립니다."""

    name: str
    need: int
    wait: int


class Client:
    """이름이 ``service``인 저장소의 프라이머리에 쓰는 클라이언트. ``ports``는 센티널들입니다."""

    def __init__(self, ports: Sequence[int], service: str, wait: int):
        from redis.sentinel import Sentinel

        known = Sentinel([(LOOPBACK, port) for port in ports], socket_timeout=PATIENCE)
        patience = PATIENCE + wait / 1000
        self._primary: Any = connect(known.master_for, service, timeout=patience)

    def write(self, key: str, promise: Promise) -> str:
        """``key``를 한 번 쓰고 그 결과(`cluster.promise.OUTCOMES`)를 돌려줍니다."""
        import redis

        try:
            return self._put(key, promise)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            return _broken(error)
        except redis.RedisError as error:
            return f"{REFUSED}: {_code(error)}"
        except BaseException:  # Ctrl-C로 듣지 못한 답을 다음 쓰기의 답으로 읽으면 안 됩니다
            self.close()
            raise

    def close(self) -> None:
        self._primary.connection_pool.disconnect()

    def _put(self, key: str, promise: Promise) -> str:
        if promise.name != WAIT:
            self._primary.set(key, key)
            return OK
        pipe = self._primary.pipeline(transaction=False)
        pipe.set(key, key)
        pipe.wait(promise.need, promise.wait)  # 같은 연결에서 쓴 것까지를 확인합니다
        written, received = pipe.execute(raise_on_error=False)
        if isinstance(written, Exception):
            raise written
        if isinstance(received, Exception):  # 기다리는 사이에 프라이머리가 아니게 됐습니다
            return f"{TIMEOUT}: {_code(received)}"
        enough = answers(WAIT, received, promise.need)
        return OK if enough else f"{TIMEOUT}: {received}/{promise.need}"


def _broken(error: Exception) -> str:
    return (
        f"{REFUSED}: READONLY" if DEMOTED in str(error) else f"{NO_ANSWER}: {type(error).__name__}"
    )


def _code(error: Exception) -> str:
    """서버의 오류 코드(NOREPLICAS 등): 오류 문장의 첫 낱말입니다."""
    return str(error).partition(" ")[0]
