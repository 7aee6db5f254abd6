"""장면을 끝까지 돌려 보고, 거기서 일어난 일을 찾습니다."""

import importlib
import random

from ddialab.core.scene import SLICE, Play
from live.models import scenes

PLACES = {name: place.split(":") for name, place in scenes().items()}
SCENES = {n: getattr(importlib.import_module(module), c) for n, (module, c) in PLACES.items()}
ACTS = 12  # 아무렇게나 하는 조작의 수


def played(scene, seed, at=None, script=(), most=SLICE) -> Play:
    """처음 설정이나 ``at``으로, ``script``대로 끝까지 간 장면."""
    play = Play(scene, seed, at or scene.start(), script)
    while not play.run(scene.end, most):
        pass
    return play


def changes(scene, seed, at=None, script=()) -> list[tuple]:
    """그 장면의 변화들."""
    return played(scene, seed, at, script).changes


def told(seen, *kind) -> list[tuple]:
    """``kind``로 시작하는 변화들에서 그다음에 적힌 것."""
    return [change[1 + len(kind) :] for change in seen if change[1 : 1 + len(kind)] == kind]


def last(seen, *kind):
    """``kind``로 시작하는 마지막 변화에서 그다음 값."""
    return told(seen, *kind)[-1][0]


def met(scene, seed, at=None, script=()) -> bool:
    """도전의 목표를 이루었나."""
    return last(changes(scene, seed, at, script), "goal")


def turned(scene) -> list[list[int]]:
    """슬라이더 하나만 처음과 다르게 둔 설정들."""
    start = scene.start()
    return [
        [place if i == turn else first for i, first in enumerate(start)]
        for turn, knob in enumerate(scene.knobs)
        for place in range(len(knob.values))
        if place != knob.start
    ]


def at_random(scene, seed) -> list[tuple]:
    """도는 동안 할 수 있는 조작들로 아무렇게나 지은 대본. 할 수 있는 것이 없으면 비었습니다."""
    chance, lines = random.Random(seed), []
    hands = [(action.name, list(action.targets)) for action in scene.actions]
    hands += [(knob.name, list(range(len(knob.values)))) for knob in scene.knobs if knob.live]
    for ms in sorted(chance.sample(range(scene.end), ACTS if hands else 0)):
        name, targets = chance.choice(hands)
        lines.append((ms, name, chance.choice(targets)))
    return lines
