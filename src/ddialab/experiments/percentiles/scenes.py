"""실습 13의 첫 장면과 도전, 그리고 책의 페이지에 놓는 작은 장면."""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.metrics import quantile
from ddialab.core.scene import Action, Ask, Challenge, Draw, Knob, Part, Scene
from ddialab.experiments.percentiles.clicks import (
    BASE,
    EACH,
    HEAVY,
    MOST,
    NARAE,
    OTHERS,
    RATE,
    SERVER,
    WHO,
    Clicks,
    Dashboard,
    ms,
)

# 작은 장면의 부하(초당 요청 수), 무거운 요청이 오는 시각, 그 뒤의 줄이 다 빠지고도 남을 시각(초)
BUSY, SOON, LATER = 3.0, 4.0, 12.0
BEHIND = Ask(
    "behind-a-heavy-one",
    f"처리하는 데 {HEAVY:g}초 걸리는 요청이 들어왔습니다. 그동안 오는 다른 요청들은 "
    f"저마다 {BASE:g}초면 처리됩니다. 이들은 답을 언제 받을까요?",
    (
        "여느 때처럼 받습니다",
        "조금 늦지만 여느 때의 다섯 배는 넘지 않습니다",
        "몇 건은 여느 때의 다섯 배 넘게 걸립니다",
    ),
)
NOTICED = Ask(
    "narae-in-the-mean",
    f"나래의 글 목록은 처리하는 데만 {ms(BASE + EACH * MOST)} ms가 걸립니다. "
    "나래가 답을 받고 나면 위의 평균은 얼마나 오를까요?",
    (
        "10%도 오르지 않습니다",
        "10% 넘게 오르지만 두 배까지는 아닙니다",
        "두 배 넘게 오릅니다",
    ),
)
CLICKS_AT = (4, 10, 16, 22)  # 도전에서 나래가 클릭하는 시각들(초)
GOAL = 0.8  # 도전의 p99(초)


class Behind(Dashboard):
    """`SOON`초에 무거운 요청 하나가 스스로 옵니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        super().__init__(engine, {"rate": BUSY}, draw)
        self._longest = 0.0  # 무거운 요청이 아닌 것 가운데 가장 오래 걸린 응답 시간(초)
        engine.at(SOON, self._come)
        engine.at(LATER, self._tell)

    def answered(self, dot: int, client: str, born: float, work: float, mine: str) -> None:
        """답이 돌아갑니다."""
        super().answered(dot, client, born, work, mine)
        if work < HEAVY:
            self._longest = max(self._longest, self.engine.now - born)

    def _come(self) -> None:
        self.act("heavy", OTHERS)
        self.draw("ask", BEHIND.id)

    def _tell(self) -> None:
        usual, late, blocked = BEHIND.choices
        times = self._longest / BASE
        told = blocked if times > 5 else usual if times < 1.5 else late
        self.draw("answer", BEHIND.id, told, told)


class Noticed(Dashboard):
    """나래가 처음 클릭하면, 그 클릭을 평균이 알아챌지 묻습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        super().__init__(engine, settings, draw)
        self._before = 0.0  # 나래가 처음 클릭했을 때의 평균(초). 0이면 아직입니다
        self._answered = False

    def act(self, name: str, target: str) -> None:
        """독자의 클릭 하나를 보냅니다."""
        super().act(name, target)
        if name == NARAE and not self._before:
            self._before = self.mean
            self.draw("ask", NOTICED.id)

    def told(self, mine: str, took: float, work: float) -> str:
        """나래가 처음 답을 받았으면 평균이 얼마나 올랐는지도 말합니다."""
        told = super().told(mine, took, work)
        if mine != WHO[NARAE] or self._answered:
            return told
        self._answered = True
        little, some, double = NOTICED.choices
        rise = self.mean / self._before
        found = little if rise < 1.1 else some if rise <= 2 else double
        self.draw("answer", NOTICED.id, found, found)
        return f"{told} 평균은 {ms(self._before)} ms에서 {ms(self.mean)} ms가 됐습니다."


