"""손으로 하는 롤링 업그레이드: 실습 19의 첫 장면과 도전."""

from __future__ import annotations

from typing import Any

from ddialab.cluster import picture
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.scene import Ask, Challenge, Draw, Knob, Part, Scene
from ddialab.experiments.evolvability.by_hand import STORE, RollingUpgrade, actions
from ddialab.experiments.evolvability.versions import NEW
from ddialab.stress.load import Adjustable

THREE, FOUR = ("A", "A", "A"), ("A", "A", "A", "A")  # 복제본마다 랙. 여기서는 모두 한 랙입니다
OVER = 32_000  # 도전이 끝나는 시각(밀리초)
SEEN = 1.0  # 고친 게시글을 보고 나서 답을 듣기까지(초)
FATE = Ask(
    "old-edits-new",
    "새 버전이 태그를 달아 쓴 게시글을, 태그를 모르는 옛 버전이 고치려 합니다. 어떻게 될까요?",
    (
        "고치지 못하고, 태그는 그대로입니다",
        "고쳐지고, 태그도 그대로입니다",
        "고쳐지고, 태그는 사라집니다",
    ),
)


def _stage(racks: tuple, counter: tuple) -> dict[str, Any]:
    """복제본들과 그 뒤의 저장소 하나. ``counter``는 게시글을 세는 수입니다."""
    nodes = tuple(f"n{i + 1}" for i in range(len(racks)))
    return {
        "parts": (*picture.parts(("",) * len(racks)), Part(STORE, "store", "저장된 게시글", 3)),
        "wires": (*picture.wires(racks), *((node, STORE) for node in nodes)),
        "counters": (
            ("ok", "성공", "good"),
            ("fail", "실패", "bad"),
            counter,
        ),
        "lanes": picture.LANES,
        "actions": actions(nodes),
    }


class Release(RollingUpgrade):
    """첫 장면: 옛 버전이 새 버전의 게시글을 처음 고치려는 순간에 묻습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        spec = Spec(Adjustable(settings["rate"]), racks=THREE, service=0.2, timeout=4.0, retries=0)
        self._asked = False
        super().__init__(engine, spec, draw, "drop")

    def cross(self, node: str, id: int) -> None:
        super().cross(node, id)
        if not self._asked:
            self._asked = True
            self.draw("ask", FATE.id)
            self.cluster.engine.after(SEEN, self._tell, id)

    def _tell(self, id: int) -> None:
        refused, kept, lost = FATE.choices
        told = lost if id in self.lost else refused if self._refused else kept
        self.draw("answer", FATE.id, told, told)

    def tell(self) -> None:
        self.draw("count", "tagged", len(self.tagged))


class Lossless(RollingUpgrade):
    """도전: 모두 새 버전이 되었을 때 잃은 태그와 실패한 요청을 셉니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        spec = Spec(
            Adjustable(5.0),
            racks=FOUR,
            service=0.15,
            timeout=4.0,
            retries=0,
            health_interval=2.0,
            drain=settings["drain"],
        )
        super().__init__(engine, spec, draw, settings["unknown"])
        engine.at(LOSSLESS.end / 1000, self._judge)

    def _judge(self) -> None:
        fresh = sum(version == NEW for version in self.versions.values())
        lost, failed = len(self.lost), self.picture.counts["fail"]
        met = fresh == len(FOUR) and lost == failed == 0
        said = f"새 버전은 {fresh}대, 태그를 잃은 글은 {lost}건, 실패한 요청은 {failed}건입니다."
        self.draw("goal", met, said)

    def tell(self) -> None:
        self.draw("count", "lost", len(self.lost))


RELEASE = Scene(
    "release",
    30_000,
    Release,
    **_stage(THREE, ("tagged", "태그를 단 글", "plain")),
    knobs=(Knob("rate", "요청", (1, 3, 6), ("초당 1건", "초당 3건", "초당 6건"), 1, live=True),),
    asks=(FATE,),
    seed=5,
)
LOSSLESS = Scene(
    "lossless",
    OVER,
    Lossless,
    **_stage(FOUR, ("lost", "잃은 태그", "plain")),
    knobs=(
        Knob(
            "unknown",
            "모르는 필드를",
            ("drop", "preserve", "refuse"),
            ("버린다", "지킨다", "거절한다"),
            0,
        ),
        Knob("drain", "끄기 전에 비우기", (False, True), ("안 함", "함"), 0),
    ),
    challenge=Challenge(
        f"{OVER // 1000}초 안에 네 대를 모두 새 버전으로 바꾸세요. "
        "잃은 태그도, 실패한 요청도 0건이어야 합니다.",
        (
            "잃은 태그와 실패한 요청은 까닭이 다릅니다. 저마다 어느 순간에 늘어나는지 보세요.",
            "태그는 옛 버전이 새 버전의 게시글을 고칠 때, 요청은 복제본이 꺼질 때 문제가 됩니다.",
            "모르는 필드를 지키고, 끄기 전에 비우고, 한 대가 돌아온 다음에 다음 것을 바꾸세요.",
        ),
        (1, 1),
        (
            (2000, "upgrade", "n1"),
            (9000, "upgrade", "n2"),
            (16000, "upgrade", "n3"),
            (23000, "upgrade", "n4"),
        ),
        "옛 버전이 모르는 필드를 들고 있다가 그대로 다시 쓰므로, 두 버전이 섞인 동안에도 태그가 "
        "남습니다. 끄기 전에 비우면 하던 요청을 마치고 꺼지고, 한 대씩 바꾸면 요청을 받을 서버가 "
        "늘 남습니다.",
    ),
)
