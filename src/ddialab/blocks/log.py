"""로그: 뒤에 덧붙이기만 하는 파일. 답한 쓰기를 잃지 않는 가장 단순한 구조입니다.

파일은 ``MAGIC`` 다음에 기록이 이어집니다. 기록은 머리(내용의 길이, 내용의 CRC32, 적은 시각, 머리의
CRC32)와 내용입니다. 머리에 CRC가 따로 있어야 길이가 깨진 기록과 쓰다 만 마지막 기록을 구별합니다.
구별하지 못하면 그 뒤의 멀쩡한 기록까지 조용히 버리게 됩니다.
"""

from __future__ import annotations

import errno
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from ddialab.blocks.tape import Record
from ddialab.core.errors import (
    InvalidValue,
    LabError,
    StorageFailure,
    check_choice,
    check_integer,
)

MAGIC = b"ddialog1"
HEADER = struct.Struct("<IIdI")  # 내용의 길이, 내용의 CRC32, 시각(초), 앞 16바이트의 CRC32
MAX_PAYLOAD = 64 * 2**20  # 기록 하나의 최대 크기(바이트)
FSYNC = ("always", "group", "none")


class Dropped(NamedTuple):
    """열 때 잘라 낸, 쓰다 만 끝: ``offset``번이 되려던 기록의 자리와 크기(바이트)."""

    offset: int
    position: int
    size: int


