"""재시도 정책 겨루기: 데이터베이스가 잠깐 멈췄다 돌아옵니다. 실패한 요청을 언제 다시 보낼까요."""

from __future__ import annotations

from ddialab.core.trial import Policy, Result, Rival, Trial
from ddialab.experiments.software_errors.storm import BASE, RETRIES, SHORT_BASE, Outcome, storm
from ddialab.resilience.retry import Backoff, at_once


def endure(policy: Policy, seed: int) -> Result:
    """재시도마다 ``policy``에 물으며 폭풍을 겪습니다. 성공하지 못한 요청을 셉니다.

    ``policy(attempt, chance)``는 ``attempt``번째(1부터) 재시도 앞에서 기다릴 초를, 그만두려면
    None을 돌려줍니다. ``chance``는 부를 때마다 새로 뽑는 0 이상 1 미만의 난수입니다.
    """
    outcome = storm(policy, seed)
    return Result(outcome.failed + outcome.waiting, told(outcome))


def told(outcome: Outcome) -> str:
    """폭풍이 어떻게 끝났는지."""
    if outcome.when is None:
        return f"끝까지 낫지 않았고, 아무도 기다리지 않는 답이 {outcome.wasted}건입니다."
    slow = f"성공한 요청의 p99 응답 시간은 {outcome.slow:.0f}초입니다."
    return f"원인이 사라지고 {outcome.when:.0f}초 만에 나았고, {slow}"


RETRY = Trial(
    "retry",
    "wait",
    "attempt, chance",
    "성공하지 못한 요청",
    "건",
    endure,
    (
        Rival("바로", lambda seed: at_once(RETRIES)),
        Rival("짧은 백오프", lambda seed: Backoff(SHORT_BASE, 2 * SHORT_BASE, RETRIES)),
        Rival("긴 백오프", lambda seed: Backoff(BASE, BASE, RETRIES)),
        Rival("재시도 안 함", lambda seed: at_once(0)),
    ),
)
