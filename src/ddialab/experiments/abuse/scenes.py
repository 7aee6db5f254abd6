"""실습 11의 장면들: 새어 나간 비밀번호, 폭주하는 한 사람, 그리고 도전."""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Challenge, Draw, Knob, Scene
from ddialab.experiments.abuse import by_hand, theft
from ddialab.experiments.abuse.bucket import PAGE
from ddialab.experiments.abuse.by_hand import FLOODER, NAMES, SHARE, Fair, FloodByHand
from ddialab.experiments.abuse.flood import EACH, FREE, REST, SHARED

FAIR_END = 45_000  # 도전이 끝나는 때(밀리초)
RATES, BURSTS = (0.1, 1.0, 3.0, 6.0), (1, 6, 12)
STREET: dict[str, Any] = {
    "parts": by_hand.PARTS,
    "wires": by_hand.WIRES,
    "counters": by_hand.COUNTERS,
    "lanes": by_hand.LANES,
}


def knobs(live: bool, burst: int) -> tuple[Knob, ...]:
    """한도의 슬라이더 셋."""
    return (
        Knob("way", "한도", (FREE, SHARED, EACH), tuple(NAMES.values()), 1, live),
        Knob("rate", "초당 토큰", RATES, tuple(f"{rate:g}개" for rate in RATES), 3, live),
        Knob("burst", "버킷의 크기", BURSTS, tuple(f"{size}개" for size in BURSTS), burst, live),
    )


def fair(engine: Engine, settings: dict, draw: Draw) -> Fair:
    """도전의 장면."""
    return Fair(engine, settings, draw, FAIR_END / 1000)


STOLEN = Scene(
    "stolen-password",
    40_000,
    theft.Theft,
    theft.PARTS,
    theft.WIRES,
    counters=theft.COUNTERS,
    lanes=theft.LANES,
    knobs=(Knob("role", "웹 서버의 역할", ("admin", "app"), ("관리자", "최소 권한"), 0),),
    actions=(
        Action("list", "목록", (theft.THIEF,)),
        Action("session", "세션 훔치기", (theft.THIEF,)),
        Action("post", "글 바꾸기", (theft.THIEF,)),
        Action("flush", "전부 지우기", (theft.THIEF,)),
        Action("cut", "연결 끊기", (theft.SERVICE,)),  # 그림 속에 서는 것은 앞의, 짧은 것
        Action("rotate", "비밀번호 교체", (theft.SERVICE,)),
    ),
    asks=(theft.ROTATED,),
)
FLOOD = Scene(
    "flood",
    1000 * by_hand.END,
    FloodByHand,
    **STREET,
    knobs=knobs(True, 1),
    actions=(Action("flood", "폭주", (FLOODER,)),),
    asks=(SHARE,),
)
FAIR = Scene(
    "fair-limit",
    FAIR_END,
    fair,
    **STREET,
    knobs=knobs(False, 0),
    challenge=Challenge(
        f"{Fair.AT:.0f}초부터 한 사람이 폭주합니다. 보통 사람의 요청은 한 건도 거절하거나 늦지 "
        f"않게, 폭주는 서비스 처리량의 {100 * Fair.SHARE:.0f}%까지로 묶으세요.",
        (
            "거절된 요청이 누구의 것인지 보세요. 버킷이 하나면 폭주가 먼저 비웁니다. 사람마다 "
            "두었다면 폭주가 지나간 수와 보통 사람의 거절 가운데 어느 쪽이 목표를 넘는지 보세요.",
            f"보통 사람은 {PAGE}건을 한꺼번에 보내고 적어도 {REST:.0f}초를 쉽니다. 한꺼번에 보내는 "
            "것을 견디는 값과, 쉬는 동안 다시 차는 값은 서로 다른 슬라이더입니다.",
            f"사람마다 두고, 버킷은 {PAGE}개, 초당 토큰은 {REST:.0f}초에 {PAGE}개가 차는 가장 작은 "
            "값으로 고르세요.",
        ),
        (2, 1, 1),
        why=f"버킷이 페이지 하나 몫이라 {PAGE}건을 한꺼번에 보내도 다 지나가고, 쉬는 동안 그만큼 "
        "다시 찹니다. 폭주도 자기 버킷만 쓰므로, 얼마나 많이 보내든 처음에 담긴 것과 초당 "
        "토큰만큼만 지나갑니다.",
    ),
)
