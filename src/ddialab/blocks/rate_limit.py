"""여러 서버가 함께 세는 요청 수 제한: 토큰 버킷을 Valkey에 두고, 한 번에 꺼냅니다.

규칙은 `ddialab.resilience.limiter.TokenBucket`과 같습니다. 읽고 고쳐 쓰는 일이 서버 안에서 한
번에 끝나므로 두 프로세스가 같은 토큰을 꺼낼 수 없습니다. 시각도 서버의 것이라, 웹 서버들의
시계가 달라도 됩니다. 함수는 관리자가 미리 올려 두고(FUNCTION LOAD), 웹 서버는 부르기만
합니다(FCALL). 실무에서는 redis-cell이나 Envoy의 ratelimit이 이 일을 합니다.
"""

from __future__ import annotations

import math
from typing import Any

from ddialab.core.backend import Backend
from ddialab.core.errors import check_choice, check_integer, check_number, check_positive
from ddialab.core.refusal import unavailable

OPEN, CLOSED = "open", "closed"  # 서버가 답하지 않을 때: 받아 준다, 거절한다
LONGEST = 100  # 글자. 이보다 긴 이름으로는 키를 만들지 않습니다
SERVER_CLOCK = "redis.call('TIME')"
TOLD_CLOCK = "{tonumber(args[4]), 0}"  # 테스트: 시각을 부르는 쪽이 정합니다

TAKE = """#!lua name={library}
redis.register_function('{library}', function(keys, args)
  local rate, burst = tonumber(args[1]), tonumber(args[2])
  local time = {clock}
  local now = time[1] + time[2] / 1e6
  local tokens, last = burst, now
  local kept = redis.call('GET', keys[1])
  if kept then
    tokens, last = kept:match('(%S+) (%S+)')
    tokens, last = tonumber(tokens), tonumber(last)
  end
  tokens = math.min(burst, tokens + math.max(0, now - last) * rate)
  last = math.max(now, last)
  local taken = tokens >= 1
  if taken then tokens = tokens - 1 end
  local value = string.format('%.17g %.17g', tokens, last)
  if args[3] == '0' then
    redis.call('SET', keys[1], value)
  else
    redis.call('SET', keys[1], value, 'PX', args[3])
  end
  return taken and 1 or 0
end)
"""


def install(client: Any, library: str = "take", clock: str = SERVER_CLOCK) -> None:
    """``client``의 서버에 함수를 올립니다. 이미 있으면 바꿉니다. 관리자가 합니다."""
    code = TAKE.replace("{library}", library).replace("{clock}", clock)
    client.function_load(code, replace=True)


class RateLimit:
    """한 사람마다 초당 ``rate``건, 한꺼번에 ``burst``건까지.

    ``backend``에 `install`한 함수가 있어야 합니다. ``when_down``은 서버가 답하지 않을 때 받아
    줄지(`OPEN`) 거절할지(`CLOSED`)이고, ``unanswered``는 그런 일의 수입니다.
    """

    library = "take"

    def __init__(self, backend: Backend, rate: float, burst: float, when_down: str = OPEN):
        backend.require("functions", "요청 수를 여러 서버가 함께 셉니다.")
        self.backend, self.rate = backend, check_positive("rate", rate)
        self.burst = check_number("burst", burst, 1)
        self.when_down = check_choice("when_down", when_down, (OPEN, CLOSED))
        # 이만큼 조용하면 버킷이 가득 차므로, 잊어도 답이 같습니다
        self.forgets_after = math.ceil(self.burst / self.rate * 1000)
        self.unanswered = 0

    def take(self, who: str) -> bool:
        """``who``의 토큰 하나를 꺼냅니다. 없으면 False이고 요청은 거절해야 합니다."""
        import redis

        try:
            return bool(self._call(key_of(who)))
        except redis.RedisError as error:
            if not _is_down(error):  # 권한이나 함수가 없는 것은 고쳐야 할 설정입니다
                raise unavailable(error, f"캐시 서버({self.backend.name})") from None
        self.unanswered += 1
        return self.when_down == OPEN

    @property
    def retry_after(self) -> int:
        """거절할 때 알려 줄 초(Retry-After): 늦어도 이 뒤에는 토큰 하나가 찹니다."""
        return math.ceil(1 / self.rate)

    def _call(self, key: str) -> int:
        settings = (repr(self.rate), repr(self.burst), self.forgets_after)
        return self.backend.client.fcall(self.library, 1, key, *settings)


def _is_down(error: Exception) -> bool:
    import redis

    unreachable = isinstance(error, redis.ConnectionError | redis.TimeoutError)
    return unreachable and not isinstance(error, redis.AuthenticationError)


def key_of(who: str) -> str:
    """``who``의 버킷을 두는 키."""
    check_integer("who의 글자 수", len(who), 1, LONGEST)
    return f"limit:{who}"
