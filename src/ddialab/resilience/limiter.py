"""요청 수 제한: 한 사람이 보낼 수 있는 양을 토큰 버킷으로 정합니다.

토큰은 초당 ``rate``개씩 차고 ``burst``개에서 멈춥니다. 요청 하나에 토큰 하나가 듭니다. 오래 보면
초당 ``rate``건까지이고, 잠깐은 ``burst``건을 한꺼번에 보낼 수 있습니다.

실무에서는 aiolimiter가 같은 일을 합니다. 여러 서버가 한도를 함께 세려면 Redis에 세어 두는 limits나
앞단의 프록시(NGINX의 `limit_req`)를 사용합니다.
"""

from __future__ import annotations

from ddialab.core.errors import check_number, check_positive


class TokenBucket:
    """초당 ``rate``개씩 차는 토큰을 ``burst``개까지 담습니다. 처음에는 가득 차 있습니다."""

    def __init__(self, rate: float, burst: float, now: float = 0.0):
        self.rate = check_positive("rate", rate)
        self.burst = check_number("burst", burst, 1)
        self._tokens, self._last = self.burst, check_number("now", now)

    def take(self, now: float) -> bool:
        """시각 ``now``에 토큰 하나를 꺼냅니다. 없으면 False이고 요청은 거절해야 합니다."""
        self._fill(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def left(self, now: float) -> float:
        """시각 ``now``에 남은 토큰."""
        self._fill(now)
        return self._tokens

    def _fill(self, now: float) -> None:
        """지난번에 본 뒤로 찬 만큼. 시계가 뒤로 가도 토큰이 줄지는 않습니다."""
        elapsed = max(0.0, now - self._last)
        self._tokens = min(self.burst, self._tokens + elapsed * self.rate)
        self._last = max(now, self._last)
