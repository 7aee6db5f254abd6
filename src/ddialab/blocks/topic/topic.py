"""토픽: 파티션마다 로그 하나. 읽어도 지워지지 않고, 그룹마다 어디까지 읽었는지를 따로 적습니다."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ddialab.blocks.topic.consumer import Consumer
from ddialab.blocks.topic.group import Group, check_name
from ddialab.blocks.topic.message import (
    Message,
    check_message,
    check_pairs,
    pack,
    partition_of,
    unpack,
)
from ddialab.core.errors import InvalidValue, LabError, check_all, check_integer


class Unlocked:
    """잠그지 않는 자물쇠: 스레드가 하나뿐인 곳에서 사용합니다."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class Topic:
    """``logs``(`Log`나 `Tape`)를 파티션으로 삼은 토픽.

    키가 같은 메시지는 한 파티션에 보낸 차례대로 쌓입니다. 파티션이 다르면 차례의 약속이 없습니다.
    ``lock``은 여러 스레드가 함께 쓸 때의 자물쇠입니다.
    """

    def __init__(self, logs: Sequence[Any], lock: Any = None):
        self._logs = check_all("logs", logs, object)
        self.partitions = check_integer("partitions", len(self._logs), 1)
        self.lock = Unlocked() if lock is None else lock
        self._groups: dict[str, Group] = {}
        self._turn = 0  # 키가 없는 메시지가 갈 파티션

    def send(self, key: str | None, value: bytes) -> Message:
        """메시지를 보냅니다. 돌아왔으면 로그가 약속한 만큼 안전합니다."""
        (answer,) = self.send_many([(key, value)])
        if isinstance(answer, LabError):
            raise answer
        return answer

    def send_many(self, pairs: Iterable[tuple[str | None, bytes]]) -> list[Message | LabError]:
        """(키, 값)들을 한꺼번에 보내고, 보낸 차례대로 메시지나 받지 못한 까닭을 돌려줍니다."""
        held = check_pairs(pairs)
        checked = [(key, value, check_message(key, value)) for key, value in held]
        with self.lock:
            return [self._append(key, value, encoded) for key, value, encoded in checked]

    def end(self, partition: int) -> int:
        """``partition``의 다음 메시지가 받을 오프셋."""
        return self._logs[self.check_partition(partition)].end

    def read(self, partition: int, start: int = 0, end: int | None = None) -> Iterator[Message]:
        """``partition``의 ``start``번부터 ``end``번 앞까지. 그룹과 상관없이 읽습니다."""
        log = self._logs[self.check_partition(partition)]
        records = log.read(start, end)
        return (unpack(record.payload, partition, record.offset) for record in records)

    def consumer(self, group: str, member: str = "consumer") -> Consumer:
        """그룹 ``group``에 소비자 ``member``로 들어갑니다. 처음 보는 그룹은 처음부터 읽습니다."""
        check_name("group", group)
        check_name("member", member)
        with self.lock:
            return Consumer(self, group, member)

    @property
    def groups(self) -> list[str]:
        """소비자가 있거나 커밋한 적이 있는 그룹들."""
        return sorted(self._groups)

    def committed(self, group: str) -> dict[int, int]:
        """``group``이 파티션마다 어디까지 끝냈는지. 모르는 그룹이면 `InvalidValue`."""
        check_name("group", group)
        if group not in self._groups:
            raise unknown_group(group, self.groups)
        kept = self._groups[group].committed
        return {partition: kept.get(partition, 0) for partition in range(self.partitions)}

    def lag(self, group: str) -> int:
        """``group``이 아직 끝내지 않은 메시지의 수."""
        return sum(int(self.end(one) - done) for one, done in self.committed(group).items())

    def close(self) -> None:
        """토픽을 닫습니다. 메모리의 토픽은 닫을 것이 없습니다."""

    def __enter__(self) -> Topic:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── 소비자가 부르는 것 ──

    def check_partition(self, partition: int) -> int:
        return check_integer("partition", partition, 0, self.partitions - 1)

    def group(self, name: str) -> Group:
        """그룹의 상태. 없으면 만듭니다."""
        if name not in self._groups:
            self._groups[name] = Group(self.partitions)
        return self._groups[name]

    def forget(self, name: str) -> None:
        """소비자도 커밋도 없는 그룹은 없는 것과 같습니다."""
        group = self._groups[name]
        if not group.members and not group.committed:
            del self._groups[name]

    def keep(self, name: str, offsets: dict[int, int]) -> None:
        """그룹이 커밋한 오프셋을 적습니다."""
        self.group(name).committed.update(offsets)

    def _append(self, key: str | None, value: bytes, encoded: bytes | None) -> Message | LabError:
        partition = self._next(key)
        try:
            offset = self._logs[partition].append(pack(encoded, value))
        except LabError as error:
            return error
        return Message(partition, offset, key, value)

    def _next(self, key: str | None) -> int:
        """``key``인 메시지가 갈 파티션. 키가 없으면 차례로 돌아갑니다."""
        partition = partition_of(key, self.partitions, self._turn)
        if key is None:
            self._turn += 1
        return partition


def unknown_group(group: str, known: Sequence[str]) -> InvalidValue:
    """한 번도 커밋하지 않았고 지금 소비자도 없는 그룹."""
    return InvalidValue(
        f"group={group!r}: 이 토픽이 모르는 그룹입니다.",
        f"지금 있는 그룹: {', '.join(known) or '없음'}.",
        "이름을 확인하거나 topic.consumer로 그룹에 들어가 commit하세요.",
    )
