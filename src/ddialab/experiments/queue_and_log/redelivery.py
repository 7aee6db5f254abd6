"""다시 건네기: 확인하는 때와 죽는 때가 어긋나면 잃거나 두 번 합니다.

워커는 메시지마다 확률 ``chance``로, 처리와 확인의 사이에서 죽습니다. 죽으면 새 워커가 이어받습니다.
"""

from __future__ import annotations

from typing import NamedTuple

from ddialab.blocks.queue.memory import MemoryStream
from ddialab.blocks.queue.worker import ACKED, HANDLED, TAKEN, Worker
from ddialab.core.engine import Engine
from ddialab.core.errors import check_integer, check_number

MESSAGES = 200  # 시드마다 보내는 메시지
CHANCES = (0.01, 0.05, 0.1, 0.2, 0.4)  # 처리와 확인 사이에서 죽을 확률
CHANCE = 0.1


class Ledger:
    """알림을 보낸 장부. ``once``면 이미 보낸 번호는 다시 보내지 않습니다(멱등성).

    보낸 번호는 보낸 일과 **함께** 적어야 합니다. 따로 적으면 그 사이에 죽었을 때 또 어긋납니다.
    """

    def __init__(self, once: bool = False):
        self.once, self.times = once, {}

    def apply(self, id: str) -> None:
        """알림 ``id``를 보냅니다."""
        if self.once and id in self.times:
            return
        self.times[id] = self.times.get(id, 0) + 1


class Outcome(NamedTuple):
    """보낸 것 가운데 한 번도 처리되지 않은 수와, 한 번을 넘겨 처리한 횟수."""

    lost: int
    twice: int


def deaths(
    early: bool, seed: int, chance: float = CHANCE, once: bool = False, messages: int = MESSAGES
) -> Outcome:
    """메시지 ``messages``개를 다 처리할 때까지 죽고 켜지기를 되풀이합니다.

    ``early``면 확인하고 처리하고, 아니면 처리하고 확인합니다. 죽는 자리는 그 둘의 사이입니다.
    """
    check_number("chance", chance, 0, 0.99)
    check_integer("messages", messages, 1)
    draw = Engine(seed).stream("죽음").random
    stream, ledger = MemoryStream(), Ledger(once)
    for n in range(messages):
        stream.send(str(n))
    between = ACKED if early else HANDLED
    while run_until(Worker(stream, "w", ledger.apply, early=early, idle=0), between, draw, chance):
        pass
    lost = sum(str(n) not in ledger.times for n in range(messages))
    return Outcome(lost, sum(ledger.times.values()) - len(ledger.times))


def run_until(worker: Worker, between: str, draw, chance: float) -> bool:
    """메시지 하나를 처리하다가, ``between``의 다음 단계 앞에서 죽기도 합니다. 받은 것이 있었나."""
    took = False
    for step in worker.steps():
        took = took or step == TAKEN
        if step == between and draw() < chance:
            break  # 여기서 죽습니다
    return took


def expected(early: bool, chance: float, messages: int = MESSAGES) -> float:
    """잃는 수(``early``)나 더 처리하는 횟수의 평균.

    확인을 먼저 하면 죽을 때마다 하나를 잃습니다. 나중에 하면 살아서 확인할 때까지 되풀이하므로 더
    한 횟수는 기하분포를 따릅니다.
    """
    return messages * chance if early else messages * chance / (1 - chance)
