"""confluent-kafka의 클라이언트들: 오류를 화면에 쏟지 않게 모으고, 기다림은 Ctrl-C가 듣게 나눕니다.

클라이언트는 C(librdkafka) 안에서 기다리고 그동안은 Ctrl-C가 듣지 않습니다. 그래서 짧게 여러 번
기다립니다.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ddialab.blocks.topic import refusal
from ddialab.core.address import unquoted
from ddialab.core.errors import MissingCapability
from ddialab.core.kafka_address import read_kafka_bootstrap
from ddialab.core.workspace import IN_BROWSER, OUTSIDE

CONNECT_TIMEOUT = 10.0  # 초. 처음 연결할 때 브로커의 답을 기다리는 시간
ANSWER_TIMEOUT = 30.0  # 초. 연결한 뒤에 답을 기다리는 시간. 리더가 죽으면 새로 뽑을 때까지 걸립니다
ASKING = 2.0  # 초. 한 번 물어보고 기다리는 시간. 그 뒤에는 다시 묻습니다
SLICE = 0.1  # 초. 한 번에 C 안에서 기다리는 시간
BRIEF = 0.005  # 초. 곧 올 답을 기다리며 한 번에 쉬는 시간
LOG_LEVEL = 6  # syslog의 번호(info). 연결이 끊긴 까닭은 여기까지 들어야 압니다
Answer = TypeVar("Answer")


class Hearing:
    """클라이언트가 남긴 말들. 표준 오류로 나가지 않습니다."""

    def __init__(self):
        self.said: list[str] = []

    def log(self, level: int, form: str, *arguments: object) -> None:
        """librdkafka의 로그. logging.Logger처럼 부릅니다."""
        self.said.append(form % arguments if arguments else form)

    def error(self, error: Any) -> None:
        self.said.append(f"{error.name()} {error.str()}")

    def text(self) -> str:
        del self.said[:-50]
        return "\n".join(self.said)


class Client:
    """``typed``(KAFKA_BOOTSTRAP)의 클러스터에 잇는 클라이언트들을 만듭니다."""

    def __init__(self, typed: str):
        _require_network()
        self.bootstrap = read_kafka_bootstrap(unquoted(typed))
        self.where = f"KAFKA_BOOTSTRAP={self.bootstrap}"
        self.hearing = Hearing()
        self.admin = self._connected()

    def options(self, **more: object) -> dict:
        """모든 클라이언트에 같은 설정과 ``more``. ``a_b``는 ``a.b``로 적습니다(콜백은 빼고)."""
        same = {
            "bootstrap.servers": self.bootstrap,
            "client.id": "ddialab",
            "log_level": LOG_LEVEL,
            "logger": self.hearing,
            "error_cb": self.hearing.error,
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 500,
            "retry.backoff.ms": 50,
            "socket.timeout.ms": 10_000,
            "socket.connection.setup.timeout.ms": 5_000,
        }
        named = {one if callable(more[one]) else one.replace("_", "."): more[one] for one in more}
        return same | named

    def producer(self, **more: object):
        from confluent_kafka import Producer

        return Producer(self.options(**more))

    def consumer(self, **more: object):
        from confluent_kafka import Consumer

        return Consumer(self.options(**more))

    def topic(self, name: str, seconds: float = ANSWER_TIMEOUT) -> Any:
        """토픽의 파티션과 복제본. 없으면 None입니다. 묻는 것만으로 토픽이 생기지는 않습니다."""
        from confluent_kafka import KafkaException, TopicCollection

        def ask():
            (future,) = self.admin.describe_topics(
                TopicCollection([name]), request_timeout=ASKING
            ).values()
            try:
                return future.result(2 * ASKING)
            except KafkaException as error:
                if error.args[0].name() == "UNKNOWN_TOPIC_OR_PART":
                    return None
                raise

        with self.explained():
            return self.retried(ask, seconds)

    def config(self, name: str) -> dict:
        """토픽의 설정. 막 만든 토픽을 아직 모르는 브로커에는 다시 묻습니다."""
        from confluent_kafka.admin import ConfigResource

        asked = [ConfigResource(ConfigResource.Type.TOPIC, name)]

        def ask():
            (future,) = self.admin.describe_configs(asked, request_timeout=ASKING).values()
            return future.result(2 * ASKING)

        with self.explained():
            return self.retried(ask, also=("UNKNOWN_TOPIC_OR_PART",))

    def brokers(self) -> int:
        """지금 있는 브로커의 수."""
        with self.explained():
            return len(self.retried(lambda: self.admin.list_topics(timeout=1.0)).brokers)

    def retried(
        self,
        ask: Callable[[], Answer],
        seconds: float = ANSWER_TIMEOUT,
        also: Sequence[str] = (),
    ) -> Answer:
        """``ask()``를 답할 때까지 다시 합니다. ``seconds``가 지나면 마지막 오류를 냅니다.

        잠시 나는 오류(`PASSING`과 ``also``)만 다시 합니다.
        """
        from confluent_kafka import KafkaException

        until = time.monotonic() + seconds
        while True:
            try:
                return ask()
            except (KafkaException, TimeoutError) as error:
                passing = isinstance(error, TimeoutError) or error.args[0].name() in (
                    *PASSING,
                    *also,
                )
                if not passing or time.monotonic() > until:
                    raise
                self._refresh()

    def _refresh(self) -> None:
        """브로커의 목록을 다시 받습니다. 받지 않으면 죽은 브로커에 물어보며 기다립니다."""
        from confluent_kafka import KafkaException

        time.sleep(BRIEF)
        with suppress(KafkaException):
            self.admin.list_topics(timeout=10 * SLICE)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """클라이언트의 오류를 독자의 말로 바꿉니다."""
        from confluent_kafka import KafkaException

        try:
            yield
        except TimeoutError:
            raise refusal.silent(self.where) from None
        except KafkaException as error:
            raise self.told(error.args[0]) from None

    def told(self, error: Any):
        """``error``(KafkaError)의 까닭. 클라이언트만의 오류면 그때 들은 말에서 찾습니다."""
        text = f"{error.name()} {error.str()}"
        heard = self.hearing.text() if error.name().startswith("_") else ""
        return refusal.unavailable(self.where, f"{text}\n{heard}")

    def _connected(self):
        """브로커가 답하는 것을 보고 admin을 돌려줍니다. 답하지 않으면 `BackendUnavailable`."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        admin = AdminClient(self.options())
        until = time.monotonic() + CONNECT_TIMEOUT
        while True:
            try:
                admin.list_topics(timeout=3 * SLICE)
                self.hearing.said.clear()
                return admin
            except KafkaException:
                admin.poll(0)  # 들은 말을 가져옵니다
            if DOWN in self.hearing.text():
                raise refusal.unavailable(self.where, self._last_words())
            if time.monotonic() > until:
                raise refusal.silent(self.where)

    def _last_words(self) -> str:
        """연결하지 못한 까닭. 말없이 끊겼으면 TLS로 한 번 더 걸어 봅니다."""
        heard = self.hearing.text()
        if "Disconnected" in heard and self._speaks_tls():
            return "speaks TLS"
        return heard

    def _speaks_tls(self) -> bool:
        from confluent_kafka import KafkaException

        heard = Hearing()
        options = self.options(security_protocol="SSL") | {
            "logger": heard,
            "error_cb": heard.error,
        }
        from confluent_kafka.admin import AdminClient

        admin = AdminClient(options)
        until = time.monotonic() + CONNECT_TIMEOUT / 2
        while time.monotonic() < until:
            try:
                admin.list_topics(timeout=3 * SLICE)
                return True
            except KafkaException:
                admin.poll(0)
            if "certificate" in heard.text():
                return True
            if DOWN in heard.text():
                return False
        return False