class Log:
    """디스크의 로그 하나. 한 프로세스만 열 수 있습니다.

    ``fsync``는 언제 디스크까지 내려보낼지입니다. ``"always"``는 답하기 전에 매번, ``"group"``은
    ``group``건마다 한 번, ``"none"``은 운영체제에 맡깁니다. 앞의 것일수록 느리고 덜 잃습니다.
    열 때 쓰다 만 마지막 기록은 잘라 내고, 무엇을 잘랐는지 ``dropped``에 남깁니다(없으면 None).
    그 앞이 깨졌으면 아무것도 버리지 않고 `StorageFailure`를 냅니다. ``clock``은 기록에 적을
    시각(초)을 주는 함수입니다.

    fsync가 한 번 실패하면 그 뒤로는 아무것도 적지 않습니다. 리눅스는 못 내려보낸 페이지를 버리고
    다음 fsync에 성공했다고 답하기도 합니다. PostgreSQL도 2018년부터 같은 까닭으로 멈춥니다
    (https://wiki.postgresql.org/wiki/Fsync_Errors).
    """

    def __init__(
        self,
        path: str | Path,
        fsync: str = "always",
        group: int = 100,
        clock: Callable[[], float] = time.time,
    ):
        self.path, self.clock = Path(path), clock
        self.fsync = check_choice("fsync", fsync, FSYNC)
        self.group = check_integer("group", group, 1)
        self._lock = threading.RLock()
        self._edges = [len(MAGIC)]  # i번 기록은 _edges[i]바이트부터 _edges[i + 1]바이트 앞까지
        self._dirty = False  # 실패한 쓰기의 찌꺼기가 파일 끝에 남았는지
        self._sync_failed = False
        self.dropped: Dropped | None = None
        with _explained(self.path, "열지"):
            self._file = _open_alone(self.path)
            try:
                self._recover()
            except BaseException:
                self._file.close()
                raise
        self.durable = self.end

    @property
    def end(self) -> int:
        """다음 기록이 받을 번호. ``durable``번 앞까지는 디스크에 있습니다."""
        return len(self._edges) - 1

    def append(self, payload: bytes) -> int:
        """기록을 덧붙이고 그 번호를 돌려줍니다. 돌아왔다면 ``fsync``가 약속한 만큼 안전합니다.

        쓰지 못하면 `StorageFailure`를 내고, 로그는 쓰기 전과 같습니다.
        """
        record = _encode(payload, self.clock())
        with self._lock, _explained(self.path, "적지"):
            try:
                self._prepare()
                self._write(record)
                if self._is_due():
                    self._fsync()
                    self.durable = self.end + 1
            except BaseException:  # Ctrl-C도 반쪽 기록을 남깁니다
                self._discard_tail()
                raise
            self._edges.append(self._edges[-1] + len(record))
            return self.end - 1

    def sync(self) -> None:
        """여태 적은 것을 디스크까지 내려보냅니다. 이 뒤로는 전원이 나가도 남습니다."""
        with self._lock, _explained(self.path, "디스크에 내려보내지"):
            self._prepare()
            self._fsync()
            self.durable = self.end

    def read(self, start: int = 0, end: int | None = None) -> Iterator[Record]:
        """``start``번부터 ``end``번 앞까지 차례로 읽습니다. 깨진 기록을 만나면 `StorageFailure`."""
        start = check_integer("start", start, 0, self.end)
        end = self.end if end is None else check_integer("end", end, start, self.end)
        return map(self._record, range(start, end))

    def truncate(self, offset: int) -> None:
        """``offset``번부터의 기록을 버립니다. 아직 답하지 않은 쓰기를 물릴 때만 씁니다."""
        with self._lock:
            if check_integer("offset", offset, 0, self.end) < self.end:
                del self._edges[offset + 1 :]
                self.durable = min(self.durable, offset)
                self._discard_tail()

    def close(self) -> None:
        """남은 것을 디스크에 내려보내고 닫습니다. 두 번 불러도 됩니다.

        fsync가 실패했던 로그는 내려보낸 척하지 않고 그냥 닫습니다. 그 실패는 이미 알렸습니다.
        """
        with self._lock:
            try:
                if not self._file.closed and not self._sync_failed:
                    self.sync()
            finally:
                self._file.close()

    def __len__(self) -> int:
        return self.end

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def _recover(self) -> None:
        """파일을 처음부터 훑어 기록의 자리를 찾고, 쓰다 만 끝을 자릅니다."""
        start = self._bytes(0, len(MAGIC))
        if start != MAGIC and MAGIC.startswith(start):
            self._create()
        elif start != MAGIC:
            raise StorageFailure(
                f"{self.path}: 로그 파일이 아니거나 첫머리가 깨졌습니다.",
                "Log가 만든 파일이거나 아직 없는 파일이어야 합니다.",
                "경로를 확인하세요. 아무것도 고치지 않았습니다.",
            )
        while (found := self._read_at(self._edges[-1])) is not None:
            self._edges.append(self._edges[-1] + HEADER.size + len(found[1]))
        if torn := self._file.seek(0, os.SEEK_END) - self._edges[-1]:
            self.dropped = Dropped(self.end, self._edges[-1], torn)
            self._file.truncate(self._edges[-1])

    def _create(self) -> None:
        self._file.seek(0)
        self._file.write(MAGIC)
        os.fsync(self._file.fileno())
        if os.name == "posix":  # 파일의 이름도 내려보내야 전원이 나간 뒤에 찾을 수 있습니다
            folder = os.open(self.path.absolute().parent, os.O_RDONLY)
            with suppress(OSError):  # 폴더의 fsync를 모르는 파일 시스템도 있습니다
                os.fsync(folder)
            os.close(folder)

    def _read_at(self, position: int) -> tuple[float, bytes] | None:
        """``position``의 (시각, 내용). 쓰다 만 끝이면 None, 깨졌으면 `StorageFailure`."""
        head = self._bytes(position, HEADER.size)
        if len(head) < HEADER.size or self._is_zero_from(position):
            return None
        length, checksum, moment, head_checksum = HEADER.unpack(head)
        if head_checksum != zlib.crc32(head[:16]):
            raise self._corrupt(position)
        payload = self._bytes(position + HEADER.size, length)
        if len(payload) < length:
            return None
        if zlib.crc32(payload) != checksum:
            raise self._corrupt(position)
        return moment, payload

    def _is_zero_from(self, position: int) -> bool:
        """끝까지 0뿐인지. 전원이 나가면 길이만 늘고 내용이 없는 끝이 남기도 합니다."""
        return not any(self._bytes(position, HEADER.size)) and not any(self._bytes(position, -1))

    def _record(self, offset: int) -> Record:
        with self._lock, _explained(self.path, "읽지"):
            found = self._read_at(self._edges[offset])
            if found is None:
                raise self._corrupt(self._edges[offset])
            return Record(offset, *found)

    def _bytes(self, position: int, length: int) -> bytes:
        self._file.seek(position)
        return self._file.read(length)

    def _write(self, data: bytes) -> None:
        self._file.seek(self._edges[-1])
        rest = memoryview(data)
        while rest:  # 운영체제는 부탁한 것보다 적게 쓰고 돌아올 수 있습니다
            rest = rest[self._file.write(rest) :]

    def _is_due(self) -> bool:
        waiting = self.end + 1 - self.durable
        return self.fsync == "always" or (self.fsync == "group" and waiting >= self.group)

    def _fsync(self) -> None:
        try:
            os.fsync(self._file.fileno())
        except OSError:
            self._sync_failed = True
            raise

    def _discard_tail(self) -> None:
        """마지막 기록 뒤를 자릅니다. 지금 못 자르면 다음에 쓰기 전에 자릅니다."""
        self._dirty = True
        with suppress(OSError, ValueError):
            self._clean()

    def _prepare(self) -> None:
        """쓸 수 있는 로그인지 보고, 남은 찌꺼기를 치웁니다."""
        if self._sync_failed:
            raise StorageFailure(
                f"로그 {self.path}: fsync가 실패한 로그라서 더 쓰지 않습니다.",
                f"디스크에 있다고 믿을 수 있는 것은 {self.durable}번 앞까지입니다.",
                "디스크를 확인하고, 로그를 닫았다가 다시 열어 무엇이 남았는지 보세요.",
            )
        self._clean()

    def _clean(self) -> None:
        if self._dirty:
            self._file.truncate(self._edges[-1])
            self._dirty = False

    def _corrupt(self, position: int) -> StorageFailure:
        return StorageFailure(
            f"{self.path}: {position}바이트에서 시작하는 기록이 깨졌습니다(CRC가 다름).",
            "아무것도 버리지 않았습니다. 다른 사본이 있으면 그것을 쓰세요.",
            f"없으면 파일을 복사해 두고 {position}바이트로 줄여 앞부분만 여세요.",
        )


