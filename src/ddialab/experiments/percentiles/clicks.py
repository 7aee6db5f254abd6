"""글 목록을 여는 클릭들이 서버 하나에 한 줄로 섭니다. 시간의 단위는 초입니다."""

from __future__ import annotations

from typing import Any

from ddialab.cluster.model import Cluster
from ddialab.cluster.request import Request
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.events import SEND, START, Event
from ddialab.core.metrics import quantile
from ddialab.core.scene import Draw
from ddialab.stress.load import Adjustable

USERS, MOST = 1000, 1500  # 사람 수, 나래의 게시글 수. 순위가 k인 사람은 MOST // k개를 썼습니다
BASE, EACH = 0.2, 0.0006  # 글 목록 하나, 거기에 담는 게시글 하나를 처리하는 시간
HEAVY = 2.5  # 무거운 요청을 처리하는 시간
RATE = 4.5  # 슬라이더가 없을 때 다른 사람들이 보내는, 초당 요청 수
PAST = 200  # 대시보드에 이미 쌓여 있는 답의 수(평균)
NARAE, OTHERS, SERVER = "narae", "others", "n1"
WHO = {NARAE: "나래의 클릭", OTHERS: "다른 사람의 클릭", "heavy": "무거운 요청"}
POSTS = {NARAE: MOST, OTHERS: 2}  # 독자가 보내는 클릭의 주인이 쓴 게시글 수


def ms(seconds: float) -> int:
    """밀리초의 정수."""
    return int(seconds * 1000 + 0.5)


class Clicks:
    """글 목록을 여는 클릭들이 한 줄로 서고, 서버의 워커들이 온 차례대로 처리합니다."""

    tail = 1.0  # 느린 쪽의 어느 자리를 보이는가. 1은 가장 느린 것입니다

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.engine, self.draw = engine, draw
        self.page = settings.get("page", MOST)
        self.load = Adjustable(settings.get("rate", RATE))
        workers = settings.get("workers", 1)
        spec = Spec(None, ("A",), workers=workers, timeout=1000.0, retries=0, health_interval=0)
        self.cluster = Cluster(spec, (), engine, self, record=True)
        self.total, self.times = 0.0, []  # 응답 시간의 합, 작은 것부터 늘어놓은 응답 시간들
        self.slowest = ""  # 최대가 누구의 답이었나
        self._sent = 0
        self._luck = engine.stream("누가").random
        self.load.start(engine, self._somebody)

    def act(self, name: str, target: str) -> None:
        """독자의 클릭 하나를 보내고, 답을 받으면 얼마나 걸렸는지 말합니다."""
        work = self.work(POSTS[name]) if name in POSTS else HEAVY
        client = NARAE if name == NARAE else OTHERS
        if client == NARAE:
            self.draw("mark", NARAE, "")
        self.send(client, work, WHO[name])

    def turn(self, knob: str, value: Any) -> None:
        """움직이는 동안 부하를 초당 ``value``건으로 바꿉니다."""
        self.load.turn(value)

    def work(self, posts: int) -> float:
        """게시글이 ``posts``개인 사람의 글 목록을 처리하는 시간(초)."""
        return BASE + EACH * min(posts, self.page)

    def send(self, client: str, work: float, mine: str = "") -> None:
        """``client``가 ``work``초 걸리는 요청을 보냅니다. 답이 오면 ``mine``으로 부릅니다."""
        self._sent += 1
        dot, born = self._sent, self.engine.now
        self.draw("new", dot, client)
        request = Request(dot, born, 1, 0, lambda: self.answered(dot, client, born, work, mine))
        self.cluster.send(request, work, 0.0)

    def record(self, event: Event) -> None:
        """클러스터의 사건을 그림으로 옮깁니다."""
        if event.kind == SEND:
            self.draw("move", event.request, SERVER, "wait")
        elif event.kind == START:
            self.draw("move", event.request, SERVER, "work")

    def answered(self, dot: int, client: str, born: float, work: float, mine: str) -> None:
        """답이 돌아갑니다."""
        self.draw("look", dot, "ok")
        self.draw("move", dot, client, "")
        self.draw("gone", dot)
        took = self.engine.now - born
        self._count(took, mine or WHO[client])
        if mine:
            self.draw("say", self.told(mine, took, work))

    def told(self, mine: str, took: float, work: float) -> str:
        """독자가 보낸 클릭이 어디서 시간을 보냈는지."""
        wait = ms(took) - ms(work)
        spent = f"{mine}: {ms(took)} ms. 줄에서 {wait} ms, 처리하는 데 {ms(work)} ms입니다."
        return f"{spent} {self._maximum(took)}".rstrip()

    def _maximum(self, took: float) -> str:
        """최대를 보이는 대시보드라면, 그것이 누구의 답이었는지."""
        if self.tail < 1:
            return ""
        return "이 답이 최대입니다." if took == self.times[-1] else f"최대는 {self.slowest}입니다."

    @property
    def mean(self) -> float:
        """지금까지의 답의 평균 응답 시간(초)."""
        return self.total / len(self.times)

    def _count(self, took: float, whose: str) -> None:
        place = len(self.times)
        while place and self.times[place - 1] > took:
            place -= 1
        if place == len(self.times):
            self.slowest = whose
        self.times.insert(place, took)
        self.total += took
        self.show()

    def show(self) -> None:
        """지금까지의 답을 대시보드의 수로 보입니다."""
        self.draw("count", "done", len(self.times))
        self.draw("count", "mean", ms(self.mean))
        self.draw("count", "tail", ms(quantile(self.times, self.tail)))

    def _somebody(self, _done) -> None:
        self.send(OTHERS, self.work(self._posts()))

    def _posts(self) -> int:
        """나래가 아닌 누군가가 쓴 게시글의 수."""
        return MOST // (2 + int(self._luck() * (USERS - 1)))


class Dashboard(Clicks):
    """오래 켜 둔 대시보드: 같은 서버가 앞서 한 답들이 이미 쌓여 있습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        super().__init__(engine, settings, draw)
        past = Clicks(Engine(engine.seed + 1), settings, _unseen)
        past.engine.run(PAST / past.load.rate)
        self.times, self.total, self.slowest = past.times, past.total, past.slowest
        self.show()


def _unseen(*_change) -> None:
    """아무도 보지 않는 그림."""
