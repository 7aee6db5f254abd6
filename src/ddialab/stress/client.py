"""진짜 서버에 부하를 거는 클라이언트: 응답 시간은 클라이언트의 시계로 잽니다.

부하는 `ddialab.stress.load`의 데이터를 그대로 사용합니다. 오픈 루프는 정해 둔 시각부터 재므로, 앞의
요청이 늦어 제때 못 보낸 시간도 응답 시간에 들어갑니다. 클로즈드 루프는 보낸 때부터 잽니다.
"""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from ddialab.core.engine import Engine, seed_of
from ddialab.core.errors import BackendUnavailable, InvalidValue, check_integer
from ddialab.stress.load import Closed, Constant, Poisson

PATIENCE = 30.0  # 초. 이보다 오래 답이 없으면 실패입니다
CONNECTIONS = 64  # 오픈 루프가 한꺼번에 답을 기다릴 수 있는 요청의 수


@dataclass(frozen=True)
class Answers:
    """요청마다 한 칸인 배열들(보낸 순서). 시간은 초, 시각은 부하를 걸기 시작한 때가 0입니다.

    ``planned``는 보내기로 한 시각, ``sent``는 보낸 시각, ``done``은 답을 다 받은 시각, ``queue``와
    ``service``는 서버가 ``Server-Timing``으로 알려 온 기다린 시간과 서비스 시간, ``ok``는
    성공했는지입니다. 실패한 요청의 ``queue``와 ``service``는 NaN입니다.
    """

    planned: np.ndarray
    sent: np.ndarray
    done: np.ndarray
    queue: np.ndarray
    service: np.ndarray
    ok: np.ndarray

    @classmethod
    def of(cls, columns: Mapping[str, Sequence]) -> Answers:
        """이름마다 리스트 하나인 ``columns``에서. 저장해 둔 결과를 되살릴 때 사용합니다."""
        return cls(**{name: np.array(column) for name, column in columns.items()})

    @property
    def response(self) -> np.ndarray:
        """클라이언트가 겪은 응답 시간. 보내기로 한 때부터 답을 다 받을 때까지입니다."""
        return self.done - self.planned


def drive(load: Poisson | Constant | Closed, url: str, paths: Sequence[str], seed=0) -> Answers:
    """``url``의 서버에 ``paths``를 차례로 하나씩 요청하고 모두 답을 받을 때까지 기다립니다.

    언제 보낼지는 ``load``가 정합니다. 서버에 한 번도 연결하지 못하면 `BackendUnavailable`.
    """
    if not len(paths):
        raise InvalidValue("paths가 비었습니다.", "요청할 경로가 하나 이상이어야 합니다.")
    if isinstance(load, Closed):
        thinks = [random.Random(seed_of(seed, f"생각/{n}")) for n in range(load.clients)]
        pauses = [lambda draw=draw: draw.expovariate(1 / load.think) for draw in thinks]
        return _Drive(url, paths, None).run(pauses)
    times = arrival_times(load, len(paths), seed)
    return _Drive(url, paths, times).run([None] * min(CONNECTIONS, len(paths)))


def arrival_times(load: Poisson | Constant, n: int, seed: int = 0) -> np.ndarray:
    """오픈 루프가 요청 ``n``개를 보낼 시각들. 시뮬레이션과 같은 엔진으로 뽑습니다."""
    check_integer("n", n, 1)
    if isinstance(load, Closed) or not hasattr(load, "rate"):
        raise InvalidValue(
            f"load={load!r}: 보낼 시각을 미리 알 수 없습니다.",
            "오픈 루프(Poisson, Constant)여야 합니다.",
        )
    engine, times = Engine(seed), []
    load.start(engine, lambda done: times.append(engine.now))
    while len(times) < n:
        engine.run(engine.now + n / load.rate)
    return np.array(times[:n])


class _Drive:
    """요청 목록을 여러 스레드가 나눠 보냅니다. 스레드마다 연결이 하나씩 있습니다."""

    def __init__(self, url: str, paths: Sequence[str], times: np.ndarray | None):
        self.address, self.paths, self.times = urlsplit(url).netloc, list(paths), times
        self.rows = np.full((len(self.paths), 5), np.nan)
        self._numbers, self._lock = iter(range(len(self.paths))), threading.Lock()

    def run(self, pauses: list) -> Answers:
        self._connect().close()
        self.start = time.perf_counter()
        threads = [threading.Thread(target=self._client, args=[p], daemon=True) for p in pauses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Answers(*self.rows.T, ok=~np.isnan(self.rows[:, 4]))

    def _client(self, pause) -> None:
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        while (n := self._next()) is not None:
            if pause is not None:
                time.sleep(pause())
            planned = self._wait_for(n)
            sent = self._now()
            queue, service = _ask(connection, self.paths[n])
            self.rows[n] = sent if planned is None else planned, sent, self._now(), queue, service
        connection.close()

    def _next(self) -> int | None:
        with self._lock:
            return next(self._numbers, None)

    def _wait_for(self, n: int) -> float | None:
        if self.times is None:
            return None
        time.sleep(max(0.0, self.times[n] - self._now()))
        return self.times[n]

    def _now(self) -> float:
        return time.perf_counter() - self.start

    def _connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        try:
            connection.connect()
        except OSError as error:
            raise BackendUnavailable(
                f"{self.address}: 서버에 연결할 수 없습니다({error.strerror or error}).",
                "켜져 있는 HTTP 서버의 주소(http://호스트:포트)여야 합니다.",
                "서버를 다시 켜고 이 절의 첫 셀부터 다시 실행하세요.",
            ) from None
        return connection


def _ask(connection: http.client.HTTPConnection, path: str) -> tuple[float, float]:
    """``path``를 요청해 서버가 알린 (기다림, 처리) 초를 돌려줍니다. 실패하면 NaN 둘입니다."""
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()  # 다음 요청 때 다시 연결합니다
        return np.nan, np.nan
    if answer.status != 200:
        return np.nan, np.nan
    told = dict(re.findall(r"(\w+);dur=([\d.]+)", answer.headers.get("Server-Timing", "")))
    return float(told.get("queue", 0)) / 1e3, float(told.get("service", 0)) / 1e3


class EndlessClient:
    """``ask()``를 ``pause``초씩 쉬며 잇달아 부르는 클라이언트: 스레드 하나. `stop`하면 멈춥니다."""

    def __init__(self, ask: Callable[[], object], pause: float):
        self._ask, self._pause, self._stopping = ask, pause, threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """하던 요청을 마치게 하고 스레드가 끝날 때까지 기다립니다."""
        self._stopping.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopping.wait(self._pause):
            self._ask()