@contextmanager
def _explained(path: Path, verb: str) -> Iterator[None]:
    """운영체제의 오류를 이 책의 오류로 바꿉니다."""
    try:
        yield
    except LabError:
        raise
    except (OSError, ValueError) as error:  # 닫힌 파일에는 ValueError가 납니다
        reason = (
            REASONS.get(error.errno, error.strerror) if isinstance(error, OSError) else "닫힌 로그"
        )
        raise StorageFailure(
            f"로그 {path}: {verb} 못했습니다({reason}).",
            "쓸 수 있는 폴더의 파일이고 빈 공간이 있어야 합니다.",
            "경로와 권한, 남은 공간을 확인하고 다시 하세요. 이미 답한 기록은 그대로 있습니다.",
        ) from None


REASONS = {
    errno.ENOSPC: "디스크가 가득 참",
    errno.EROFS: "읽기 전용 파일 시스템",
    errno.EACCES: "권한이 없음",
    errno.ENOENT: "폴더가 없음",
    errno.EISDIR: "파일이 아니라 폴더임",
    errno.EAGAIN: "다른 곳에서 이미 열어 둠",
    errno.EFBIG: "파일 크기 한도를 넘음",
}


def _encode(payload: bytes, moment: float) -> bytes:
    if not isinstance(payload, bytes) or len(payload) > MAX_PAYLOAD:
        raise InvalidValue(
            f"payload={str(payload)[:40]!r}: 로그에 적을 수 없습니다.",
            f"{MAX_PAYLOAD:,}바이트 이하의 bytes여야 합니다.",
            "문자열이면 .encode()를 붙이세요.",
        )
    head = HEADER.pack(len(payload), zlib.crc32(payload), moment, 0)[:16]
    return head + struct.pack("<I", zlib.crc32(head)) + payload


def _open_alone(path: Path):
    """파일을 열고 잠급니다. 두 곳에서 함께 쓰면 서로의 기록을 덮어쓰기 때문입니다."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags, 0o644), "r+b", buffering=0)
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # Windows에는 없고, 브라우저의 fcntl은 텅 비었습니다
        return file
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except OSError:
        file.close()
        raise
    return file
