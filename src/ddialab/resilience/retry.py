"""재시도: 실패한 요청을 언제 다시 보낼지, 그리고 보내도 되는지.

기다림 정책은 ``wait(attempt, chance)``라는 함수 하나입니다. ``attempt``번째(1부터) 재시도 앞에서
기다릴 초를 돌려주고, 그만두려면 None을 돌려줍니다. ``chance``는 부르는 쪽이 뽑은 [0, 1)의 수입니다.
함수이기만 하면 되므로 독자가 몇 줄로 쓴 것도 그대로 들어갑니다.

실무에서는 tenacity가 기다림을 맡습니다(`wait_random_exponential`). 예산은 Finagle의 RetryBudget,
Envoy의 retry_budget, botocore의 RetryQuota가 같은 일을 합니다.
"""

from __future__ import annotations

from collections.abc import Callable

from ddialab.core.errors import check_choice, check_integer, check_number, check_positive

Wait = Callable[[int, float], float | None]  # (몇 번째, 뽑은 수) → 기다릴 초, 그만두려면 None
FULL, NONE = "full", "none"  # 지터: 0부터 정한 시간까지 고르게, 또는 정한 시간 그대로


class Fixed:
    """늘 ``seconds``초를 기다려 ``most``번까지 다시 보냅니다."""

    def __init__(self, seconds: float, most: int):
        self.seconds = check_number("seconds", seconds, 0)
        self.most = check_integer("most", most, 0)

    def __call__(self, attempt: int, chance: float) -> float | None:
        return self.seconds if attempt <= self.most else None


def at_once(most: int) -> Fixed:
    """기다리지 않고 ``most``번까지 다시 보냅니다. 느려진 서버에 부하를 더하는 방법입니다."""
    return Fixed(0.0, most)


class Backoff:
    """기다릴 시간을 ``base``초부터 두 배씩, ``cap``초까지 늘려 가며 ``most``번까지 다시 보냅니다.

    함께 실패한 클라이언트들은 같은 시간을 기다리면 또 함께 몰려옵니다. 그래서 지터가 "full"이면
    0초부터 그 시간까지 가운데 아무 때나 보냅니다. "none"이면 그 시간을 다 기다립니다.
    """

    def __init__(self, base: float, cap: float, most: int, jitter: str = FULL):
        self.base, self.cap = check_positive("base", base), check_positive("cap", cap)
        self.most = check_integer("most", most, 0)
        self.jitter = check_choice("jitter", jitter, (FULL, NONE))

    def __call__(self, attempt: int, chance: float) -> float | None:
        if attempt > self.most:
            return None
        ceiling = self._ceiling(attempt)
        return ceiling * chance if self.jitter == FULL else ceiling

    def _ceiling(self, attempt: int) -> float:
        """``attempt``번째 재시도가 기다릴 수 있는 가장 긴 시간."""
        seconds = self.base
        while attempt > 1 and seconds < self.cap:
            seconds, attempt = seconds * 2, attempt - 1
        return min(seconds, self.cap)


class Budget:
    """재시도 예산: 재시도는 첫 요청의 ``ratio``까지만 보냅니다.

    첫 요청마다 `deposit`하고, 재시도하기 전에 `allow`에 묻습니다. 모두가 실패해도 부하는
    ``1 + ratio``배를 넘지 않습니다. 한가할 때 모아 둘 수 있는 재시도는 ``burst``번까지이고,
    처음에는 가득 차 있습니다.
    """

    def __init__(self, ratio: float, burst: float):
        self.ratio = check_positive("ratio", ratio)
        self.burst = check_number("burst", burst, 1)
        # 재시도 한 번이 첫 요청 몇 건인지로 셉니다. 0.1을 열 번 더하면 1이 되지 않습니다
        self._price = 1 / self.ratio
        self._held = self.burst * self._price

    def deposit(self) -> None:
        """첫 요청을 하나 보냈습니다."""
        self._held = min(self._held + 1, self.burst * self._price)

    def allow(self) -> bool:
        """재시도 하나를 보내도 되나. 된다고 답하면 예산에서 뺍니다."""
        if self._held < self._price:
            return False
        self._held -= self._price
        return True
