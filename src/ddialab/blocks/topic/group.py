"""소비자 그룹: 파티션을 나누어 읽는 소비자들. 누가 무엇을 읽고 어디까지 끝냈는지만 정합니다."""

from __future__ import annotations

from collections.abc import Sequence

from ddialab.core.errors import InvalidValue, LabError

MAX_NAME = 100  # 글자


class Rebalanced(LabError):
    """그사이 그룹의 소비자가 바뀌어 파티션을 다시 나누었습니다."""


class Group:
    """파티션 ``partitions``개를 나누어 읽는 그룹.

    소비자가 들어오거나 나가면 파티션을 다시 나누고(``generation``이 늘어남), 모두 커밋한 곳부터
    다시 읽습니다. 커밋하지 않은 메시지는 새로 맡은 소비자에게 다시 갑니다.
    """

    def __init__(self, partitions: int):
        self.partitions, self.generation = partitions, 0
        self.members: list[str] = []
        self.committed: dict[int, int] = {}

    def join(self, member: str) -> None:
        """``member``가 들어옵니다."""
        if member in self.members:
            raise duplicate(member)
        self.members.append(member)
        self.generation += 1

    def leave(self, member: str) -> None:
        """``member``가 나갑니다. 커밋하지 않은 것은 남은 소비자가 다시 읽습니다."""
        if member in self.members:
            self.members.remove(member)
            self.generation += 1

    def starts(self, member: str) -> dict[int, int]:
        """``member``가 맡은 파티션마다 읽기 시작할 오프셋."""
        mine = share(self.members, self.partitions).get(member, [])
        return {partition: self.committed.get(partition, 0) for partition in mine}


def share(members: Sequence[str], partitions: int) -> dict[str, list[int]]:
    """이웃한 파티션을 이름의 차례로 나눕니다(range). 남는 것은 앞의 소비자가 하나씩 더 맡습니다."""
    shares, start = {}, 0
    for place, member in enumerate(sorted(members)):
        extra = 1 if place < partitions % len(members) else 0
        end = start + partitions // len(members) + extra
        shares[member] = list(range(start, end))
        start = end
    return shares


def turns(waiting: dict[int, int], most: int, last: int) -> list[int]:
    """기다리는 메시지를 파티션마다 하나씩 번갈아 ``most``개까지 읽는 차례.

    ``last``번 파티션의 다음부터 시작합니다. 한 파티션이 밀려 있어도 다른 파티션이 굶지 않습니다.
    """
    left, order = dict(waiting), []
    circle = sorted(left, key=lambda partition: (partition <= last, partition))
    while len(order) < most and any(left.values()):
        for partition in circle:
            if left[partition] and len(order) < most:
                left[partition] -= 1
                order.append(partition)
    return order


def duplicate(member: str) -> InvalidValue:
    """같은 이름의 소비자가 이미 있습니다."""
    return InvalidValue(
        f"member={member!r}: 그룹에 이미 있는 소비자입니다.",
        "그룹 안에서 겹치지 않는 이름이어야 합니다.",
        "먼저 있던 소비자를 닫거나 다른 이름을 지으세요.",
    )


def check_name(what: str, name: object) -> str:
    """그룹이나 소비자의 이름이면 돌려주고, 아니면 `InvalidValue`."""
    good = isinstance(name, str) and 0 < len(name) <= MAX_NAME and _is_written(name)
    if good:
        return name
    raise InvalidValue(
        f"{what}={name!r}: 쓸 수 없는 이름입니다.",
        f"빈칸과 보이지 않는 글자가 없는 1~{MAX_NAME}글자의 문자열이어야 합니다.",
        "짧은 낱말 하나로 지으세요.",
    )


def _is_written(name: str) -> bool:
    for letter in name:
        code = ord(letter)
        if code <= 32 or code == 127 or 0xD800 <= code <= 0xDFFF:
            return False
    return True
