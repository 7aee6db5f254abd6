"""캐시의 장면들: 실습 02의 첫 장면과 도전, 그리고 「캐시 미스」 페이지의 캐시 어사이드."""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Ask, Challenge, Draw, Knob, Scene
from ddialab.experiments.cache_miss import picture
from ddialab.experiments.cache_miss.aside import Answer
from ddialab.experiments.cache_miss.by_hand import HOT, ByHand, Spec

USUAL = 8  # 첫 장면의 물음이 말하는, 초당 요청
RATES = (2, 4, USUAL, 12)
ROOMS = (1, 2, 3, 4)  # 캐시의 칸. 그림에 보이는 것은 넷까지입니다
CURES = ("none", "single-flight", "early-refresh")
EXPIRES = 5.0  # 도전에서 인기 게시글이 만료되는 시각(초)
CROWD = Ask(
    "crowd",
    f"인기 게시글이 방금 캐시에서 사라졌습니다. 요청이 초당 {USUAL}건이면 그 가운데 대여섯 건이 "
    "이 게시글을 찾고, 데이터베이스가 답하는 데는 1초가 걸립니다. 캐시가 다시 채워질 때까지 "
    "이 게시글의 쿼리는 몇 번 갈까요?",
    unit="번",
)
UNEVEN = "요청은 고르게 오지 않아, 같은 1초라도 언제 만료되느냐에 따라 찾는 사람의 수가 다릅니다."


class Toy(ByHand):
    """캐시와 데이터베이스. 인기 게시글이 언제 사라지는지는 독자에게 달렸습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        super().__init__(engine, Spec(settings["rate"], settings["room"]), draw)
        self._asked = False
        self._gone: list[int] | None = None  # 사라진 뒤의 [찾은 사람, 쿼리]

    def act(self, name: str, target: str) -> None:
        held = self.shelf.holds(HOT)
        super().act(name, target)
        if held and not self._asked:
            self._asked, self._gone = True, [0, 0]
            self.draw("ask", CROWD.id)

    def read(self, key: str) -> None:
        if self._gone and key == HOT:
            self._gone[0] += 1
        super().read(key)

    def _query(self, key: str, then: Answer) -> None:
        if self._gone and key == HOT:
            self._gone[1] += 1
        super()._query(key, then)

    def _land(self, key: str, then: Answer, behind: str) -> None:
        super()._land(key, then, behind)
        if self._gone and key == HOT:
            self._tell(self._gone[0], self._gone[1])
            self._gone = None

    def _tell(self, readers: int, queries: int) -> None:
        text = f"{queries}번(인기 게시글의 쿼리만). 채워질 때까지 {readers}명이 찾았습니다"
        self.draw("answer", CROWD.id, queries, text)
        rate = self.load.rate
        why = f"물음과 달리 요청이 초당 {rate}건일 때의 결과입니다."
        if rate == USUAL:
            why = UNEVEN
        self.draw("say", f"인기 게시글이 다시 캐시에 찼습니다. {why}")


def aside(engine: Engine, settings: dict, draw: Draw) -> ByHand:
    """빈 캐시에서 시작해 뜸하게 읽습니다."""
    spec = Spec(1.0, 3, posts=3, skew=1.0, connections=4, query_time=0.6, filled=False, edited=True)
    return ByHand(engine, spec, draw)


class Expiry(ByHand):
    """도전의 서비스: 바쁜 시간에 인기 게시글이 만료됩니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        spec = Spec(
            rate=12,
            room=settings["room"],
            skew=1.5,
            connections=1,
            query_time=0.65,
            cure=settings["cure"],
            expires=EXPIRES,
        )
        super().__init__(engine, spec, draw)
        engine.at(EXPIRY.end / 1000, self._judge)

    def _judge(self) -> None:
        failed = self.picture.counts["fail"]
        said = f"실패한 요청은 {failed}건입니다. {self._whose(failed)}".rstrip()
        self.draw("goal", failed == 0, said)

    def _whose(self, failed: int) -> str:
        """실패한 요청이 무엇을 찾던 것인지. 대책마다 줄이는 쪽이 다릅니다."""
        hot = self.failed.count(HOT)
        if 0 < hot < failed:
            others = failed - hot
            return f"인기 게시글을 찾던 것이 {hot}건, 다른 게시글을 찾던 것이 {others}건입니다."
        sought = "인기" if hot else "다른"
        return f"모두 {sought} 게시글을 찾던 것입니다." if failed else ""


def _stage(database: str, *wanted: str) -> dict[str, Any]:
    """``database``(server나 store)로 그린 무대와, 이름이 ``wanted``에 드는 행동들."""
    every = (
        Action("expire", "만료", (picture.CACHE,)),
        Action("flush", "비우기", (picture.CACHE,)),
        Action("edit", "고치기", (picture.DATABASE,)),
    )
    return {
        "parts": picture.parts(database),
        "wires": picture.WIRES,
        "counters": picture.COUNTERS,
        "lanes": picture.LANES,
        "actions": tuple(action for action in every if action.name in wanted),
    }


def _room(start: int) -> Knob:
    return Knob("room", "캐시", ROOMS, tuple(f"{room}칸" for room in ROOMS), start)


TOY = Scene(
    "cache",
    24_000,
    Toy,
    **_stage("server", "expire", "flush"),
    knobs=(
        Knob("rate", "요청", RATES, tuple(f"초당 {rate}건" for rate in RATES), 2, live=True),
        _room(3),
    ),
    asks=(CROWD,),
    seed=5,
)
ASIDE = Scene("cache-aside", 20_000, aside, **_stage("store", "edit"))
EXPIRY = Scene(
    "expiry",
    16_000,
    Expiry,
    **_stage("server", "expire", "flush"),
    knobs=(_room(0), Knob("cure", "대책", CURES, ("없음", "싱글 플라이트", "조기 갱신"), 0)),
    challenge=Challenge(
        f"인기 게시글이 {EXPIRES:.0f}초에 만료됩니다. 캐시는 {ROOMS[-1]}칸까지 둘 수 있습니다. "
        "실패를 0건으로 만드세요.",
        (
            "데이터베이스의 줄이 길어지면 사용자가 기다리다 포기합니다. 줄은 언제 길어집니까?",
            "만료되는 순간과 그 밖의 때를 나누어 보세요. 쿼리가 가는 까닭이 서로 다릅니다.",
            "같은 게시글을 묻는 쿼리와 서로 다른 게시글을 묻는 쿼리를 함께 줄여야 합니다. "
            "대책 하나로는 한쪽만 줄어듭니다.",
        ),
        (3, 1),
        why="캐시를 키우면 다른 게시글의 미스가 줄어 데이터베이스의 줄이 평소에 짧습니다. "
        "싱글 플라이트는 만료된 순간에 몰린 같은 쿼리를 하나로 줄이므로, 그 짧은 줄이 "
        "길어지지 않습니다.",
    ),
)