class Promise(Clicks):
    """도전: 나래까지 넣은 p99. 나래는 정해진 때마다 클릭합니다."""

    tail = 0.99

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        super().__init__(engine, settings, draw)
        for time in CLICKS_AT:
            engine.at(time, self.act, NARAE, NARAE)
        engine.at(PROMISE.end / 1000, self._judge)

    def _judge(self) -> None:
        p99 = quantile(self.times, self.tail)
        self.draw("goal", p99 <= GOAL, f"p99는 {ms(p99)} ms입니다.")


def _stage(tail: str, *wanted: str) -> dict[str, Any]:
    """무대와, 이름이 ``wanted``에 드는 행동들. ``tail``은 느린 쪽 자리의 이름표입니다."""
    every = (
        Action(NARAE, "클릭", (NARAE,)),
        Action(OTHERS, "클릭", (OTHERS,)),
        Action("heavy", "무거운 요청", (OTHERS,)),
    )
    clients = (Part(NARAE, "client", "나래", 0), Part(OTHERS, "client", "다른 사람", 0))
    shown = clients if NARAE in wanted else clients[1:]
    return {
        "parts": (*shown, Part(SERVER, "server", "서버", 1)),
        "wires": tuple((part.id, SERVER) for part in shown),
        "counters": (
            ("done", "답", "good"),
            ("mean", "평균(ms)", "plain"),
            ("tail", f"{tail}(ms)", "plain"),
        ),
        "lanes": ((NARAE, "나래"),) if NARAE in wanted else (),
        "actions": tuple(action for action in every if action.name in wanted),
    }


def _workers() -> Knob:
    return Knob("workers", "워커", (1, 2, 3), ("1개", "2개", "3개"), 0)


CLICKS = Scene(
    "clicks",
    30_000,
    Noticed,
    **_stage("최대", NARAE, OTHERS, "heavy"),
    knobs=(
        Knob(
            "rate",
            "요청",
            (1, 2, 3, 4),
            ("초당 1건", "초당 2건", "초당 3건", "초당 4건"),
            1,
            live=True,
        ),
        _workers(),
    ),
    asks=(NOTICED,),
)
HEAD_OF_LINE = Scene("head-of-line", 16_000, Behind, **_stage("최대", "heavy"), asks=(BEHIND,))
PROMISE = Scene(
    "p99-promise",
    30_000,
    Promise,
    **_stage("p99", NARAE, OTHERS),
    knobs=(
        _workers(),
        Knob("page", "보여 줄 글", (MOST, 300, 50), ("전부", "300개", "50개"), 0),
    ),
    challenge=Challenge(
        f"초당 {RATE:g}건이 오고, 나래는 {len(CLICKS_AT)}번 클릭합니다. "
        f"나래까지 넣은 p99를 {ms(GOAL)} ms 이하로 만드세요.",
        (
            "「다른 사람」의 클릭도 보내 보세요. 그림 아래의 문장이 줄에서 기다린 시간과 "
            "처리하는 시간을 나누어 말합니다. 나래의 클릭과 견주어 보세요.",
            "워커를 늘리면 나래의 클릭을 처리하는 시간은 어떻게 됩니까? "
            "글을 나눠 보여 주면 다른 사람들의 줄은 어떻게 됩니까?",
            "줄을 줄이는 일과 처리하는 시간을 줄이는 일을 함께 해 보세요.",
        ),
        (1, 2),
        why="워커를 늘리면 무거운 요청 하나가 뒤를 다 막지 못해 줄이 짧아지지만, 나래의 클릭을 "
        "처리하는 시간은 그대로입니다. 한 번에 보여 줄 글을 줄이면 그 시간까지 짧아집니다.",
    ),
)
