"""소비자: 그룹의 한 자리에 앉아 맡은 파티션을 차례로 읽습니다.

읽은 것과 끝낸 것은 다릅니다. `Consumer.poll`은 읽을 자리(position)만 옮기고, 처리한 뒤에 부르는
`Consumer.commit`이 끝냈다고 적습니다. 그 사이에 죽으면 같은 메시지가 다시 갑니다(적어도 한 번).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ddialab.blocks.topic.group import Rebalanced, turns
from ddialab.blocks.topic.message import Message
from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    LabError,
    StorageFailure,
    check_integer,
)

MOST = 10_000  # 한 번에 읽는 메시지의 최대 수


class Consumer:
    """그룹 ``group``의 소비자 ``member``. `Topic.consumer`가 만듭니다.

    닫으면 커밋하지 않은 메시지는 그룹의 다른 소비자에게 다시 갑니다.
    """

    def __init__(self, topic: Any, group: str, member: str):
        self.topic, self.group, self.member = topic, group, member
        self.lock = topic.lock
        self._open = True
        self._last = -1  # 마지막으로 읽은 파티션
        self._positions: dict[int, int] = {}
        self._join()

    @property
    def partitions(self) -> list[int]:
        """지금 맡은 파티션들."""
        with self.lock:
            return sorted(self._current())

    def poll(self, most: int = 100) -> list[Message]:
        """맡은 파티션에서 다음 메시지를 ``most``개까지 읽습니다. 없으면 빈 리스트입니다.

        읽지 못하는 메시지를 만나면 그 앞까지 돌려주고, 다음에 부를 때 까닭을 말합니다.
        """
        check_integer("most", most, 1, MOST)
        with self.lock:
            positions = self._current()
            ends = self._ends(list(positions))
            waiting = {one: self._behind(one, ends[one]) for one in positions}
            order = turns(waiting, most, self._last)
            return self._taken(order, self._read(_counts(order)))

    def commit(self) -> dict[int, int]:
        """여태 읽은 것을 끝냈다고 적고, 파티션마다 다음에 읽을 오프셋을 돌려줍니다.

        마지막으로 읽은 뒤에 그룹이 바뀌었으면 적지 않고 `Rebalanced`. 그 메시지는 다시 옵니다.
        """
        with self.lock:
            self._check_open()
            if self._changed():
                raise Rebalanced(*self._rebalanced())
            self._keep(dict(self._positions))
            return dict(self._positions)

    def seek(self, partition: int, offset: int) -> None:
        """``partition``을 ``offset``번부터 읽게 합니다. 로그의 끝까지만 갈 수 있습니다."""
        with self.lock:
            self._mine(partition)
            end = self._ends([partition])[partition]
            self._move(partition, check_integer("offset", offset, 0, end))

    def position(self, partition: int) -> int:
        """``partition``에서 다음에 읽을 오프셋."""
        with self.lock:
            return self._mine(partition)

    def close(self) -> None:
        """커밋하지 않고 그룹에서 나갑니다. 두 번 불러도 됩니다."""
        with self.lock:
            if self._open:
                self._open = False
                self._leave()

    def __enter__(self) -> Consumer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── 어디에 담기든 같은 것 ──

    def _current(self) -> dict[int, int]:
        """그룹이 바뀌었으면 새로 나눈 파티션을 커밋한 곳부터 읽습니다."""
        self._check_open()
        if self._changed():
            self._adopt()
        return self._positions

    def _check_open(self) -> None:
        if not self._open:
            raise BackendUnavailable(
                f"소비자 {self.member!r}: 이미 닫았습니다.",
                "열려 있는 소비자여야 합니다.",
                "topic.consumer로 다시 여세요.",
            )

    def _rebalanced(self) -> tuple[str, str, str]:
        return (
            f"소비자 {self.member!r}: 읽는 사이에 그룹 {self.group!r}이 바뀌었습니다.",
            "커밋은 파티션을 다시 나누기 전에 해야 받습니다. 이번 것은 적지 않았습니다.",
            "poll을 다시 부르세요. 커밋하지 않은 메시지는 맡은 소비자에게 다시 옵니다.",
        )

    def _mine(self, partition: int) -> int:
        positions = self._current()
        self.topic.check_partition(partition)
        if partition not in positions:
            raise InvalidValue(
                f"partition={partition}: 소비자 {self.member!r}가 맡은 파티션이 아닙니다.",
                f"지금 맡은 것: {', '.join(map(str, sorted(positions))) or '없음'}.",
                "맡은 소비자에게 시키거나, 다른 소비자를 닫고 다시 하세요.",
            )
        return positions[partition]

    def _behind(self, partition: int, end: int) -> int:
        """아직 읽지 않은 메시지의 수. 커밋한 곳이 로그의 끝보다 뒤면 `StorageFailure`."""
        position = self._positions[partition]
        if position > end:
            raise StorageFailure(
                f"그룹 {self.group!r}은 파티션 {partition}을 {position}번 앞까지 읽었는데, "
                f"로그는 {end}번에서 끝납니다.",
                "읽던 바로 그 로그여야 하고, 로그의 끝을 잃지 않았어야 합니다.",
                f"잃은 것을 알고도 이어 읽으려면 seek({partition}, {end})를 부르고 commit하세요.",
            )
        return end - position

    def _taken(self, order: list[int], found: dict[int, Iterator[Message]]) -> list[Message]:
        messages: list[Message] = []
        for partition in order:
            try:
                message = next(found[partition], None)
            except LabError:
                if messages:
                    break
                raise
            if message is None:  # 읽는 사이에 그룹이 바뀌었습니다
                break
            messages.append(message)
            self._positions[partition] += 1
            self._last = partition
        return messages

    # ── 로그에서 읽는 방법. Kafka에서는 다릅니다 ──

    def _join(self) -> None:
        self._group = self.topic.group(self.group)
        self._group.join(self.member)
        self._adopt()

    def _leave(self) -> None:
        self._group.leave(self.member)
        self.topic.forget(self.group)

    def _changed(self) -> bool:
        return self._seen != self._group.generation

    def _adopt(self) -> None:
        self._seen = self._group.generation
        self._positions = self._group.starts(self.member)

    def _ends(self, partitions: Iterable[int]) -> dict[int, int]:
        return {partition: self.topic.end(partition) for partition in partitions}

    def _read(self, counts: dict[int, int]) -> dict[int, Iterator[Message]]:
        found = {}
        for partition, count in counts.items():
            start = self._positions[partition]
            found[partition] = iter(self.topic.read(partition, start, start + count))
        return found

    def _keep(self, offsets: dict[int, int]) -> None:
        self.topic.keep(self.group, offsets)

    def _move(self, partition: int, offset: int) -> None:
        self._positions[partition] = offset


def _counts(order: list[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for partition in order:
        counts[partition] = counts.get(partition, 0) + 1
    return counts
