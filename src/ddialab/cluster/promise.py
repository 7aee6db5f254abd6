"""복제된 저장소의 약속: 언제 「저장했습니다」라고 답하는가, 그리고 쓰기 하나의 결과.

모델(`cluster.failover`)과 진짜 서버(`cluster.real`)가 같은 이름을 사용해서, 같은 계획의 결과를 견줄
수 있습니다.
"""

from __future__ import annotations

from collections.abc import Sequence

NAMES = ("n1", "n2", "n3")  # 저장소의 노드. 처음의 프라이머리는 맨 앞입니다
SENTINELS = ("s1", "s2", "s3")  # 지켜보다가 페일오버하는 프로세스들

ASYNC = "async"  # 프라이머리가 적으면 답합니다
MIN_REPLICAS = "min-replicas"  # 얼마 전까지 따라온 복제본이 있을 때만 받고, 적으면 답합니다
WAIT = "wait"  # 정한 수의 복제본이 받았다고 해야 답합니다
PROMISES = (ASYNC, MIN_REPLICAS, WAIT)

OK = "ok"  # 저장했다는 답을 들었습니다
REFUSED = "refused"  # 서버가 받지 않았습니다(NOREPLICAS, READONLY)
SHORT = "short"  # 프라이머리는 적었지만 WAIT의 답이 모자랐습니다
TIMEOUT = "timeout"  # 답이 오지 않습니다. 저장됐는지 모릅니다
NO_ANSWER = "no_answer"  # 연결이 거절되거나 끊겼습니다
OUTCOMES = (OK, REFUSED, SHORT, TIMEOUT, NO_ANSWER)


def kind(outcome: str) -> str:
    """``"refused: NOREPLICAS"``처럼 까닭이 붙은 결과의 종류."""
    return outcome.partition(":")[0]


def counted(outcomes: Sequence[tuple[str, str]]) -> dict[str, int]:
    """종류마다의 수. 없는 종류는 0입니다. ``outcomes``는 (키, 결과)들입니다."""
    counts = {name: 0 for name in OUTCOMES}
    for _, outcome in outcomes:
        counts[kind(outcome)] += 1
    return counts
