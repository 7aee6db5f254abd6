"""장면의 거리: 휴대전화 셋이 글을 쓰고, 로그에 닿은 차례로 쌓이고, 스트림과 일괄 처리가 셉니다.

무엇을 세고 무엇을 버리는지는 `ddialab.blocks.windows`가 정합니다. 여기서는 언제 쓰고 언제 닿는지를
정하고, 바뀐 것을 그립니다. 시각은 모두 밀리초입니다.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ddialab.blocks.windows import AMENDED, DUPLICATE, LATE, Event, Windows
from ddialab.core.engine import Engine
from ddialab.core.scene import Draw

PHONES = ("sora", "narae", "daon")
NAMES = {"sora": "소라", "narae": "나래", "daon": "다온"}
LOG, STREAM, BATCH = "log", "stream", "batch"
TAGS = ("점심", "커피")
TRAVEL = 0.7  # 글이 로그에 닿기까지의 평균(초)
RETRY = 4.0  # 답을 못 들은 휴대전화가 다시 보내기까지(초)
HOP = 0.25  # 점이 휴대전화에서 로그까지 가는 동안(초)
STAY = 0.4  # 로그에 닿은 점이 머무는 동안(초). 멈추어 물을 때 점의 모양이 답을 말하지 않게 합니다
DAY = 40_000  # 밤에 견줄 윈도들: 이 시각까지 끝난 것


class Post(NamedTuple):
    """글 하나: 번호, 쓴 시각, 태그."""

    id: int
    time: int
    tag: str


class Street:
    """``gap``초에 하나씩 글이 올라오는 거리. ``clock``이 arrival이면 닿은 시각의 윈도에 셉니다."""

    def __init__(
        self, engine: Engine, draw: Draw, windows: Windows, gap: float, clock: str = "event"
    ):
        self.engine, self.draw, self.windows, self.clock = engine, draw, windows, clock
        self._gap, self._travel = engine.exponential("글", gap), engine.exponential("길", TRAVEL)
        self._uniform = engine.stream("누가 무엇을").random
        self._made = self._dots = 0
        self._held: dict[str, list[tuple[str, Post]]] = {}  # 전파가 끊긴 휴대전화와, 거기 쌓인 글들
        self._last: dict[str, Post] = {}
        self.arrived: list[Post] = []  # 로그
        self.told: dict[int, dict[str, int]] = {}  # 스트림이 마지막으로 내보낸 표
        self.first: dict[int, int] = {}  # 윈도마다 처음 내보낸 시각
        self.most = 0  # 기억한 번호가 가장 많던 때
        engine.after(self._gap(), self._post_often)

    @property
    def now(self) -> int:
        return int(self.engine.now * 1000)

    def turn(self, knob: str, value: int) -> None:
        """워터마크가 기다리는 시간을 바꿉니다. 이미 지나온 데로는 돌아가지 않습니다."""
        self.windows.wait = value * 1000

    # --- 휴대전화 ---

    def _post_often(self) -> None:
        phone = PHONES[int(self._uniform() * len(PHONES))]
        tag = TAGS[0 if self._uniform() < 0.6 else 1]
        self._made += 1
        post = Post(self._made, self.now, tag)
        self._last[phone] = post
        self.send(phone, post)
        self.engine.after(self._gap(), self._post_often)

    def send(self, phone: str, post: Post) -> None:
        """``phone``이 글을 보냅니다. 전파가 끊겼으면 휴대전화에 쌓입니다."""
        self._dots += 1
        dot = f"p{self._dots}"
        self.draw("new", dot, phone)
        self.draw("move", dot, phone, "wait")
        if phone in self._held:
            self._held[phone].append((dot, post))
        else:
            self._leave(dot, post)

    def again(self, phone: str) -> None:
        """``phone``이 마지막 글을 한 번 더 보냅니다. 보냈는데 답을 못 들은 것입니다."""
        if phone in self._last:
            self.send(phone, self._last[phone])

    def cut(self, phone: str) -> None:
        """``phone``이 지하철에 들어갔습니다."""
        if phone not in self._held:
            self._held[phone] = []
            self.draw("state", phone, "cut")

    def back(self, phone: str) -> None:
        """``phone``에 전파가 돌아와, 쌓인 글을 보냅니다."""
        if phone in self._held:
            self.draw("state", phone, "ok")
            for dot, post in self._held.pop(phone):
                self._leave(dot, post)

    def _leave(self, dot: str, post: Post) -> None:
        self.engine.after(self._travel(), self._fly, dot, post)

    def _fly(self, dot: str, post: Post) -> None:
        self.draw("move", dot, LOG, "")
        self.engine.after(HOP, self._arrive, dot, post)

    # --- 로그와 스트림 ---

    def _arrive(self, dot: str, post: Post) -> None:
        self.arrived.append(post)
        self.draw("push", LOG, f"{post.time // 1000}초")
        look = "fail" if self.counted(post) in (LATE, DUPLICATE) else "ok"
        self.engine.after(STAY, self._fade, dot, look)
        self.draw("point", LOG, "스트림", len(self.arrived))
        self.publish()

    def _fade(self, dot: str, look: str) -> None:
        self.draw("look", dot, look)
        self.draw("gone", dot)

    def counted(self, post: Post) -> str:
        """글 하나를 윈도에 셉니다. 어떻게 했는지 돌려줍니다."""
        time = self.now if self.clock == "arrival" else post.time
        verdict = self.windows.add(Event(post.id, time, [post.tag]))
        self.most = max(self.most, self.windows.remembered)
        return verdict

    def publish(self) -> None:
        """닫히거나 고친 윈도의 표를 내보내고, 열린 윈도는 여태 센 것을 그립니다."""
        for start, counts in self.windows.take():
            self.told[start] = counts
            self.first.setdefault(start, self.now)
            self._write(start, f"{row(counts)}✓")
            self.draw("mark", "closed", "")
        for start, counts in self.windows.open().items():
            self._write(start, row(counts))

    def _write(self, start: int, words: str) -> None:
        if start < DAY:  # 밤에 견줄 윈도만 적어, 두 표의 줄이 나란합니다
            self.draw("put", STREAM, self.span(start), words)

    def span(self, start: int) -> str:
        """윈도의 이름: 0~10처럼 초로 적은 구간."""
        return f"{start // 1000}~{(start + self.windows.size) // 1000}"

    # --- 밤 ---

    def night(self) -> list[int]:
        """로그를 처음부터 다시 세어 표를 그리고, 스트림의 표와 다른 윈도들을 돌려줍니다."""
        table = recount(self.arrived, self.windows.size)
        self.draw("point", LOG, "일괄 처리", len(self.arrived))
        found = []
        for start in range(0, DAY, self.windows.size):
            counts = table.get(start, {})
            self.draw("put", BATCH, self.span(start), row(counts))
            if not same(self.told.get(start), counts):
                found.append(start)
        return found


def recount(posts: list[Post], size: int) -> dict[int, dict[str, int]]:
    """번호마다 한 번씩, 쓴 시각의 윈도에 센 표."""
    table: dict[int, dict[str, int]] = {}
    once: dict[int, Post] = {}
    for post in posts:
        once[post.id] = post
    for post in once.values():
        counts = table.setdefault(post.time // size * size, {})
        counts[post.tag] = counts.get(post.tag, 0) + 1
    return table


def row(counts: dict[str, int]) -> str:
    """표의 한 줄: 점심3 커피2."""
    return " ".join([f"{tag}{counts.get(tag, 0)}" for tag in TAGS])


def same(told: dict[str, int] | None, counts: dict[str, int]) -> bool:
    """스트림이 내보낸 줄이 ``counts``와 같은지. 아직 내보내지 않았으면 다릅니다."""
    return told is not None and row(told) == row(counts)


def happened(verdict: str) -> str:
    """판정마다 그림 아래에 적을 말."""
    return {
        LATE: "늦었습니다. 그 윈도는 이미 닫아, 세지 않고 따로 적어 둡니다.",
        DUPLICATE: "같은 번호가 또 왔습니다. 이미 센 글이라 거릅니다.",
        AMENDED: "늦었지만 아직 들고 있는 윈도라, 표를 고쳐 다시 내보냅니다.",
    }.get(verdict, "")


def kind_of(settings: dict[str, Any]) -> Windows:
    """도전의 슬라이더대로 만든 윈도."""
    return Windows(
        10_000,
        settings["wait"] * 1000,
        settings["lateness"] * 1000,
        unique=settings["unique"],
    )
