"""손으로 움직이는 장면들: 책의 첫 화면, 하드웨어 결함의 사본, 실습 07의 첫 장면과 도전."""

from __future__ import annotations

from typing import Any

from ddialab.cluster import picture
from ddialab.cluster.by_hand import ByHand, actions
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.events import REPAIRED, Event
from ddialab.core.metrics import majority
from ddialab.core.scene import Ask, Challenge, Draw, Knob, Scene
from ddialab.stress.load import Adjustable

RACKS = ("A", "A", "B")  # 첫 장면의 복제본 셋
PAIR = ("A", "B")  # 책의 첫 화면의 복제본 둘
# 첫 화면에서 n1이 죽는 시각, 헬스 체크가 알고도 남을 시각, 그 뒤의 일이 다 드러난 시각(초)
SOON, NOTICED, LATER = 4.0, 8.0, 14.0
FATE = Ask(
    "one-of-two",
    "서버 둘 가운데 하나가 죽었습니다. 사용자의 요청은 어떻게 될까요?",
    ("하나도 실패하지 않습니다", "잠깐 실패하다가 다시 성공합니다", "고칠 때까지 계속 실패합니다"),
)
FIVE = ("A", "B", "C", "D", "E")  # 정족수의 복제본은 다섯까지
ONE_RACK = ("A", "A", "A")
HANDS = ("kill", "cut", "slow", "power", "repair")  # 손으로 고장 내고 고치는 행동들
FOUR = ("A", "B", "C", "D")  # 도전에서 둘 수 있는 서버들의 랙
SWAP = 2.0  # 고장 난 디스크를 새것으로 갈아 끼우는 시간(초)
DIES, RETURNS = 6.0, 18.0  # 도전에서 n1이 죽고 되살아나는 시각(초)


def _load(rates: tuple, start: int) -> Knob:
    texts = tuple(f"초당 {rate:g}건" for rate in rates)
    return Knob("rate", "요청", rates, texts, start, live=True)


def _count(name: str, label: str, values: tuple, unit: str, start: int) -> Knob:
    return Knob(name, label, values, tuple(f"{value}{unit}" for value in values), start)


def _stage(racks: tuple, *wanted: str) -> dict[str, Any]:
    """복제본을 ``racks``에 꽂은 클러스터의 무대와, 이름이 ``wanted``에 드는 행동들.

    정전(power)이 없는 장면에서는 랙을 그리지 않습니다.
    """
    framed = racks if "power" in wanted else ("",) * len(racks)
    return {
        "parts": picture.parts(framed),
        "wires": picture.wires(racks),
        "groups": tuple((name, f"랙 {name}") for name in picture.names(framed) if name),
        "counters": picture.COUNTERS,
        "lanes": picture.LANES,
        "actions": actions(racks, *wanted),
    }


def toy(engine: Engine, settings: dict, draw: Draw) -> ByHand:
    """복제본 셋. 무엇이 고장 나는지는 모두 독자에게 달렸습니다."""
    load, retries = Adjustable(settings["rate"]), settings["retries"]
    spec = Spec(load, racks=RACKS, service=0.3, timeout=2.0, retries=retries)
    return ByHand(engine, spec, draw)


def quorum(engine: Engine, settings: dict, draw: Draw) -> ByHand:
    """요청마다 복제본 과반의 답이 있어야 합니다."""
    servers = settings["servers"]
    need = majority(servers)
    spec = Spec(
        Adjustable(1.5),
        racks=FIVE[:servers],
        service=0.2,
        timeout=2.0,
        retries=servers - need,
        need=need,
    )
    return ByHand(engine, spec, draw, len(FIVE))


def one_rack(engine: Engine, settings: dict, draw: Draw) -> ByHand:
    """복제본 셋을 랙 하나에 꽂았습니다."""
    spec = Spec(Adjustable(settings["rate"]), racks=ONE_RACK, service=0.3, timeout=2.0, retries=2)
    return ByHand(engine, spec, draw)


def rolling(engine: Engine, settings: dict, draw: Draw) -> ByHand:
    """복제본 셋을 손으로 하나씩 재부팅합니다. 재시도는 없습니다."""
    spec = Spec(Adjustable(3.0), service=0.2, timeout=2.0, retries=0, drain=settings["drain"])
    return ByHand(engine, spec, draw)


