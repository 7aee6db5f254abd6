"""손으로 내는 사고 둘: 독이 든 요청을 보내거나, 데이터베이스를 멈췄다 고칩니다."""

from __future__ import annotations

from typing import Any

from ddialab.cluster.guarded import Policies
from ddialab.cluster.picture import Picture
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.events import DOWN, REPLY, UP, Event
from ddialab.core.scene import Ask, Draw
from ddialab.experiments.software_errors import poison, storm
from ddialab.resilience.quarantine import Quarantine
from ddialab.resilience.retry import Backoff
from ddialab.resilience.shedding import Shedder
from ddialab.stress.load import Adjustable

RACKS = ("A",) * poison.REPLICAS
DATABASE = "db"
ALL_DOWN = Ask(
    "all-down",
    "서버 셋이 다 죽었습니다. 서버는 4초 뒤에 저절로 다시 켜집니다. 그러면 서비스는 어떻게 될까요?",
    ("셋 다 켜지고, 그대로 낫습니다", "하나는 또 죽지만 둘은 버팁니다", "셋이 다 또 죽습니다"),
)
WHY = ". 앱이 같은 요청을 또 보냈고, 재시도가 다시 셋을 차례로 죽였습니다"
LATER = 17.0  # 다 죽은 뒤 이만큼(초) 지나도 또 다 죽지 않으면 그때 판정합니다
RESUMED = Ask(
    "resumed",
    "데이터베이스가 돌아왔고, 새로 오는 요청의 수는 아까와 같습니다. 서비스는 어떻게 될까요?",
    ("10초 안에 낫습니다", "1분 가까이 걸려 낫습니다", "낫지 않습니다"),
)
SOON, LATE, LOOK = 10.0, 45.0, 8.0  # 돌아온 뒤 살펴보는 때와, 그때까지 살펴본 시간(초)


