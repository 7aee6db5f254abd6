"""범례에 적을 것: 장면에서 정말 볼 수 있는 점의 모양과 부품의 상태.

미리 돌려 보고 정합니다. 설명에 적힌 것을 모두 늘어놓으면 독자가 오지 않을 것을 기다리고, 저장된
장면만 보면 독자가 누른 다음에 나온 것을 모릅니다.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from ddialab.core.scene import Line, Play, Scene

TRIALS, ACTS = 64, 12  # 아무렇게나 해 보는 횟수와, 한 번에 하는 조작의 수
PLAIN = ("ok", "absent", "old")  # 띠에 막대가 없는 상태


def seen(about: Scene, script: Sequence[Line] = ()) -> list[str]:
    """점의 모양(go, ok, late, fail)과 상태의 이름들, 저장소의 줄이 바뀌면 put."""
    stores = {part.id for part in about.parts if part.kind == "store"}
    names = set()
    for at, lines in _trials(about, script):
        for _, kind, *what in played(about, at, lines):
            if kind == "new":
                names.add("go")
            elif kind == "look" or (kind == "state" and what[1] not in PLAIN):
                names.add(what[1])
            elif kind == "put" and what[0] in stores:
                names.add("put")
    return sorted(names)


def _trials(about: Scene, script: Sequence[Line]) -> Iterator[tuple[list[int], Sequence[Line]]]:
    """해 볼 것들(슬라이더의 자리와 대본): 저장해 둘 것, 도전의 풀이, 아무렇게나."""
    yield about.start(), script
    if about.challenge:
        yield list(about.challenge.at), about.challenge.script
    hands = [(action.name, action.targets) for action in about.actions]
    hands += [(knob.name, range(len(knob.values))) for knob in about.knobs if knob.live]
    for trial in range(TRIALS):
        chance = random.Random(trial)
        at = [chance.randrange(len(knob.values)) for knob in about.knobs]
        times = sorted(chance.randrange(about.end) for _ in range(ACTS if hands else 0))
        picked = [chance.choice(hands) for _ in times]
        yield (
            at,
            [(ms, name, chance.choice(to)) for ms, (name, to) in zip(times, picked, strict=True)],
        )


def played(about: Scene, at: Sequence[int], script: Sequence[Line]) -> list[tuple]:
    """``at``과 ``script``로 끝까지 돌린 변화들."""
    play = Play(about, about.seed, at, script)
    while not play.run(about.end):
        pass
    return play.changes
