"""장면의 설명을 재생기가 읽을 JSON으로 옮기고, 만든 사람의 실수를 여기서 알립니다.

실수가 페이지까지 가면 그림이 움직이지 않을 뿐 아무도 까닭을 말해 주지 않습니다.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from ddialab.core.errors import InvalidValue, check_choice, check_integer
from ddialab.core.scene import Challenge, Line, Play, Scene, sent
from ddialab.show.face import check_text
from ddialab.show.legend import played, seen
from ddialab.show.room import HEIGHT
from ddialab.show.stage import STATES

SHORTEST = 1000  # 밀리초. 이보다 짧으면 초로 적은 것입니다
TONES = ("good", "bad", "plain")
LOOKS = ("go", "ok", "late", "fail")
PLACES = ("", "wait", "work")


def describe(
    about: Scene, title: str, alt: str = "", script: Sequence[Line] = ()
) -> dict[str, Any]:
    """재생기가 읽을 설명: 무대, 할 수 있는 일, 저장된 장면. 앞뒤가 맞지 않으면 `InvalidValue`."""
    check(about)
    saved = _saved(about, script)
    check_changes(about, saved["changes"])
    return {
        "scene": about.name,
        "world": about.world.__module__,
        "title": title,
        "alt": alt,
        "seed": about.seed,
        "end": about.end,
        "digest": digest(saved),
        "parts": [asdict(part) for part in about.parts],
        "wires": about.wires,
        "groups": [{"id": name, "label": label} for name, label in about.groups],
        "counters": [
            dict(zip(("id", "label", "tone"), one, strict=True)) for one in about.counters
        ],
        "lanes": [{"id": name, "label": label} for name, label in about.lanes],
        "knobs": [
            {"name": k.name, "label": k.label, "texts": k.texts, "start": k.start, "live": k.live}
            for k in about.knobs
        ],
        "actions": [asdict(action) for action in about.actions],
        "asks": [asdict(ask) | {"choices": list(ask.choices) or None} for ask in about.asks],
        "challenge": about.challenge and _challenge(about.challenge),
        "seen": seen(about, script),
        **({"lined": True} if _is_lined(about, saved["changes"]) else {}),
        "saved": saved,
    }


def _is_lined(about: Scene, changes: Iterable[Sequence]) -> bool:
    """첫 칸의 부품에도 점들이 줄을 서는가. 좁은 화면은 그때만 맨 위에 줄 설 자리를 둡니다."""
    first = min(part.column for part in about.parts)
    top = {part.id for part in about.parts if part.column == first}
    return any(what[0] == "move" and what[-1] == "wait" and what[2] in top for _, *what in changes)


def _challenge(challenge: Challenge) -> dict[str, Any]:
    told = {
        "goal": challenge.goal,
        "hints": challenge.hints,
        "solution": {"at": challenge.at, "actions": challenge.script},
    }
    return told | ({"why": challenge.why} if challenge.why else {})


def _saved(about: Scene, script: Sequence[Line]) -> dict[str, Any]:
    """처음 설정으로 ``script``대로 끝까지 돌린 장면."""
    at = about.start()
    changes = sent(played(about, at, script))
    return {"at": at, "seed": about.seed, "actions": list(script), "changes": changes}


def digest(saved: dict[str, Any]) -> str:
    """모델이 하는 일의 지문. 코드를 다듬기만 했으면 그대로이고, 다르게 움직이면 달라집니다."""
    return hashlib.sha256(json.dumps(saved, sort_keys=True).encode()).hexdigest()[:8]


# --- 설명의 앞뒤 ---


def check(about: Scene) -> None:
    """설명에 적은 이름들이 서로 맞는지 봅니다."""
    check_integer("end(밀리초)", about.end, SHORTEST)
    parts = _once("부품", [part.id for part in about.parts])
    groups = _once("묶음", [name for name, _ in about.groups])
    for part in about.parts:
        check_choice(f"부품 {part.id}의 kind", part.kind, HEIGHT)
        check_choice(f"부품 {part.id}의 group", part.group, ["", *groups])
    for end in (end for wire in about.wires for end in wire):
        check_choice("선의 끝", end, parts)
    for name, _, tone in about.counters:
        check_choice(f"수 {name}의 색", tone, TONES)
    _once("수", [name for name, *_ in about.counters])
    _once("띠의 줄", [name for name, _ in about.lanes])
    _once("물음", [ask.id for ask in about.asks])
    _check_hands(about, [*parts, *groups])


def _check_hands(about: Scene, places: list[str]) -> None:
    """독자가 움직일 것들: 슬라이더와 행동, 그리고 도전의 풀이."""
    _once("조작", [one.name for one in (*about.knobs, *about.actions)])
    for knob in about.knobs:
        check_integer(
            f"슬라이더 {knob.name}의 texts의 수", len(knob.texts), *[len(knob.values)] * 2
        )
        check_integer(f"슬라이더 {knob.name}의 start", knob.start, 0, len(knob.values) - 1)
    for action in about.actions:
        for target in _tuple(f"조작 {action.name}의 targets", action.targets):
            check_choice(f"조작 {action.name}의 대상", target, places)
        for state in _tuple(f"조작 {action.name}의 when", action.when):
            check_choice(f"조작 {action.name}의 when", state, STATES)
    if about.challenge:
        Play(
            about, about.seed, about.challenge.at, about.challenge.script
        )  # 못 하는 풀이를 거절합니다
        check_integer("힌트의 수", len(about.challenge.hints), 3, 3)
        if about.challenge.why != "":  # 없어도 됩니다
            check_text("why", about.challenge.why)


def _once(what: str, names: list[str]) -> list[str]:
    again = [name for name in names if names.count(name) > 1]
    if again:
        raise InvalidValue(f"{what} {again[0]!r}: 두 번 나옵니다.", "이름은 하나씩이어야 합니다.")
    return names


def _tuple(name: str, value: Any) -> tuple:
    if not isinstance(value, tuple):
        raise InvalidValue(
            f"{name}={value!r}: 튜플이 아닙니다.", '하나뿐이어도 ("n1",)처럼 적으세요.'
        )
    return value


# --- 저장된 장면에서 부른 이름들 ---


def check_changes(about: Scene, changes: Iterable[Sequence]) -> None:
    """모델이 ``draw``에 적은 이름들이 설명에 있는지 봅니다. 저장된 장면에 나온 것만 봅니다."""
    part = ("부품", [part.id for part in about.parts])
    counter = ("수", [name for name, *_ in about.counters])
    lane = ("띠의 줄", [name for name, _ in about.lanes])
    ask = ("물음", [ask.id for ask in about.asks])
    place, look, state = ("자리", PLACES), ("모양", LOOKS), ("상태", STATES)
    rules = {  # draw의 종류마다, 차례로 오는 이름들. None이면 모델이 마음대로 정합니다
        "new": (None, part), "move": (None, part, place), "look": (None, look), "gone": (),
        "state": (part, state), "count": (counter,), "mark": (lane,), "say": (), "goal": (),
        "put": (part,), "push": (part,), "pop": (part,), "point": (part,),
        "ask": (ask,), "answer": (ask,),
    }  # fmt: skip
    for _, kind, *what in changes:
        check_choice("draw", kind, rules)
        for rule, value in zip(rules[kind], what, strict=False):
            if rule is not None:
                check_choice(f"draw({kind!r}, …)의 {rule[0]}", value, rule[1])