class Copies(ByHand):
    """데이터의 사본이 둘. 디스크가 고장 나면 새것으로 갈고, 남은 사본에서 다시 복제합니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        spec = Spec(
            Adjustable(2.0), racks=PAIR, service=0.2, timeout=2.0, retries=1, repair_time=6.0
        )
        super().__init__(engine, spec, draw)
        self.cluster.log = self
        self._count()

    def act(self, name: str, target: str) -> None:
        super().act(name, target)
        self.cluster.engine.after(SWAP, self.cluster.bring_up, target)
        self._count()

    def record(self, event: Event) -> None:
        """클러스터의 사건 하나. 복제를 마쳤으면 사본을 다시 셉니다."""
        self.picture.record(event)
        if event.kind == REPAIRED:
            self._count()

    def _count(self) -> None:
        self.draw("count", "copies", sum(bool(node.has_data) for node in self.cluster.nodes))


class Incident(ByHand):
    """복제본 둘 가운데 하나가 `SOON`초에 스스로 죽습니다. 재시도는 없습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        spec = Spec(
            Adjustable(5.0), racks=PAIR, service=0.1, timeout=2.0, retries=0, health_misses=3
        )
        super().__init__(engine, spec, draw)
        self._failed = 0  # `NOTICED`초까지 실패한 요청
        engine.at(SOON, self._die)
        engine.at(NOTICED, self._look)
        engine.at(LATER, self._tell)

    def _die(self) -> None:
        self.act("kill", "n1")
        self.draw("ask", FATE.id)

    def _look(self) -> None:
        self._failed = self.picture.counts["fail"]

    def _tell(self) -> None:
        failed = self.picture.counts["fail"]
        never, briefly, on = FATE.choices
        told = on if failed > self._failed else briefly if failed else never
        self.draw("answer", FATE.id, told, told)
        if told == briefly and not self.cluster.nodes[0].in_rotation:
            self.draw(
                "say",
                "로드 밸런서가 헬스 체크로 n1이 죽은 것을 알아챌 때까지, n1로 간 요청만 "
                "실패했습니다.",
            )


class Headroom(ByHand):
    """도전의 클러스터: n1이 죽었다가 돌아오는 동안 실패를 셉니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        spec = Spec(
            Adjustable(8.0),
            racks=FOUR[: settings["servers"]],
            service=0.2,
            timeout=2.0,
            retries=settings["retries"],
            health_interval=settings["check"],
        )
        super().__init__(engine, spec, draw, len(FOUR))
        engine.at(DIES, self.act, "kill", "n1")
        engine.at(RETURNS, self.act, "repair", "n1")
        engine.at(HEADROOM.end / 1000, self._judge)

    def _judge(self) -> None:
        failed = self.picture.counts["fail"]
        self.draw("goal", failed == 0, f"실패한 요청은 {failed}건입니다.")


INCIDENT = Scene(
    "incident", 16_000, Incident, **_stage(PAIR, "kill", "cut", "slow", "repair"), asks=(FATE,)
)
COPIES = Scene(
    "copies",
    30_000,
    Copies,
    **{**_stage(PAIR, "disk"), "counters": (("copies", "사본", "plain"), *picture.COUNTERS)},
)
TOY = Scene(
    "by-hand",
    30_000,
    toy,
    **_stage(RACKS, *HANDS),
    knobs=(_load((1, 2.5, 5, 8), 1), _count("retries", "재시도", (0, 1, 2), "번", 1)),
    seed=7,
)
HEADROOM = Scene(
    "headroom",
    24_000,
    Headroom,
    **_stage(FOUR, "kill", "repair"),
    knobs=(
        _count("servers", "서버", (2, 3, len(FOUR)), "대", 0),
        _count("retries", "재시도", (0, 1, 2), "번", 0),
        _count("check", "헬스 체크 간격", (0.5, 1, 2, 4), "초", 2),
    ),
    challenge=Challenge(
        f"n1이 {DIES:.0f}초에 죽고 {RETURNS:.0f}초에 돌아옵니다. "
        f"서버는 {len(FOUR)}대까지 둘 수 있습니다. 실패를 0건으로 만드세요.",
        (
            "n1이 죽은 바로 그 순간과, 그다음 몇 초를 나누어 보세요. 실패하는 까닭이 다릅니다.",
            "죽는 순간 n1이 하던 일은 누군가 다시 해야 합니다. 남은 서버에는 그럴 여유가 있습니까?",
            "재시도와 서버를 함께 늘려 보세요. 하나만으로는 되지 않습니다.",
        ),
        (2, 2, 2),
        why="n1이 죽는 순간 하던 일과, 헬스 체크가 알아챌 때까지 n1로 가는 요청은 재시도가 다른 "
        "서버로 옮깁니다. 서버를 늘려 두었으므로 옮겨 간 일까지 맡고도 남은 서버가 제한 시간 안에 "
        "답합니다.",
    ),
)
QUORUM = Scene(
    "quorum",
    20_000,
    quorum,
    **_stage(FIVE, "kill", "repair"),
    knobs=(_count("servers", "서버", (1, 2, 3, 4, 5), "대", 1),),
)
POWER_CUT = Scene(
    "one-rack", 20_000, one_rack, **_stage(ONE_RACK, *HANDS), knobs=(_load((1, 2.5, 5), 1),)
)
ROLLING = Scene(
    "rolling",
    48_000,
    rolling,
    **_stage(FIVE[:3], "reboot"),
    knobs=(Knob("drain", "끄기 전에 비우기", (False, True), ("안 함", "함"), 1),),
)
SCENES = {s.name: s for s in (INCIDENT, COPIES, TOY, QUORUM, POWER_CUT, ROLLING, HEADROOM)}
