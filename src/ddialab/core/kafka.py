"""진짜 Kafka 브로커들을 이 컴퓨터에 띄우고, 멈추고, 죽이고, 다시 켭니다. 도커는 필요 없습니다.

여기서 띄운 브로커만 죽일 수 있습니다. 독자가 적은 서버(`KAFKA_BOOTSTRAP`)는 건드리지 않습니다.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ddialab.core import java
from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    MissingCapability,
    StorageFailure,
    check_integer,
)
from ddialab.core.kafka_settings import Place, settings
from ddialab.core.workspace import (
    Process,
    Workspace,
    free_port,
    require_kill,
    require_processes,
)

FETCHED = Path(__file__).resolve().parents[3] / ".cache/kafka/libs"  # `make kafka`가 받은 jar
JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
       "-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8",
       "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")  # fmt: skip
OFF = "off"  # KAFKA_LIBS가 이것이면 갖추어져 있어도 띄우지 않습니다. 책을 빌드할 때 그렇습니다
MOST = 5  # 개. 한꺼번에 띄우는 브로커의 한도
PORT_ATTEMPTS = 5
PATIENCE = 180.0  # 초. 뜨기를 기다리는 시간. 바쁜 컴퓨터에서도 넉넉하게
CLOSING = 15.0  # 초. 스스로 끝나기를 기다려 주는 시간
ASKING = 2.0  # 초. 브로커의 답을 기다리는 시간
IN_USE = "이 폴더의 Kafka가 이미 실행 중입니다"
CAUSES = (
    (r"Failed to acquire lock", IN_USE, "그 주소를 쓰거나, 그것을 먼저 끄세요."),
    *java.CAUSES,
    (r"unsafe memory access|all log dirs in .* have failed",
     "데이터를 둘 디스크가 가득 찼거나 고장 났습니다", "공간을 비우세요."),
    (r"doesn't match|already formatted|Invalid cluster\.id|CorruptRecord|InconsistentClusterId"
     r"|No MetadataVersion|[Uu]nsupported.*metadata\.version",
     "저장한 데이터를 읽지 못합니다(깨졌거나 다른 버전이 적음)", "버려도 되면 make kafka-clean."),
)  # fmt: skip


class KafkaHome(NamedTuple):
    """띄우는 데 드는 것: Java의 폴더와 jar들이 든 폴더, 더 줄 Java의 옵션."""

    java: Path
    libs: Path
    options: tuple[str, ...] = ()

    def command(self, main: str, *arguments: object) -> list[str]:
        """``main``을 실행하는 명령. 로캘이 C이면 Java는 한글이 든 경로를 열지 못합니다."""
        spoken = ["/usr/bin/env", "LC_ALL=C.UTF-8"] if sys.platform.startswith("linux") else []
        run = [str(self.java / "bin/java"), *JVM, *self.options, "-cp", f"{self.libs}/*"]
        return [*spoken, *run, main, *map(str, arguments)]


def find_kafka() -> KafkaHome:
    """이 컴퓨터의 Java와 Kafka의 jar. 없으면 무엇이 없는지 담은 `MissingCapability`.

    jar는 환경 변수 ``KAFKA_LIBS``의 폴더, 없으면 `make kafka`가 받아 둔 폴더에서 찾습니다.
    """
    require_processes()
    named = os.environ.get("KAFKA_LIBS", "").strip()
    if named == OFF:
        raise MissingCapability(
            "여기서는 Kafka를 띄우지 않습니다.",
            f"Java와 Kafka의 jar가 있고, KAFKA_LIBS가 {OFF}가 아니어야 합니다.",
            "저장소를 내려받아 `make kafka`로 jar를 받고 `make lab`으로 여세요.",
        )
    libs = Path(named or FETCHED)
    found = java.find_java()
    if any(libs.glob("kafka_2.*.jar")):
        archive = archive_of(found)
        shared = libs == FETCHED and archive.is_file()
        return KafkaHome(found, libs, (f"-XX:SharedArchiveFile={archive}",) * shared)
    raise MissingCapability(
        f"{libs}: Kafka의 jar가 없습니다.",
        "make kafka가 받은 것이나, 받아 둔 Kafka의 libs 폴더(KAFKA_LIBS)가 있어야 합니다.",
        "터미널에서 `make kafka`를 한 번 쳐서 받으세요.",
    )


def archive_of(found: Path) -> Path:
    """Java마다, 미리 읽어 둔 클래스들(CDS)의 자리. 있으면 뜨는 데 드는 CPU가 절반쯤입니다."""
    return FETCHED.parent / f"classes-{hashlib.sha256(str(found).encode()).hexdigest()[:8]}.jsa"


def start_brokers(
    workspace: Workspace,
    count: int = 1,
    folder: str | Path | None = None,
    ports: Sequence[int] | None = None,
    home: KafkaHome | None = None,
) -> Brokers:
    """브로커 ``count``개의 Kafka를 띄우고, 모두 요청을 받을 때 돌려줍니다.

    ``folder``는 데이터를 둘 폴더입니다. 같은 수로 다시 띄우면 이어서 씁니다. 없으면 ``workspace``와
    함께 사라집니다. ``ports``는 브로커마다의 포트(없으면 빈 포트)입니다. 이 컴퓨터 안에서만
    접속됩니다. ``home``은 `find_kafka`가 찾은 것입니다. 뜨지 못하면 `BackendUnavailable`.
    """
    check_integer("count", count, 1, MOST)
    home, data = home or find_kafka(), _data(workspace, folder)
    for port in _checked(ports, count):
        check_integer("ports", port, 1, 65535)
    for _ in range(0 if ports else PORT_ATTEMPTS):
        try:
            return _started(workspace, home, data, _free(count), folder is not None)
        except BackendUnavailable as error:  # 고른 사이에 남이 차지했으면 다시 고릅니다
            if java.PORT_TAKEN not in error.problem:
                raise
    return _started(workspace, home, data, ports or _free(count), folder is not None)


def _free(count: int) -> list[int]:
    return [free_port() for _ in range(count)]


def _started(workspace, home, data: Path, ports: Sequence[int], keeps: bool) -> Brokers:
    places = [Place(i, port, free_port(), data / f"broker-{i}") for i, port in enumerate(ports)]
    brokers = Brokers(workspace, home, places, keeps)
    try:
        brokers.start()
    except BaseException:
        brokers.close()
        raise
    return brokers


def _checked(ports: Sequence[int] | None, count: int) -> Sequence[int]:
    if ports is not None and len(set(ports)) != count:
        raise InvalidValue(
            f"ports={list(ports)!r}: 브로커가 {count}개입니다.",
            "서로 다른 포트가 브로커의 수만큼 있어야 합니다.",
        )
    return ports or ()


def _data(workspace: Workspace, folder: str | Path | None) -> Path:
    """데이터를 둘 폴더. Kafka의 설정은 쉼표를 폴더와 폴더의 사이로 읽습니다."""
    if folder is None:
        return workspace.folder / f"kafka-{uuid.uuid4().hex[:8]}"
    path = Path(folder).absolute()
    if not path.is_dir() or "," in str(path):
        raise InvalidValue(
            f"folder={str(folder)!r}: 없는 폴더이거나 경로에 쉼표가 있습니다.",
            "이미 있고 쓰기 권한이 있으며 경로에 쉼표가 없는 폴더여야 합니다.",
            "폴더를 먼저 만드세요.",
        )
    return path


class Brokers:
    """실행 중인 브로커들. 번호는 0부터이고, Kafka가 아는 번호(node id)와 같습니다.

    ``bootstrap``으로 접속합니다. ``with`` 문으로 쓰거나 `close`로 끕니다.
    """

    def __init__(self, workspace: Workspace, home: KafkaHome, places: list[Place], keeps: bool):
        self.home, self.places, self.keeps = home, places, keeps
        self.processes: list[Process] = []
        self._workspace, self._name = workspace, uuid.uuid4().hex[:8]
        self._paused: set[int] = set()
        self._starts = 0

    @property
    def bootstrap(self) -> str:
        """접속할 주소들: ``127.0.0.1:포트``를 쉼표로 이은 것."""
        return ",".join(place.address for place in self.places)

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.processes]

    def start(self) -> None:
        """모두 띄우고, 요청을 받을 때까지 기다립니다. 데이터가 없는 브로커는 먼저 포맷합니다."""
        self._format()
        self.processes = [self._run(place) for place in self.places]
        for i in range(len(self.places)):
            self._wait(i)

    def pause(self, broker: int) -> None:
        """멈춥니다(SIGSTOP). 연결은 살아 있지만 아무 답도 하지 않습니다."""
        self._alive(broker).send_signal(signal.SIGSTOP)
        self._paused.add(broker)

    def resume(self, broker: int) -> None:
        """멈춘 것을 이어서 돌립니다(SIGCONT)."""
        self._alive(broker).send_signal(signal.SIGCONT)
        self._paused.discard(broker)

    def kill(self, broker: int) -> None:
        """그 자리에서 죽입니다(SIGKILL). 돌아왔을 때는 프로세스가 없습니다."""
        process = self._alive(broker)
        process.send_signal(signal.SIGKILL)
        self._paused.discard(broker)
        while process.poll() is None:
            time.sleep(0.005)

    def restart(self, broker: int) -> None:
        """죽은 브로커를 같은 데이터와 포트로 다시 띄우고, 요청을 받을 때까지 기다립니다.

        브로커의 절반이 넘게 살아 있어야 뜹니다.
        """
        if not self._is_dead(broker):
            raise InvalidValue(
                f"broker={broker}: 이미 실행 중입니다.", "죽은 브로커여야 합니다.", "먼저 죽이세요."
            )
        self.processes[broker] = self._run(self.places[broker])
        self._wait(broker)

    def leader(self, topic: str, partition: int = 0) -> int | None:
        """파티션의 리더의 번호. 리더가 없거나 죽은 것이 아직 리더로 적혀 있으면 None."""
        from confluent_kafka import KafkaException

        awake = [place for place in self.places if self._answers(place.number)]
        with contextlib.suppress(KafkaException):
            known = client(awake).list_topics(topic, timeout=ASKING).topics[topic].partitions
            if partition in known and known[partition].leader >= 0:
                leader = known[partition].leader
                return None if self._is_dead(leader) else leader
        return None

    def why_ended(self, broker: int) -> str | None:
        """스스로 끝났거나 누가 끝낸 브로커의 까닭. 실행 중이면 None."""
        if not self._is_dead(broker):
            return None
        process = self.processes[broker]
        said = process.log.read_text(errors="replace")
        return java.why_ended(said, process.poll(), CAUSES)[0]

    def close(self) -> None:
        """모두 끕니다. 남길 데이터가 있으면 스스로 끝나기를 기다립니다. 여러 번 불러도 됩니다."""
        if not self._workspace.folder.exists():  # 작업 공간이 먼저 치웠습니다
            return
        gently = self.keeps and not self._paused
        for process in self.processes:
            process.send_signal(signal.SIGTERM if gently else _kill())
        until = time.monotonic() + CLOSING
        with contextlib.suppress(KeyboardInterrupt):  # 기다리다 Ctrl-C를 또 받아도 끝까지 끕니다
            while any(p.poll() is None for p in self.processes) and time.monotonic() < until:
                time.sleep(0.02)
        for process in self.processes:
            process.stop()

    def __enter__(self) -> Brokers:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _alive(self, broker: int) -> Process:
        require_kill()
        if self._is_dead(broker):
            raise InvalidValue(
                f"broker={broker}: 죽은 브로커입니다.",
                "실행 중인 브로커여야 합니다.",
                "restart로 다시 띄우세요.",
            )
        return self.processes[broker]

    def _is_dead(self, broker: int) -> bool:
        check_integer("broker", broker, 0, len(self.processes) - 1)
        return self.processes[broker].poll() is not None

    def _answers(self, broker: int) -> bool:
        return broker not in self._paused and not self._is_dead(broker)

    def _format(self) -> None:
        """데이터의 폴더에 클러스터의 이름을 적습니다. 이미 적힌 것은 그대로 둡니다."""
        cluster = next(filter(None, (place.cluster() for place in self.places)), new_cluster())
        voters = ",".join(place.voter for place in self.places)
        started = []
        for place in self.places:
            file = self._settings_of(place)
            _write(file, settings(place, voters, len(self.places)))
            if not place.cluster():
                argv = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", file)
                started.append(self._execute(f"format-{place.number}", *argv))
        for process in started:
            if code := _finished(process):
                raise _failed(process, code)

    def _run(self, place: Place) -> Process:
        self._starts += 1
        name = f"broker-{place.number}-{self._starts}"
        return self._execute(name, "kafka.Kafka", self._settings_of(place))

    def _execute(self, name: str, main: str, *arguments: object) -> Process:
        temporary = f"-Djava.io.tmpdir={self._workspace.folder}"
        argv = self.home.command(main, *arguments)
        argv.insert(argv.index("-cp"), temporary)
        return self._workspace.run(argv, log=f"kafka-{self._name}-{name}.log")

    def _settings_of(self, place: Place) -> Path:
        return self._workspace.folder / f"kafka-{self._name}-{place.number}.properties"

    def _wait(self, broker: int) -> None:
        """브로커가 스스로를 클러스터의 브로커로 알려 줄 때까지 기다립니다."""
        process, place = self.processes[broker], self.places[broker]
        admin, until = client([place]), time.monotonic() + PATIENCE
        while time.monotonic() < until:
            code = process.poll()  # 끝난 다음에 읽어야 마지막 말까지 읽습니다
            if code is not None:
                raise _failed(process, code)
            if broker in _listed(admin):
                return
            time.sleep(0.05)
        raise java.failed("Kafka", f"{PATIENCE:g}초 안에 뜨지 않음", None, CAUSES)


def new_cluster() -> str:
    """클러스터의 이름: 대시로 시작하지 않는 22글자. 대시로 시작하면 명령의 옵션으로 읽힙니다."""
    name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return re.sub("^[-_]", "k", name)


def client(places: Sequence[Place]) -> Any:
    """묻기만 하는 클라이언트. 아직 뜨지 않은 브로커에 자주 다시 연결해 봅니다."""
    from confluent_kafka.admin import AdminClient

    return AdminClient(
        {
            "bootstrap.servers": ",".join(place.address for place in places),
            "log_level": 0,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 200,
        }
    )


def _listed(admin: Any) -> Sequence[int]:
    """요청을 받는 브로커들의 번호. 답이 없으면 비어 있습니다."""
    from confluent_kafka import KafkaException

    with contextlib.suppress(KafkaException):
        return list(admin.list_topics(timeout=0.5).brokers)
    return []


def _failed(process: Process, code: int | None) -> BackendUnavailable:
    return java.failed("Kafka", process.log.read_text(errors="replace"), code, CAUSES)


def _finished(process: Process) -> int:
    while (code := process.poll()) is None:
        time.sleep(0.02)
    return code


def _kill() -> int:
    return getattr(signal, "SIGKILL", signal.SIGTERM)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="ascii")
    except OSError as error:
        raise StorageFailure(
            f"{file}: 쓰지 못했습니다({error.strerror}).",
            "쓰기 권한과 빈 공간이 있는 폴더여야 합니다.",
            "공간을 비우세요.",
        ) from None
