"""같은 글을 함께 두드리는 진짜 프로세스들: 하나는 고치고 여럿은 읽습니다.

`python hammering.py 설정.json`이 프로세스 하나입니다. 읽고 쓴 일마다 시작과 끝의 시각
(CLOCK_MONOTONIC, 한 컴퓨터의 프로세스들이 함께 보는 시계)과 버전을 한 줄로 적습니다.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

from ddialab.blocks.database import Database
from ddialab.blocks.log import Log
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.experiments.composite_system.writer import open_shared
from ddialab.service.composite import CompositeService
from ddialab.service.writes import FILL
from waiting import wait_until

READ, SETTLED = "read", "settled"


class Did(NamedTuple):
    """한 일: 읽었거나, 이 버전이 보이기로 한 것. 시각은 초입니다."""

    kind: str
    id: int
    version: int
    began: float
    ended: float


def stale(done: list[Did]) -> list[tuple[Did, int]]:
    """약속보다 낡은 것을 본 읽기와, 그 읽기가 시작하기 전에 보이기로 한 가장 높은 버전."""
    settled = sorted((one.ended, one.id, one.version) for one in done if one.kind == SETTLED)
    found = []
    for one in done:
        before = [v for at, id, v in settled if id == one.id and at < one.began]
        if one.kind == READ and one.version < max(before, default=0):
            found.append((one, max(before)))
    return found


def version_of(text: str) -> int:
    return int(text.split()[-1])


class Hammer:
    """프로세스 하나. ``about``은 설정 파일에 적힌 것입니다."""

    def __init__(self, about: dict):
        self.about, self.ids, self.folder = about, about["ids"], Path(about["folder"])
        self.database = Database.open(about["database"], schema=about["schema"])
        relays = about["way"] == "outbox" and about["role"] == "write"
        self.service = CompositeService(
            about["way"],
            self.database,
            open_shared(about["redis"]),
            MemoryIndex(),
            log=Log(self.folder / "changes.log", fsync="none") if relays else None,
            waits=about["waits"],
        )

    def write(self) -> None:
        """버전을 하나씩 올리며 고칩니다. 읽는 쪽이 다 준비된 다음에 시작합니다."""
        wait_until(lambda: len(list(self.folder.glob("ready-*"))) == self.about["readers"], "준비")
        for version in range(1, self.about["rounds"] + 1):
            for id in self.ids:
                began = time.monotonic()
                self.service.edit(id, f"글 {version}")
                if self.service.relay is not None and not self.about["waits"]:
                    self.service.catch_up()
                tell(Did(SETTLED, id, version, began, time.monotonic()))
        (self.folder / "over").touch()

    def read(self) -> None:
        """고치는 쪽이 끝낼 때까지 읽습니다."""
        (self.folder / f"ready-{self.about['name']}").touch()
        over = self.folder / "over"
        while not over.exists():
            for id in self.ids:
                self._read(id)
        for id in self.ids:  # 다 끝난 뒤의 것
            self._read(id)

    def linger(self) -> None:
        """미스를 만나 옛 글을 읽고, 채우기 직전에, 고치는 쪽이 답할 때까지 멈춥니다."""
        (id,), over = self.ids, self.folder / "over"
        self.service.cache.delete(f"post:{id}")
        self.service.at = lambda step: step == FILL and self._let_the_writer_go(over)
        self._read(id)
        self.service.at = None
        self._read(id)

    def _let_the_writer_go(self, over: Path) -> None:
        (self.folder / f"ready-{self.about['name']}").touch()
        wait_until(over.exists, "고치는 쪽이 답함")

    def _read(self, id: int) -> None:
        began = time.monotonic()
        text = self.service.read(id).text
        tell(Did(READ, id, version_of(text), began, time.monotonic()))


def tell(did: Did) -> None:
    print(json.dumps(did), flush=True)


def told(text: str) -> list[Did]:
    return [Did(*json.loads(line)) for line in text.splitlines() if line.startswith("[")]


if __name__ == "__main__":
    settings = json.loads(Path(sys.argv[1]).read_text())
    getattr(Hammer(settings), settings["role"])()