class PoisonByHand:
    """복제본 셋. 독이 든 요청을 언제 보낼지는 독자에게 달렸습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        kills, retries = settings["kills"], settings["retries"]
        spec = Spec(Adjustable(2.5), RACKS, service=0.3, timeout=2.0, retries=retries)
        self.engine, self.draw, self.picture = engine, draw, Picture(draw, spec.nodes)
        quarantine = None if kills is None else Quarantine(kills)
        self.cluster = poison.Poisoned(spec, engine, self, True, quarantine)
        self._down = self._deaths = self._seen = 0
        self._asked = self._answered = self._told = self._sent = False

    def act(self, name: str, target: str) -> None:
        """독이 든 요청을 보냅니다. 보낸 앱은 답을 들을 때까지 되풀이해 보냅니다."""
        if self._sent:
            self.draw("say", "앱이 이미 그 요청을 되풀이해 보내고 있습니다.")
            return
        self._sent = True
        self.draw("say", "앱이 독이 든 요청을 보냈습니다. 답을 들을 때까지 다시 보냅니다.")
        self.cluster.poison()

    def turn(self, knob: str, value: Any) -> None:
        """도는 동안 돌릴 수 있는 슬라이더가 없습니다."""

    def record(self, event: Event) -> None:
        """클러스터의 사건 하나."""
        self.picture.record(event)
        if event.kind == DOWN:
            self._count(event)
        elif event.kind == UP:
            self._down -= 1
        if event.detail == poison.QUARANTINED:
            self._tell_refused()

    def _tell_refused(self) -> None:
        if self._told and not self._down:
            self.draw("say", "격리한 독을 또 거절했습니다. 서버는 멀쩡합니다.")
        else:
            self.draw("say", "격리한 요청이라 어느 서버에도 보내지 않고 거절했습니다.")
        self._told = True

    def _count(self, event: Event) -> None:
        self._down += 1
        self._deaths += 1
        self.draw("count", "deaths", self._deaths)
        self.draw("mark", "deaths", "")
        self.draw("say", f"{event.node}: 독을 처리하다 죽었습니다.")
        if self._down == len(RACKS):  # 죽은 서버가 하던 일까지 치운 다음에 묻고 답합니다
            self.engine.after(0.0, self._answer if self._asked else self._ask)

    def _ask(self) -> None:
        self._asked = True
        self._seen = self._deaths
        self.draw("ask", ALL_DOWN.id)
        self.engine.after(LATER, self._answer)

    def _answer(self) -> None:
        if self._answered:
            return
        self._answered = True
        healed, some, again = ALL_DOWN.choices
        more = self._deaths - self._seen
        fate = again if more >= len(RACKS) else some if more else healed
        self.draw("answer", ALL_DOWN.id, fate, fate + WHY if fate == again else fate)


class StormByHand:
    """복제본 셋과 데이터베이스. 데이터베이스를 언제 멈추고 고칠지는 독자에게 달렸습니다."""

    def __init__(self, engine: Engine, policies: Policies, retries: int, draw: Draw):
        spec = Spec(
            Adjustable(storm.USE * storm.LIMIT),
            RACKS,
            service=storm.SERVICE,
            timeout=storm.TIMEOUT,
            retries=retries,
        )
        self.engine, self.draw, self.picture = engine, draw, Picture(draw, spec.nodes)
        self.cluster = storm.Stalling(spec, engine, self, True, policies)
        self._asked = self._answered = False
        self._watch = None  # 다음에 살펴볼 일

    def act(self, name: str, target: str) -> None:
        """데이터베이스를 멈추거나(stall) 고칩니다(resume)."""
        if self._watch is not None:  # 또 멈춘 동안의 실패는 물음의 답이 아닙니다
            self.engine.cancel(self._watch)
            self._watch = None
        if name == "stall":
            self.cluster.stall()
            self.draw("state", DATABASE, "stop")
            self.draw("say", "데이터베이스가 멈췄습니다.")
            return
        self.cluster.resume()
        self.draw("state", DATABASE, "ok")
        self.draw("say", "데이터베이스가 돌아왔습니다.")
        if not self._asked:
            self._asked = True
            self.draw("ask", RESUMED.id)
        if not self._answered:
            self._watch = self.engine.after(SOON - LOOK, self._look, SOON)

    def turn(self, knob: str, value: Any) -> None:
        """도는 동안 돌릴 수 있는 슬라이더가 없습니다."""

    def record(self, event: Event) -> None:
        """클러스터의 사건 하나. 아무도 기다리지 않는 답은 헛일로 셉니다."""
        self.picture.record(event)
        if event.kind == REPLY:
            self.draw("count", "wasted", self.cluster.wasted)

    def _look(self, when: float) -> None:
        counts = self.picture.counts
        self._watch = self.engine.after(LOOK, self._answer, when, counts["ok"], counts["fail"])

    def _answer(self, when: float, ok: int, fail: int) -> None:
        """``when``까지 살펴본 동안 성공이 실패보다 많았으면 나은 것입니다."""
        soon, late, never = RESUMED.choices
        counts = self.picture.counts
        healed = counts["ok"] - ok > counts["fail"] - fail
        if when == SOON and not healed:
            self._watch = self.engine.after(LATE - SOON - LOOK, self._look, LATE)
            return
        self._answered, self._watch = True, None
        fate = (soon if when == SOON else late) if healed else never
        self.draw("answer", RESUMED.id, fate, fate)
        if fate == never:
            self.draw("say", "서버는 쉬지 않고 일하지만, 이미 포기한 요청만 처리합니다.")


NONE, BUDGET, BREAKER = "none", "budget", "breaker"  # 도전에서 고를 수 있는 `storm.remedies`


class Cheap(StormByHand):
    """도전: 데이터베이스가 저절로 멈췄다 돌아옵니다. 가장 적게 잃고 낫게 합니다."""

    AT, BACK = 6.0, 20.0  # 멈추는 때와 돌아오는 때(초)
    FAILED, OPEN = 34, 20  # 끝날 때까지 실패한 요청과, 끝났는데 아직 기다리는 요청의 한도

    def __init__(self, engine: Engine, settings: dict, draw: Draw, end: float):
        retries, base, line = settings["retries"], settings["base"], settings["line"]
        policies = storm.remedies()[settings["limit"]]()._replace(
            wait=Backoff(base, base, retries) if base and retries else None,
            room=None if line is None else Shedder(line).admit,
        )
        super().__init__(engine, policies, retries, draw)
        self._asked = self._answered = True  # 묻지 않습니다
        engine.at(self.AT, self.act, "stall", DATABASE)
        engine.at(self.BACK, self.act, "resume", DATABASE)
        engine.at(end, self._judge)

    def _judge(self) -> None:
        failed, waiting = self.picture.counts["fail"], self.picture.counts["open"]
        met = failed <= self.FAILED and waiting <= self.OPEN
        said = f"실패한 요청은 {failed}건, 아직 답을 기다리는 요청은 {waiting}건입니다."
        self.draw("goal", met, said)
