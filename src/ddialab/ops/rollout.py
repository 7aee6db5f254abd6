"""배포: 새 설정을 복제본에 내보냅니다. 한꺼번에 내보내거나, 조금씩 내보내며 오류율을 견줍니다.

카나리 배포는 새 설정의 복제본과 옛 설정의 복제본을 같은 때에 견줍니다. 트래픽이 출렁여도 둘이
같이 출렁이므로, 차이가 있다면 설정 탓입니다. 차이가 우연인지는 Fisher의 정확 검정이 가립니다.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random

from ddialab.core.errors import InvalidValue, check_integer, check_number

FALSE_ALARM = 0.01  # 멀쩡한 설정을 롤백할 확률의 상한. 배포 하나의 모든 단계를 합친 것입니다


@dataclass(frozen=True)
class Stage:
    """한 단계: 복제본의 ``share``(0–1)에 새 설정을 두고 요청 ``requests``개를 지켜봅니다."""

    share: float
    requests: int

    def __post_init__(self):
        check_number("share", self.share, 0, 1)
        check_integer("requests", self.requests, 1)


MINUTE = 6000  # 1분에 들어오는 요청의 수(초당 100건)
UNTIL_NOTICED = 10 * MINUTE  # 자동 검정이 없으면 사람이 알아채고 롤백하기까지 10분이 걸립니다
ALL_AT_ONCE = (Stage(1.0, UNTIL_NOTICED),)
CANARY = (
    Stage(0.01, MINUTE),
    Stage(0.10, MINUTE),
    Stage(0.50, MINUTE),
    Stage(1.0, UNTIL_NOTICED),
)


@dataclass(frozen=True)
class StageWindow:
    """한 단계에서 센 것: 새 설정(new)과 옛 설정(old)의 요청과 실패, 그리고 검정의 p값."""

    share: float
    new_requests: int
    new_failures: int
    old_requests: int
    old_failures: int
    p_value: float

    @property
    def requests(self) -> int:
        return self.new_requests + self.old_requests

    @property
    def failures(self) -> int:
        return self.new_failures + self.old_failures


@dataclass(frozen=True)
class Rollout:
    """배포 하나의 결과. ``rolled_back``은 자동으로 롤백한 단계의 번호(없으면 None)입니다."""

    windows: tuple[StageWindow, ...]
    rolled_back: int | None

    @property
    def requests(self) -> int:
        return sum(window.requests for window in self.windows)

    @property
    def failures(self) -> int:
        """배포하는 동안 실패한 모든 요청."""
        return sum(window.failures for window in self.windows)

    @property
    def hurt(self) -> int:
        """새 설정의 복제본에서 실패한 요청."""
        return sum(window.new_failures for window in self.windows)

    def blast_radius(self, requests: int) -> float:
        """영향 범위: 롤백한 뒤까지 합친 요청 ``requests``개 가운데 새 설정에서 실패한 비율."""
        return self.hurt / check_integer("requests", requests, max(self.requests, 1))


def roll_out(
    serve: Callable[[bool, Random], bool],
    stages: Sequence[Stage],
    seed: int,
    false_alarm: float = FALSE_ALARM,
) -> Rollout:
    """``stages``를 차례로 밟고, 새 설정의 오류율이 높다고 판단되면 그 단계에서 롤백합니다.

    ``serve(new, random)``은 요청 하나를 새 설정(``new=True``)이나 옛 설정으로 처리하고 성공했는지를
    답합니다. 검정은 단계마다 한 번이며, ``false_alarm``을 단계의 수로 나눕니다(Bonferroni).
    100% 단계에는 견줄 옛 설정이 없으므로 검정도 없습니다. 같은 ``seed``면 같은 결과입니다.
    """
    level = level_of(stages, false_alarm)
    random, windows = Random(check_integer("seed", seed)), []
    for stage in stages:
        windows.append(_watch(serve, stage, random))
        if windows[-1].p_value <= level:
            return Rollout(tuple(windows), len(windows) - 1)
    return Rollout(tuple(windows), None)


def _watch(serve: Callable, stage: Stage, random: Random) -> StageWindow:
    """한 단계 동안 요청을 복제본에 차례로(round-robin) 보내며 센 것."""
    requests, failures = [0, 0], [0, 0]
    for i in range(stage.requests):
        new = is_new(i, stage.share)
        requests[new] += 1
        failures[new] += not serve(new, random)
    return judged(stage.share, requests, failures)


def is_new(i: int, share: float) -> bool:
    """차례로(round-robin) 보내는 ``i``번째 요청이 새 설정의 복제본으로 가는가."""
    return math.floor((i + 1) * share) > math.floor(i * share)


def judged(share: float, requests: Sequence[int], failures: Sequence[int]) -> StageWindow:
    """한 단계에서 센 (옛 설정, 새 설정)의 요청과 실패를 검정한 것."""
    p = fisher_exact(failures[1], requests[1], failures[0], requests[0])
    return StageWindow(share, requests[1], failures[1], requests[0], failures[0], p)


def fisher_exact(
    new_failures: int, new_requests: int, old_failures: int, old_requests: int
) -> float:
    """Fisher의 정확 검정(한쪽): 두 설정이 같을 때 새 설정에 실패가 이만큼이나 몰릴 확률.

    실패의 총수를 고정하면 새 설정에 든 실패는 초기하분포를 따릅니다(R. A. Fisher 1935).
    요청이 적어도 어림이 아니라 정확한 값입니다. 지금의 경우를 1로 두고 이웃한 경우의 비를 곱해
    가므로 곱셈과 나눗셈뿐이고, 어느 컴퓨터에서나 마지막 자리까지 같습니다.
    """
    for name, failed, requests in (
        ("new", new_failures, new_requests),
        ("old", old_failures, old_requests),
    ):
        check_integer(f"{name}_requests", requests, 0)
        check_integer(f"{name}_failures", failed, 0, requests)
    failures = new_failures + old_failures
    most, least = min(failures, new_requests), max(0, failures - old_requests)
    more, term = 1.0, 1.0
    for k in range(new_failures, most):
        term *= (new_requests - k) * (failures - k) / ((k + 1) * (old_requests - failures + k + 1))
        more += term
    fewer, term = 0.0, 1.0
    for k in range(new_failures, least, -1):
        term *= k * (old_requests - failures + k) / ((new_requests - k + 1) * (failures - k + 1))
        fewer += term
    return 1 / (1 + fewer / more)


@lru_cache(maxsize=1024)
def detection_probability(
    stage: Stage,
    stages: int,
    new_error: float,
    old_error: float,
    false_alarm: float = FALSE_ALARM,
) -> float:
    """``stages``단계짜리 배포의 한 단계가 나쁜 설정을 알아챌 확률의 정확한 값(검정력).

    두 설정의 실패 수가 오류율 ``new_error``와 ``old_error``의 이항분포를 따른다고 보고, 옛 설정의
    실패 수마다 검정이 넘어가는 가장 작은 실패 수를 찾아 그 위의 확률을 더합니다.
    """
    new = math.floor(stage.share * stage.requests)
    old, level = stage.requests - new, false_alarm / stages
    tails = _binomial_tails(new, new_error)
    power, critical = 0.0, 0
    for old_failures in _likely(old, old_error):
        while critical <= new and fisher_exact(critical, new, old_failures, old) > level:
            critical += 1
        power += math.exp(_log_binomial(old_failures, old, old_error)) * tails[critical]
    return min(1.0, power)  # 반올림 오차가 1을 살짝 넘기도 합니다


def expected_hurt(
    stages: Sequence[Stage], new_error: float, old_error: float, false_alarm: float = FALSE_ALARM
) -> float:
    """나쁜 설정을 이 단계들로 내보낼 때 거기서 실패하는 요청(`Rollout.hurt`)의 기댓값.

    단계마다 share·requests·새 오류율만큼 실패하고, 앞 단계가 모두 놓쳐야 거기까지 갑니다.
    """
    reached = _reached(stages, new_error, old_error, false_alarm)
    hurt = (math.floor(stage.share * stage.requests) * new_error for stage in stages)
    return math.fsum(chance * count for chance, count in zip(reached, hurt, strict=True))


def expected_requests(
    stages: Sequence[Stage], new_error: float, old_error: float, false_alarm: float = FALSE_ALARM
) -> float:
    """롤백할 때까지 지나간 요청(`Rollout.requests`)의 기댓값. 초당 요청 수로 나누면 시간입니다."""
    reached = _reached(stages, new_error, old_error, false_alarm)
    return math.fsum(chance * stage.requests for chance, stage in zip(reached, stages, strict=True))


def _reached(stages: Sequence[Stage], new_error, old_error, false_alarm) -> list[float]:
    """단계마다 거기까지 갈 확률. 앞 단계의 검정이 모두 놓쳐야 갑니다."""
    level_of(stages, false_alarm)
    check_number("new_error", new_error, 0, 1)
    check_number("old_error", old_error, 0, 1)
    chances = [1.0]
    for stage in stages[:-1]:
        caught = detection_probability(stage, len(stages), new_error, old_error, false_alarm)
        chances.append(chances[-1] * (1 - caught))
    return chances


def level_of(stages: Sequence[Stage], false_alarm: float = FALSE_ALARM) -> float:
    """단계 하나의 기준: p값이 이 이하면 롤백합니다. ``false_alarm``을 단계의 수로 나눕니다."""
    if not stages:
        raise InvalidValue("stages가 비었습니다.", "Stage가 하나 이상 있어야 합니다.", "예: CANARY")
    return check_number("false_alarm", false_alarm, 0, 1) / len(stages)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _log_binomial(k: int, n: int, p: float) -> float:
    if p <= 0 or p >= 1:
        return 0.0 if k == round(n * p) else -math.inf
    return _log_choose(n, k) + k * math.log(p) + (n - k) * math.log1p(-p)


def _binomial_tails(n: int, p: float) -> list[float]:
    """k번째 값은 실패가 k번 이상일 확률(k는 0부터 n + 1까지)."""
    chances = (math.exp(_log_binomial(k, n, p)) for k in range(n, -1, -1))
    return [*accumulate(chances, initial=0.0)][::-1]


def _likely(n: int, p: float) -> range:
    """평균에서 표준편차의 여덟 배 안: 밖에 있을 확률은 무시할 만합니다."""
    mean, spread = n * p, 8 * math.sqrt(n * p * (1 - p)) + 8
    return range(max(0, math.floor(mean - spread)), min(n, math.ceil(mean + spread)) + 1)