DOWN = "_ALL_BROKERS_DOWN"
# 브로커가 바뀌는 동안 잠시 나는 오류들
PASSING = (
    "_TRANSPORT",
    "_ALL_BROKERS_DOWN",
    "_WAIT_COORD",
    "_TIMED_OUT",
    "_WAIT_CACHE",
    "NETWORK_EXCEPTION",
    "NOT_LEADER_FOR_PARTITION",
    "LEADER_NOT_AVAILABLE",
    "REPLICA_NOT_AVAILABLE",
    "NOT_CONTROLLER",
    "NOT_COORDINATOR",
    "OFFSET_NOT_AVAILABLE",
    "FENCED_LEADER_EPOCH",
    "UNKNOWN_LEADER_EPOCH",
    "COORDINATOR_NOT_AVAILABLE",
    "COORDINATOR_LOAD_IN_PROGRESS",
    "REQUEST_TIMED_OUT",
)


def _require_network() -> None:
    if IN_BROWSER:
        raise MissingCapability(
            "브라우저 안에서는 Kafka에 연결할 수 없습니다.",
            "컴퓨터에 설치한 파이썬이 있어야 합니다.",
            OUTSIDE,
        )
    try:
        import confluent_kafka  # noqa: F401
    except ImportError:
        raise MissingCapability(
            "Kafka의 클라이언트(confluent-kafka)가 없습니다.",
            "이 컴퓨터에 맞는 confluent-kafka 휠이 있어야 합니다.",
            "`pip install confluent-kafka`를 하고 커널을 다시 시작하세요.",
        ) from None
