"""센티널의 판단: 프라이머리가 죽었다고 언제 합의하고, 누구를 뽑는가. 시계는 없습니다."""

from __future__ import annotations

from collections.abc import Sequence

from ddialab.core.metrics import majority


def agreed(suspicions: Sequence[float], quorum: int) -> float | None:
    """``quorum``째 센티널이 의심하는 시각. 그만큼 없으면 None: 아무도 페일오버하지 않습니다."""
    return sorted(suspicions)[quorum - 1] if len(suspicions) >= quorum else None


def can_vote(up: int, sentinels: int) -> bool:
    """페일오버를 맡을 센티널을 뽑을 수 있는가. 죽은 것까지 센 전체의 과반이 살아 있어야 합니다."""
    return up >= majority(sentinels)


def chosen(offsets: Sequence[tuple[str, int]]) -> str | None:
    """닿는 복제본 가운데 가장 많이 받은 것. 같으면 앞의 것, 없으면 None.

    ``offsets``는 닿는 복제본마다의 (이름, 받은 양)입니다. 프라이머리가 답한 것을 다 받았는지는
    보지 않습니다. 죽은 프라이머리에게 물어볼 수 없기 때문입니다.
    """
    best = None
    for name, offset in offsets:
        if best is None or offset > best[1]:
            best = (name, offset)
    return None if best is None else best[0]
