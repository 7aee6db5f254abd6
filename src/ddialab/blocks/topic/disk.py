"""디스크의 토픽: 파티션마다 로그 파일 하나, 그리고 커밋한 오프셋을 적는 로그 파일 하나.

오프셋도 로그에 덧붙입니다(Kafka도 오프셋을 토픽 하나에 적습니다). 커밋 하나가 기록 하나라서, 적다가
죽으면 통째로 없던 일이 됩니다. 그때는 옛 오프셋부터 다시 읽습니다.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import ExitStack
from pathlib import Path

from ddialab.blocks.log import FSYNC, Dropped, Log
from ddialab.blocks.topic.topic import Topic
from ddialab.core.errors import InvalidValue, StorageFailure, check_choice, check_integer

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
MAX_PARTITIONS = 1000


class DiskTopic(Topic):
    """폴더 ``folder``에 둔 토픽 ``name``. 한 프로세스만 열 수 있고, 스레드는 여럿이어도 됩니다.

    ``fsync``는 `Log`의 것입니다. 커밋한 오프셋은 늘 곧바로 디스크까지 내려보냅니다. 열 때 쓰다 만
    마지막 기록을 잘라 냈으면 ``dropped``에 파티션마다 남깁니다.
    """

    def __init__(
        self, folder: str | Path, partitions: int = 3, fsync: str = "always", name: str = "topic"
    ):
        check_integer("partitions", partitions, 1, MAX_PARTITIONS)
        check_choice("fsync", fsync, FSYNC)
        self.name, self.folder = check_topic_name(name), Path(folder)
        with ExitStack() as opening:
            self._offsets = opening.enter_context(Log(self.folder / f"{name}.offsets.log"))
            self._check_count(partitions)
            paths = [self.folder / f"{name}.{number}.log" for number in range(partitions)]
            logs = [opening.enter_context(Log(path, fsync)) for path in paths]
            super().__init__(logs, threading.RLock())
            self._recall()
            self._files = opening.pop_all()

    @property
    def dropped(self) -> dict[int, Dropped]:
        """열 때 쓰다 만 끝을 잘라 낸 파티션들. 답한 메시지는 여기에 없습니다."""
        return {n: log.dropped for n, log in enumerate(self._logs) if log.dropped}

    def sync(self) -> None:
        """여태 보낸 것을 모두 디스크까지 내려보냅니다."""
        for log in self._logs:
            log.sync()

    def keep(self, name: str, offsets: dict[int, int]) -> None:
        if offsets.items() - self.group(name).committed.items():
            self._offsets.append(json.dumps([name, offsets], ensure_ascii=False).encode())
        super().keep(name, offsets)

    def close(self) -> None:
        """남은 것을 디스크에 내려보내고 닫습니다. 두 번 불러도 됩니다."""
        self._files.close()

    def _check_count(self, partitions: int) -> None:
        """파티션의 수는 처음에 정해집니다. 바꾸면 같은 키가 다른 파티션으로 갑니다."""
        if not self._offsets.end:
            self._offsets.append(json.dumps(partitions).encode())
        (first,) = self._offsets.read(0, 1)
        made = self._parsed(first.payload)
        if made != partitions:
            raise InvalidValue(
                f"partitions={partitions}: 이 토픽은 파티션이 {made}개입니다.",
                "파티션의 수는 토픽을 처음 만들 때 정해집니다.",
                f"partitions={made}로 열거나 다른 이름으로 새로 만드세요.",
            )

    def _recall(self) -> None:
        for record in self._offsets.read(1):
            group, offsets = self._parsed(record.payload)
            super().keep(group, {int(partition): offset for partition, offset in offsets.items()})

    def _parsed(self, payload: bytes):
        """파티션의 수, 또는 [그룹, {파티션: 오프셋}]."""
        try:
            told = json.loads(payload)
            if isinstance(told, int) or (isinstance(told[0], str) and isinstance(told[1], dict)):
                return told
        except (ValueError, LookupError, TypeError):
            pass
        raise StorageFailure(
            f"{self._offsets.path}: 토픽의 오프셋을 적은 파일이 아닙니다.",
            "DiskTopic이 만든 파일이어야 합니다.",
            "폴더와 이름을 확인하세요. 아무것도 고치지 않았습니다.",
        )


def check_topic_name(name: object) -> str:
    """토픽의 이름이면 돌려주고, 아니면 `InvalidValue`. 규칙은 Kafka의 것입니다."""
    if isinstance(name, str) and re.fullmatch(NAME, name):
        return name
    raise InvalidValue(
        f"name={name!r}: 쓸 수 없는 토픽의 이름입니다.",
        "영문자와 숫자로 시작하고 영문자, 숫자, 점, _, -만 있는 100글자까지의 이름이어야 합니다.",
        "한글 이름은 영문자로 바꾸어 적으세요.",
    )
