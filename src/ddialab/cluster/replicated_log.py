"""복제된 로그: 리더가 받아 적고 팔로워가 따라 적습니다. 언제 답할지는 ``acks``가 정합니다.

Kafka의 규칙만 옮겼습니다: 뒤처지지 않은 복제본(ISR), 답할 수 있는 끝(high watermark), 선출.
시계는 없습니다. 누가 언제 따라 적고 언제 뒤처졌다고 볼지는 부르는 쪽이 정합니다.
"""

from __future__ import annotations

from collections.abc import Sequence

from ddialab.core.errors import InvalidValue, check_choice, check_integer

LEADER, ALL = "1", "all"  # 리더가 적으면 답함, 뒤처지지 않은 복제본이 모두 적으면 답함
ACKS = (LEADER, ALL)
UP, CUT, DOWN = "up", "cut", "down"


class Broker:
    """복제본 하나. ``log``는 디스크에 있어 죽었다 켜져도 그대로입니다."""

    def __init__(self, name: str):
        self.name = name
        self.log: list[str] = []
        self.state = UP


class ReplicatedLog:
    """``names``의 브로커들에 복제되는 로그 하나. 처음의 리더는 맨 앞입니다.

    ``acks``는 언제 답할지, ``min_insync``는 그만큼의 복제본이 뒤처지지 않았을 때만 받는다는
    것입니다(``acks``가 all일 때만 봅니다). ``unclean``이면 뒤처진 복제본도 리더로 뽑습니다.
    """

    def __init__(
        self,
        names: Sequence[str] = ("b1", "b2", "b3"),
        acks: str = ALL,
        min_insync: int = 1,
        unclean: bool = False,
    ):
        self.acks = check_choice("acks", acks, ACKS)
        self.min_insync = check_integer("min_insync", min_insync, 1, len(names))
        self.unclean = unclean
        self.brokers = [Broker(name) for name in names]
        self.leader: Broker | None = self.brokers[0]
        self.isr = list(self.brokers)
        self.acked: list[str] = []  # 성공이라고 답한 것
        self._waiting: list[str] = []  # 리더가 적었지만 아직 답하지 않은 것

    def broker(self, name: str) -> Broker:
        """이름이 ``name``인 브로커. 없으면 `InvalidValue`."""
        names = [broker.name for broker in self.brokers]
        return self.brokers[names.index(check_choice("브로커", name, names))]

    # --- 쓰기 ---

    def write(self, value: str) -> bool:
        """리더에 적습니다. 받았는지를 답합니다. 성공이라고 답했으면 ``acked``에 있습니다."""
        if value in self._waiting or value in self.acked:
            raise InvalidValue(f"value={value!r}: 이미 보낸 것입니다.", "값은 서로 달라야 합니다.")
        short = self.acks == ALL and len(self.isr) < self.min_insync
        if self.leader is None or short:
            return False
        self.leader.log.append(value)
        self._waiting.append(value)
        self._answer()
        return True

    def follow(self, name: str) -> int:
        """팔로워가 리더를 따라 적고, 새로 적은 수를 답합니다. 닿지 못하면 0."""
        follower, leader = self.broker(name), self.leader
        if leader is None or follower is leader or follower.state != UP:
            return 0
        same = common(follower.log, leader.log)
        del follower.log[same:]  # 리더에 없는 끝은 버립니다. 그것이 답한 것이라도 그렇습니다
        fresh = len(leader.log) - same
        follower.log.extend(leader.log[same:])
        if follower not in self.isr:
            self.isr.append(follower)
        self._answer()
        return fresh

    def _answer(self) -> None:
        """답할 수 있게 된 것에 답합니다."""
        if self.leader is None:
            return
        end = len(self.leader.log) if self.acks == LEADER else self.high_watermark
        kept = self.leader.log[:end]
        self.acked += [value for value in self._waiting if value in kept]
        self._waiting = [value for value in self._waiting if value not in kept]

    @property
    def high_watermark(self) -> int:
        """뒤처지지 않은 복제본이 모두 적은 끝. 길이만 같고 내용이 다른 것은 세지 않습니다."""
        if self.leader is None:
            return 0
        return min(common(broker.log, self.leader.log) for broker in self.isr)

    # --- 결함 ---

    def cut(self, name: str) -> None:
        """``name``의 네트워크를 끊습니다. 프로세스도 디스크도 그대로입니다."""
        self._fail(self.broker(name), CUT)

    def kill(self, name: str) -> None:
        """``name``을 죽입니다. 팔로워였으면 컨트롤러가 곧바로 알고 ISR에서 뺍니다."""
        broker = self.broker(name)
        self._fail(broker, DOWN)
        self._leave(broker)

    def _fail(self, broker: Broker, state: str) -> None:
        """리더였으면 리더가 없어지고, 답을 기다리던 것은 답을 듣지 못합니다."""
        broker.state = state
        if broker is self.leader:
            self.leader = None
            self._waiting = []

    def restore(self, name: str) -> None:
        """다시 잇거나 켭니다. 적어 둔 것은 그대로 있습니다."""
        self.broker(name).state = UP

    def expire(self, name: str) -> bool:
        """오래 따라오지 못한 팔로워를 ISR에서 뺍니다. 뺐는지를 답합니다."""
        broker = self.broker(name)
        return broker.state != UP and broker is not self.leader and self._leave(broker)

    def _leave(self, broker: Broker) -> bool:
        """ISR에서 빼는 일은 컨트롤러의 과반이 서로 닿아야 합니다."""
        if broker not in self.isr or self.leader is None or not self._majority():
            return False
        self.isr.remove(broker)
        self._answer()
        return True

    def _majority(self) -> bool:
        """컨트롤러의 과반이 서로 닿는지. 브로커마다 컨트롤러가 함께 돕니다."""
        return 2 * sum(broker.state == UP for broker in self.brokers) > len(self.brokers)

    # --- 선출 ---

    def elect(self) -> Broker | None:
        """리더가 없으면 뽑습니다. 뽑을 수 없으면 None이고, 그동안은 아무도 쓰지 못합니다."""
        if self.leader is not None or not self._majority():
            return self.leader
        able = [broker for broker in self.isr if broker.state == UP]
        if not able and self.unclean:
            able = [broker for broker in self.brokers if broker.state == UP]
        if able:
            self.leader = able[0]
            self.isr = [broker for broker in self.isr if broker in able] or able[:1]
        return self.leader

    def lost(self) -> list[str]:
        """성공이라고 답했는데 지금의 리더에 없는 것. 리더가 없으면 아직 모릅니다(빈 리스트)."""
        if self.leader is None:
            return []
        return [value for value in self.acked if value not in self.leader.log]


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """두 로그의 앞에서부터 같은 기록의 수."""
    most = min(len(one), len(other))
    for place in range(most):
        if one[place] != other[place]:
            return place
    return most
