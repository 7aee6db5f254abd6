"""AOF: Valkey와 Redis가 받은 명령을 순서대로 적어 둔 파일. 여기서 FLUSHALL만 도려냅니다.

AOF는 여러 조각입니다. 목록(manifest)이 바탕(base)과 그 뒤의 증분(incr) 파일들을 가리킵니다.
서버가 AOF를 다시 쓰면(AOF rewrite) 지금 데이터만 담은 새 바탕이 옛 조각을 갈음합니다. FLUSHALL 뒤에
시작한 다시 쓰기가 끝났다면 지워지기 전의 명령은 어디에도 없으므로 복구할 수 없습니다.
그래서 사고가 나면 곧바로 서버를 멈추고, 도려내고, 다시 켭니다. 다시 쓰기가 돌고 있어도(INFO의
aof_rewrite_in_progress가 1) 끝나기 전에 멈추면 옛 조각이 남습니다. CONFIG SET은 이미 도는 것을
막지 못합니다.
파일 형식: https://valkey.io/topics/persistence, https://valkey.io/topics/protocol
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ddialab.core.errors import StorageFailure

FOLDER = "appendonlydir"
FLUSHES = (b"FLUSHALL", b"FLUSHDB")


class Command(NamedTuple):
    """AOF의 ``start``바이트부터 ``end``바이트 앞까지 적힌 명령 하나."""

    start: int
    end: int
    words: list[bytes]


@dataclass(frozen=True)
class Undo:
    """도려낸 결과. ``after``는 FLUSHALL 뒤에 이어져 살아남은 명령의 수입니다."""

    file: Path
    position: int
    command: str
    after: int


def undo_flushall(folder: str | Path) -> Undo:
    """꺼진 서버의 데이터 폴더에서 마지막 FLUSHALL(FLUSHDB)을 도려냅니다.

    고치기 전의 파일은 ``.before-undo``를 붙여 남깁니다. 서버가 도는 동안에는 부르지 마세요.
    FLUSHALL이 남아 있지 않으면 `StorageFailure`를 내고 아무것도 고치지 않습니다.
    """
    for path in reversed(incremental_files(folder)):
        data = _read(path)
        found = list(commands(data, path))
        flushes = [i for i, command in enumerate(found) if command.words[0].upper() in FLUSHES]
        if flushes:
            command = found[flushes[-1]]
            _replace(path, data, data[: command.start] + data[command.end :])
            text = b" ".join(command.words).decode(errors="replace").upper()
            return Undo(path, command.start, text, len(found) - flushes[-1] - 1)
    raise StorageFailure(
        f"{folder}: AOF에 FLUSHALL이 없습니다. 그 뒤에 AOF가 다시 쓰여 옛 명령이 사라졌습니다.",
        "FLUSHALL 다음에 시작한 AOF rewrite가 없어야 합니다(자동으로 시작하기도 합니다).",
        "이제는 FLUSHALL을 받지 않은 사본에서 복구해야 합니다: 늦게 따라오게 둔 복제본이나 다른 "
        "곳에 둔 백업. 보통의 복제본은 함께 비워졌고, 이 서버의 RDB 파일도 믿을 수 없습니다.",
    )


def wait_until_written(client: Any) -> None:
    """``client``의 서버가 답한 명령을 모두 파일에 적을(write) 때까지 기다립니다.

    appendfsync everysec에서는 앞의 fsync가 끝나지 않았으면 write를 2초까지 미루고 먼저 답합니다.
    그사이에 서버를 죽이면 답한 것을 잃습니다. https://valkey.io/topics/latency
    """
    while client.info("persistence").get("aof_buffer_length"):
        time.sleep(0.005)


def incremental_files(folder: str | Path) -> list[Path]:
    """목록(manifest)이 가리키는 증분 파일들을 오래된 것부터."""
    where = Path(folder) / FOLDER
    manifests = sorted(where.glob("*.manifest"))
    if not manifests:
        raise StorageFailure(
            f"{where}: AOF 목록(manifest)이 없습니다.",
            "appendonly yes로 돌던 Valkey나 Redis 7 이상의 데이터 폴더여야 합니다.",
            "AOF를 켜지 않았다면 복구할 기록이 없습니다.",
        )
    lines = [line.split() for line in _read(manifests[0]).decode().splitlines()]
    entries = [dict(zip(line[::2], line[1::2], strict=False)) for line in lines]
    return [where / entry["file"] for entry in entries if entry.get("type") == "i"]


def commands(data: bytes, path: Path | str = "AOF") -> Iterator[Command]:
    """RESP로 적힌 명령들. 쓰다 만 마지막 명령은 서버처럼 무시하고, 깨졌으면 `StorageFailure`."""
    position = 0
    while position < len(data):
        try:
            end, words = _parse(data, position)
        except IndexError:  # 서버가 갑자기 꺼져 끝이 잘린 명령
            return
        except ValueError:
            raise StorageFailure(
                f"{path}: {position}바이트에서 AOF의 형식이 어긋납니다.",
                "서버가 적은 그대로의 증분 파일이어야 합니다.",
                "redis-check-aof 나 valkey-check-aof 로 확인하세요. 아무것도 고치지 않았습니다.",
            ) from None
        if words:
            yield Command(position, end, words)
        position = end


def _parse(data: bytes, position: int) -> tuple[int, list[bytes]]:
    """(다음 자리, 낱말들). ``#``으로 시작하는 시각 표시 줄이면 낱말이 없습니다."""
    line, position = _line(data, position)
    if line.startswith(b"#"):
        return position, []
    words = []
    for _ in range(_number(line, b"*")):
        head, position = _line(data, position)
        end = position + _number(head, b"$")
        if end + 2 > len(data):
            raise IndexError
        if data[end : end + 2] != b"\r\n":
            raise ValueError
        words.append(data[position:end])
        position = end + 2
    return position, words


def _line(data: bytes, position: int) -> tuple[bytes, int]:
    end = data.find(b"\r\n", position)
    if end < 0:
        raise IndexError
    return data[position:end], end + 2


def _number(line: bytes, sign: bytes) -> int:
    if not line.startswith(sign) or not line[1:].isdigit():
        raise ValueError
    return int(line[1:])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageFailure(
            f"{path}을(를) 읽지 못했습니다({error.strerror}).",
            todo="서버의 데이터 폴더가 맞는지, 읽을 권한이 있는지 확인하세요.",
        ) from None


def _replace(path: Path, before: bytes, after: bytes) -> None:
    """원본을 옆에 남기고 갈아 끼웁니다. 도중에 꺼져도 둘 가운데 하나는 온전합니다."""
    try:
        Path(f"{path}.before-undo").write_bytes(before)
        fresh = Path(f"{path}.undo")
        with fresh.open("wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise StorageFailure(
            f"{path}을(를) 고치지 못했습니다({error.strerror}).",
            "쓸 수 있는 폴더이고 AOF만큼의 빈 공간이 있어야 합니다.",
            "공간과 권한을 확인하고 다시 하세요. 원래 파일은 그대로입니다.",
        ) from None
