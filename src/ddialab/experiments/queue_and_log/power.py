"""정전: 답한 것 가운데 디스크까지 내려가지 않은 것을 잃습니다. kill -9와 견줍니다."""

from __future__ import annotations

from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice, check_positive
from ddialab.experiments.queue_and_log.broker import ALWAYS, EVERYSEC, LIST, SECOND, Broker

RATES = (10, 50, 100, 200)  # 초마다 받는 메시지
RATE = 100
BEFORE = 3.0  # 사고가 날 때까지 적어도 이만큼은 쓰고 있었습니다(초)
KILL, POWER = FAULTS = ("kill", "power")


def lost(fsync: str, fault: str, seed: int, rate: float = RATE) -> int:
    """초마다 ``rate``건쯤 받던 서버가 아무 때나 ``fault``를 만났을 때, 답했는데 없어진 수."""
    check_choice("fault", fault, FAULTS)
    check_positive("rate", rate)
    engine = Engine(seed)
    broker, acked = Broker(engine, LIST, fsync), [0]
    gap = engine.exponential("도착", 1 / rate)

    def write() -> None:
        broker.queue.send(str(acked[0]))
        broker.wrote()
        acked[0] += 1
        engine.after(gap(), write)

    engine.after(gap(), write)
    engine.run(BEFORE + SECOND * engine.stream("사고").random())
    if fault == POWER:
        broker.power_off()
    else:
        broker.kill()
    broker.start()
    return acked[0] - broker.queue.waiting()


def expected(fsync: str, rate: float) -> float:
    """정전 때 잃는 수의 평균: 마지막으로 내려보낸 뒤로 지난 시간은 0초에서 1초까지 고릅니다."""
    if fsync == ALWAYS:
        return 0.0
    waited = SECOND / 2 if fsync == EVERYSEC else BEFORE + SECOND / 2
    return rate * waited
