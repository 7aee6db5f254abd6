"""서킷 브레이커: 내리 실패하는 곳에는 한동안 보내지 않습니다.

느린 곳의 답을 기다리느라 스레드가 모두 묶이는 것보다 바로 실패하는 것이 낫습니다. 보내지 않는 동안
그곳도 숨을 돌립니다.

실무에서는 pybreaker가 같은 일을 합니다.
"""

from __future__ import annotations

from ddialab.core.errors import check_integer, check_positive

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"  # 흐르는, 끊은, 하나만 보내 보는


class Breaker:
    """내리 ``failures``번 실패하면 ``cooldown``초 동안 끊었다가, 하나만 보내 보고 다시 정합니다.

    보내기 전에 `allow`에 묻고, 답이 오면 `succeeded`나 `failed`로 알립니다.
    """

    def __init__(self, failures: int, cooldown: float):
        self.failures = check_integer("failures", failures, 1)
        self.cooldown = check_positive("cooldown", cooldown)
        self.state = CLOSED
        self._failed, self._until = 0, 0.0  # 내리 실패한 횟수, 다음에 하나 보내 볼 시각

    def allow(self, now: float) -> bool:
        """시각 ``now``에 보내도 되나."""
        if self.state == CLOSED:
            return True
        if now < self._until:
            return False
        # 하나만 보내 봅니다. 그 답이 끝내 오지 않으면 cooldown초 뒤에 또 하나를 보냅니다
        self.state, self._until = HALF_OPEN, now + self.cooldown
        return True

    def succeeded(self, now: float) -> None:
        """보낸 것이 성공했습니다. 끊은 뒤에 온 답은 끊기 전에 보낸 것이라 보지 않습니다."""
        if self.state != OPEN:
            self.state, self._failed = CLOSED, 0

    def failed(self, now: float) -> None:
        """보낸 것이 실패했습니다."""
        if self.state == OPEN:
            return
        self._failed += 1
        if self.state == HALF_OPEN or self._failed >= self.failures:
            self.state, self._until = OPEN, now + self.cooldown
