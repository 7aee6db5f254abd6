"""감독 프로세스의 판단: 죽은 자식을 언제 다시 켤지, 언제 그만 켤지.

켜자마자 죽는 것을 끝없이 다시 켜면(크래시 루프) 고치지는 못하면서 컴퓨터만 바빠집니다.

실무에서는 supervisor(`startsecs`, `startretries`)나 systemd(`StartLimitBurst`), 쿠버네티스의
CrashLoopBackOff가 같은 일을 합니다.
"""

from __future__ import annotations

from ddialab.core.errors import check_number, check_positive
from ddialab.resilience.retry import Wait


class Supervisor:
    """자식 하나를 맡습니다. 켠 지 ``within``초를 못 넘기고 죽으면 켜다 실패한 것으로 칩니다.

    내리 실패한 횟수를 기다림 정책 ``wait``(`ddialab.resilience.retry`)에 물어 기다렸다가 켭니다.
    정책이 None이라 하면 그만두고, ``reason``에 까닭을 남깁니다. ``now``는 처음 켠 시각입니다.
    """

    def __init__(self, wait: Wait, within: float, now: float = 0.0):
        self.wait, self.within = wait, check_positive("within", within)
        self.failures, self.reason = 0, ""
        self._started = check_number("now", now)

    def died(self, now: float, chance: float = 0.0) -> float | None:
        """자식이 ``now``에 죽었습니다. 몇 초 뒤에 다시 켤지, 그만 켜려면 None을 돌려줍니다.

        오래 살았던 자식은 바로 다시 켜고, 실패한 횟수도 잊습니다.
        """
        delay: float | None = 0.0
        if now - self._started >= self.within:
            self.failures = 0
        else:
            self.failures += 1
            delay = self.wait(self.failures, chance)
        if delay is None:
            self.reason = f"켜고 {self.within:g}초를 못 넘기기를 내리 {self.failures}번 했습니다."
            return None
        self._started = now + delay
        return delay
