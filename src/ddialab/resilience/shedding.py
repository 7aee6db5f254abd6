"""로드 셰딩: 제때 답할 수 없는 요청은 처리하지 않고 거절합니다.

서버가 느리다고 모두를 기다리게 하면, 다들 포기한 요청만 처리하게 됩니다. 거절은 싸고 빠릅니다.

실무에서는 앞단의 프록시가 맡습니다: Envoy의 `max_pending_requests`와 admission control, NGINX의
`max_conns`. 한 프로세스 안이라면 한도가 있는 `queue.Queue(maxsize)`가 첫 번째 판단과 같습니다.
"""

from __future__ import annotations

from math import inf

from ddialab.core.errors import InvalidValue, check_integer, check_positive


class Shedder:
    """줄은 ``most``건까지만 세우고, ``deadline``초 넘게 기다린 것은 처리하지 않습니다.

    왔을 때 `admit`에, 차례가 됐을 때 `serve`에 묻습니다. None이면 그 한도가 없습니다.
    """

    def __init__(self, most: int | None = None, deadline: float | None = None):
        if most is None and deadline is None:
            raise InvalidValue(
                "most와 deadline이 모두 없습니다.",
                "둘 가운데 하나는 있어야 합니다.",
                "줄의 길이(most)나 기다릴 수 있는 시간(deadline, 초)을 정하세요.",
            )
        self.most = inf if most is None else check_integer("most", most, 0)
        self.deadline = inf if deadline is None else check_positive("deadline", deadline)

    def admit(self, waiting: int) -> bool:
        """이미 ``waiting``건이 기다리는 줄에 하나 더 세울까."""
        return waiting < self.most

    def serve(self, waited: float) -> bool:
        """``waited``초를 기다린 요청을 처리할까. 늦은 답은 받을 사람이 없습니다."""
        return waited <= self.deadline
