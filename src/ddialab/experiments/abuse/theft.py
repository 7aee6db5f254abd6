"""손에 쥔 비밀번호: 웹 서버의 비밀번호를 가진 도둑이 되어 캐시 서버에 명령을 보냅니다.

보통 사람들은 그동안에도 글을 읽습니다. 캐시에는 글의 사본과 로그인 세션이 있습니다. 글은
데이터베이스에 원본이 있어 다시 채우지만, 세션에는 원본이 없어 없어지면 다시 로그인해야 합니다.
"""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Ask, Draw, Part
from ddialab.experiments.abuse.door import CUT, DONE, FLUSHALL, GET, KEYS, SET, Door, Link

PEOPLE, THIEF, SERVICE, CACHE = "people", "thief", "service", "cache"
PARTS = (
    Part(PEOPLE, "client", "사람들", 0),
    Part(SERVICE, "server", "서비스", 1),
    Part(THIEF, "client", "도둑", 1),  # 이미 안에 들어와 있습니다
    Part(CACHE, "store", "캐시", 2),
)
WIRES = ((PEOPLE, SERVICE), (SERVICE, CACHE), (THIEF, CACHE))
COUNTERS = (
    ("ok", "제대로 읽음", "good"),
    ("out", "로그인 풀림", "bad"),
    ("fake", "가짜 글", "bad"),
    ("stolen", "훔친 세션", "bad"),
)
LANES = (("out", "풀림"), ("fake", "가짜"))
NAMES = ("소라", "민준")
POSTS = ("post:1", "post:2")
REAL, FAKE = "진짜 글", "가짜 글"
APP, LOGIN = "app", "login"  # 서비스가 쓰는 두 사용자. 관리자 하나로 다 하면 둘 다 관리자입니다
RATE, STEP, AGAIN = 1.5, 0.4, 3.0  # 초당 요청, 한 걸음(초), 다시 로그인하기까지(초)
LOOK = 3.0  # 초. 비밀번호를 바꾼 뒤 도둑이 다음 명령을 보낼 때까지
RETURN = 1.0  # 초. 연결이 끊긴 도둑이 다시 연결해 볼 때까지
TOKENS = {"소라": "tok-8f3", "민준": "tok-c21"}  # 세션마다의 토큰. 이것을 쥔 사람이 그 사람입니다
ORDERS = {
    "list": (KEYS, ""),
    "session": (GET, "session:소라"),
    "post": (SET, "post:1"),
    "flush": (FLUSHALL, ""),
}
ROTATED = Ask(
    "rotated",
    "비밀번호를 바꿨습니다. 도둑은 바꾸기 전에 연결해 두었습니다. 그 연결로 글 하나를 읽으려 "
    "하면 어떻게 될까요?",
    ("비밀번호가 틀려 거절됩니다", "아까처럼 답을 받습니다", "연결이 끊겨 있습니다"),
)


