"""복제된 저장소의 약속: 쓰기를 언제 받고, 언제 「저장했습니다」라고 답하는가.

시계도 서버도 없습니다. 모델(`cluster.failover`)과 진짜 서버(`cluster.real`)가 같은 이름을 사용해서,
같은 계획의 결과를 견줄 수 있습니다.
"""

from __future__ import annotations

from collections.abc import Sequence

NAMES = ("n1", "n2", "n3")  # 저장소의 노드. 처음의 프라이머리는 맨 앞입니다
SENTINELS = ("s1", "s2", "s3")  # 지켜보다가 페일오버하는 프로세스들

ASYNC = "async"  # 프라이머리가 적으면 답합니다
MIN_REPLICAS = "min-replicas"  # 얼마 전까지 소식이 온 복제본이 있을 때만 받습니다
WAIT = "wait"  # 정한 수의 복제본이 받았다고 해야 답합니다
PROMISES = (ASYNC, MIN_REPLICAS, WAIT)

OK = "ok"  # 저장했다는 답을 들었습니다
REFUSED = "refused"  # 서버가 받지 않았습니다(NOREPLICAS, READONLY)
TIMEOUT = "timeout"  # WAIT의 답이 정한 시간 안에 모자랐습니다
NO_ANSWER = "no answer"  # 프라이머리를 모르거나, 연결이 끊겼거나, 답이 없습니다
OUTCOMES = (OK, REFUSED, TIMEOUT, NO_ANSWER)


def accepts(promise: str, lags: Sequence[float], enough: int = 1, longest: float = 1.0) -> bool:
    """지금 쓰기를 받는가. ``lags``는 이어진 복제본마다 마지막 소식이 온 뒤로 지난 시간(초)."""
    if promise != MIN_REPLICAS:
        return True
    return len([lag for lag in lags if lag <= longest]) >= enough


def answers(promise: str, received: int, enough: int = 2) -> bool:
    """프라이머리가 적은 쓰기에 성공이라고 답하는가. ``received``는 받았다고 알린 복제본의 수."""
    return promise != WAIT or received >= enough


def kind(outcome: str) -> str:
    """``"refused: NOREPLICAS"``처럼 까닭이 붙은 결과의 종류."""
    return outcome.partition(":")[0]


def counted(outcomes: Sequence[str]) -> dict[str, int]:
    """결과의 종류마다의 수. 없는 종류는 0입니다."""
    kinds = [kind(outcome) for outcome in outcomes]
    return {name: kinds.count(name) for name in OUTCOMES}
