"""나쁜 설정을 내보내기: 진짜 게시글 서비스와, 오류율만 정해 둔 요청으로.

카나리의 크기 ``share``는 복제본 가운데 새 설정의 비율이고, ``error``는 새 설정의 오류율입니다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from ddialab.blocks.database import Database
from ddialab.experiments.human_errors import SEEDS
from ddialab.ops.rollout import (
    CANARY,
    MINUTE,
    UNTIL_NOTICED,
    Rollout,
    Stage,
    detection_probability,
    expected_hurt,
    roll_out,
)
from ddialab.service.posts import PostService

OLD_LIMIT, NEW_LIMIT = 140, 14  # 글자 수. 140의 끝 0을 지웠습니다
OLD_ERROR = 0.002  # 설정과 상관없이 늘 실패하는 비율
SHARES = (0.001, 0.003, 0.01, 0.02, 0.05, 0.2)
ERRORS = (0.02, 0.06, 0.2)
FINE = [0.001 * 1.12**i for i in range(47)]  # 공식을 계산할 크기들


def limited(new_limit: int = NEW_LIMIT) -> Callable[[bool, Random], bool]:
    """글자 수를 ``new_limit``까지 받는 새 설정과, 옛 설정의 게시글 서비스. `roll_out`에 줍니다."""
    live = PostService(Database.open(":memory:"))
    live.publish("준호", "첫 글")

    def serve(new: bool, random: Random) -> bool:
        """요청 하나를 새 설정(new)이나 옛 설정의 복제본이 처리합니다. 성공하면 참."""
        if random.random() < OLD_ERROR:
            return False
        if random.random() < 0.9:  # 90%는 읽기
            return live.read(1) is not None
        text = "가" * random.randint(1, 35)
        if len(text) > (new_limit if new else OLD_LIMIT):
            return False  # 「글이 너무 깁니다」
        return live.publish("소라", text).text == text

    return serve


def coin(error: float) -> Callable[[bool, Random], bool]:
    """오류율만 정해 둔 요청 하나. 설정과 상관없이 늘 조금은 실패합니다."""
    return lambda new, random: random.random() >= (error if new else OLD_ERROR)


def false_alarms(seeds: Iterable[int] = SEEDS) -> int:
    """옛 설정과 똑같은 새 설정을 시드마다 카나리로 내보내다, 잘못 롤백한 배포의 수."""
    fine = (roll_out(coin(OLD_ERROR), CANARY, seed) for seed in seeds)
    return sum(rollout.rolled_back is not None for rollout in fine)


def stages(share: float, first: int = MINUTE) -> tuple[Stage, ...]:
    """카나리 하나, 절반, 모두. ``first``는 카나리에서 지켜볼 요청의 수입니다."""
    return (Stage(share, first), Stage(0.5, MINUTE), Stage(1.0, UNTIL_NOTICED))


def rollouts(
    error: float, first: int = MINUTE, *, seeds: Iterable[int] = SEEDS
) -> dict[float, list[Rollout]]:
    """카나리의 크기(`SHARES`)마다, 시드마다 한 번씩 내보낸 결과."""
    return {
        share: [roll_out(coin(error), stages(share, first), 1000 * i + seed) for seed in seeds]
        for i, share in enumerate(SHARES)
    }


def noticed_first(share: float, error: float, first: int = MINUTE) -> float:
    """첫 단계에서 알아챌 확률."""
    plan = stages(share, first)
    return detection_probability(plan[0], len(plan), error, OLD_ERROR)


def best_share(error: float, first: int = MINUTE) -> float:
    """실패하는 요청의 기댓값이 가장 작은 카나리의 크기."""
    return min(FINE, key=lambda share: expected_hurt(stages(share, first), error, OLD_ERROR))