class Theft:
    """사람들이 글을 읽는 캐시에, 도둑의 연결 하나가 열려 있습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.engine, self.draw = engine, draw
        one = settings["role"] == "admin"
        users = {APP: (settings["role"], "old"), LOGIN: ("admin" if one else LOGIN, "secret")}
        self.door, self.secret = Door(users), "old"
        self.counts = {"ok": 0, "out": 0, "fake": 0, "stolen": 0}
        self.login = self._open(LOGIN, "secret")
        self.app = self._open(APP, "old")
        self.thief = self._open(APP, "old")
        self._asked = False
        self._dots = 0
        self._luck = engine.stream("사람").random
        self._gap = engine.exponential("도착", 1 / RATE)
        for name in NAMES:
            self._put(f"session:{name}", TOKENS[name], self.login)
        for post in POSTS:
            self._put(post, REAL, self.app)
        engine.after(self._gap(), self._arrive)

    def act(self, name: str, target: str) -> None:
        """도둑의 명령 하나, 또는 운영자의 비밀번호 교체와 연결 끊기."""
        if name == "rotate":
            self._rotate()
        elif name == "cut":
            self._cut()
        else:
            self._steal(*ORDERS[name])

    def turn(self, knob: str, value: Any) -> None:
        """도는 동안 돌릴 수 있는 슬라이더가 없습니다."""

    def _open(self, user: str, secret: str) -> Link:
        link = self.door.connect(user, secret)
        assert link is not None
        return link

    # --- 도둑 ---

    def _steal(self, command: str, key: str) -> None:
        """도둑이 명령을 보냅니다. 연결이 끊겼으면 쥐고 있는 비밀번호로 다시 연결해 봅니다."""
        words = f"{command} {key or '*'}" if command != FLUSHALL else command
        if not self.thief.open and not self._reconnect():
            self.draw("say", f"도둑: {words} → 연결하지 못합니다. 비밀번호가 틀립니다.")
            return
        before = dict(self.door.data)
        fate, answer = self.thief.send(command, key, FAKE)
        self._dot(THIEF, CACHE, "ok" if fate == DONE else "fail")
        if fate != DONE:
            self.draw("say", f"도둑: {words} → 이 역할에는 허락되지 않은 일이라 거절합니다.")
            return
        self._after_theft(command, words, answer, before)

    def _reconnect(self) -> bool:
        """쥐고 있는 비밀번호로 다시 연결해 봅니다."""
        again = self.door.connect(APP, "old")
        if again is not None:
            self.thief = again
        self._dot(THIEF, CACHE, "fail" if again is None else "ok")
        return again is not None

    def _return(self) -> None:
        """연결이 끊긴 도둑은 아무도 시키지 않아도 돌아오려 합니다."""
        if self.thief.open:
            return
        told = "다시 연결했습니다" if self._reconnect() else "다시 연결하지 못합니다"
        self.draw("say", f"도둑: 쥐고 있던 비밀번호로 {told}.")

    def _after_theft(self, command: str, words: str, answer: str | None, before: dict) -> None:
        if command == FLUSHALL:
            for key in before:
                self.draw("put", CACHE, key, None)
            self.draw("say", f"도둑: {words} → 캐시가 비었습니다. 모두 로그인이 풀립니다.")
        elif command == SET:
            self.draw("put", CACHE, "post:1", FAKE)
            self.draw("say", f"도둑: {words} → 글을 가짜로 바꿨습니다.")
        elif command == GET:
            if answer is not None:
                self._count("stolen")
            told = "소라의 세션을 훔쳤습니다. 소라로 로그인합니다." if answer else "없는 키입니다."
            self.draw("say", f"도둑: {words} → {told}")
        else:
            self.draw("say", f"도둑: {words} → 키의 이름 {len(before)}개를 모두 봤습니다.")

    # --- 운영자 ---

    def _rotate(self) -> None:
        if self.secret != "old":
            self.draw("say", "이미 바꿨습니다.")
            return
        self.secret = "new"
        self.door.rotate(APP, "new")
        self.app = self._open(APP, "new")  # 서비스에는 새 비밀번호를 알려 주었습니다
        self.draw("say", "운영자: 웹 서버의 비밀번호를 바꾸고, 서비스에 새것을 알려 주었습니다.")
        if not self._asked and self.thief.open:  # 쥔 연결이 없으면 물을 것도 없습니다
            self._asked = True
            self.draw("ask", ROTATED.id)
            self.engine.after(LOOK, self._answer)

    def _answer(self) -> None:
        """도둑이 쥔 연결로 글 하나를 읽어 봅니다."""
        refused, works, gone = ROTATED.choices
        fate, _ = self.thief.send(GET, "post:1")
        self._dot(THIEF, CACHE, "ok" if fate == DONE else "fail")
        told = works if fate == DONE else gone if fate == CUT else refused
        why = ". 비밀번호는 연결할 때 한 번만 확인합니다" if fate == DONE else ""
        self.draw("answer", ROTATED.id, told, told + why)

    def _cut(self) -> None:
        self.door.cut(APP)
        self.app = self._open(APP, self.secret)
        self.draw(
            "say",
            "운영자: 웹 서버의 연결을 모두 끊었습니다. 서비스는 다시 연결했습니다.",
        )
        self.engine.after(RETURN, self._return)

    # --- 사람들 ---

    def _arrive(self) -> None:
        self.engine.after(self._gap(), self._arrive)
        self._dots += 1
        dot = f"d{self._dots}"
        name, post = self._pick(NAMES), self._pick(POSTS)
        self.draw("new", dot, PEOPLE)
        self.draw("move", dot, SERVICE, "")
        self.engine.after(STEP, self._ask, dot, name, post)

    def _pick(self, things: tuple) -> str:
        return things[int(self._luck() * len(things))]

    def _ask(self, dot: str, name: str, post: str) -> None:
        self.draw("move", dot, CACHE, "")
        self.engine.after(STEP, self._read, dot, name, post)

    def _read(self, dot: str, name: str, post: str) -> None:
        """세션을 확인하고 글을 읽습니다. 캐시에 없는 글은 데이터베이스에서 가져와 다시 채웁니다."""
        if self.login.send(GET, f"session:{name}")[1] is None:
            self._leave(dot, "out")
            self.engine.after(AGAIN, self._log_in, name)
            return
        text = self.app.send(GET, post)[1]
        if text is None:
            self._put(post, REAL, self.app)
        self._leave(dot, "fake" if text == FAKE else "ok")

    def _leave(self, dot: str, what: str) -> None:
        self.draw("look", dot, "ok" if what == "ok" else "fail")
        self.draw("move", dot, PEOPLE, "")
        self.draw("gone", dot)
        self._count(what)

    def _log_in(self, name: str) -> None:
        self._put(f"session:{name}", TOKENS[name], self.login)

    # --- 그림 ---

    def _put(self, key: str, value: str, link: Link) -> None:
        link.send(SET, key, value)
        self.draw("put", CACHE, key, value)

    def _count(self, what: str) -> None:
        self.counts[what] += 1
        self.draw("count", what, self.counts[what])
        if what in ("out", "fake"):
            self.draw("mark", what, "")

    def _dot(self, start: str, end: str, look: str) -> None:
        self._dots += 1
        dot = f"d{self._dots}"
        self.draw("new", dot, start)
        self.draw("move", dot, end, "")
        self.draw("look", dot, look)
        self.draw("move", dot, start, "")
        self.draw("gone", dot)
