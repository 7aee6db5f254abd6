"""손으로 지우고 되살리는 게시글 서비스: 장면의 행동을 실습의 복구로 옮깁니다.

장면의 1초를 `Policy`의 1분으로 칩니다. 쓰기, 스냅샷, 로그, 복구는 실습의 것이고 파일만 없습니다.
"""

from __future__ import annotations

from collections.abc import Sequence

from ddialab.blocks.memory import MemoryPosts, MemorySnapshot
from ddialab.blocks.posts import Post, Snapshot
from ddialab.blocks.tape import Tape
from ddialab.core.engine import Engine
from ddialab.core.scene import Draw, Part
from ddialab.experiments.human_errors.accident import Policy
from ddialab.ops.recovery import lost_writes, restore

POSTS, COPIES, LOG = "posts", "copies", "log"
PARTS = (
    Part(POSTS, "store", "게시글", 0),
    Part(COPIES, "store", "스냅샷", 0),
    Part(LOG, "log", "로그", 1),
)
WIRES = ((POSTS, LOG), (POSTS, COPIES))
COUNTERS = (("told", "쓴 글", "plain"), ("kept", "남은 글", "plain"), ("lost", "잃은 글", "bad"))
LANES = (("post", "쓴 글"), ("copy", "스냅샷"), ("mistake", "DELETE"))
FIRST = 3  # 처음부터 있던 게시글의 수


def name(post: Post) -> str:
    """그림에 적을 이름. 로그의 오프셋과 헷갈리지 않게 번호 앞에 「글」을 붙입니다."""
    return f"글{post.id}"


class ByHand:
    """사람들이 글을 쓰고, ``policy``대로 스냅샷을 뜹니다. ``logged``가 아니면 로그가 없습니다."""

    def __init__(self, engine: Engine, policy: Policy, draw: Draw, logged: bool = True):
        self.engine, self.policy, self.draw = engine, policy, draw
        self.log = Tape(lambda: engine.now) if logged else None
        self.database = MemoryPosts(log=self.log)
        self.ledger: list[Post] = []  # 장부: 저장했다고 답한 글
        self.copies: list[tuple[float, MemorySnapshot]] = []  # (뜬 시각, 스냅샷)
        self.stopped = False  # 되살리는 동안에는 쓰기를 받지 않습니다
        self._dots, self._gap = 0, engine.exponential("도착", 1 / policy.writes_per_minute)
        if not logged:
            draw("state", LOG, "absent")
        for _ in range(FIRST):
            self._publish("처음의 글")
        self.count()
        self._copy()
        engine.after(self._gap(), self._write)
        engine.after(policy.snapshot_every, self._copy_often)

    def delete(self) -> None:
        """WHERE를 빠뜨립니다. 아직 아무도 모릅니다."""
        self._empty()
        self.database.execute("DELETE FROM posts")
        self.logged("DEL")
        self.draw("mark", "mistake", "")
        self.draw("say", "DELETE FROM posts: 게시글이 모두 사라졌습니다. 사람들은 계속 씁니다.")
        self.count()

    def newest(self, moment: float) -> tuple[float, MemorySnapshot]:
        """시각 ``moment``까지 뜬 스냅샷 가운데 마지막 것과, 그것을 뜬 시각."""
        return [copy for copy in self.copies if copy[0] <= moment][-1]

    def recover(
        self, back: float, moment: float, log: Tape | None, until: int | None, skip: Sequence[int]
    ) -> None:
        """쓰기를 멈추고, 시각 ``back``에 되살린 것(`restore`)으로 옮깁니다.

        ``moment``까지 뜬 마지막 스냅샷에서 되살립니다.
        """
        taken, copy = self.newest(moment)
        self.stopped = True
        self.draw("state", POSTS, "repair")
        then = "풉니다." if log is None else "풀고, 그 뒤의 로그를 다시 실행합니다."
        self.draw("say", f"쓰기를 멈추고, {taken:.1f}초의 스냅샷을 새 데이터베이스에 {then}")
        self._carry(COPIES, POSTS)
        if log is not None:
            self._carry(LOG, POSTS)
        self.engine.at(back, self.switch, copy, log, until, skip)

    def switch(self, copy: Snapshot, log: Tape | None, until: int | None, skip: Sequence[int]):
        """되살린 데이터베이스로 옮기고, 스냅샷을 새로 뜹니다."""
        self._empty()
        self.database = restore(self.database, copy, log, until=until, skip=skip)
        self.database.log = self.log
        for post in self.database.posts():
            self.draw("put", POSTS, name(post), post.text)
        self._copy()
        self.stopped = False
        self.draw("state", POSTS, "ok")
        self.count()
        lost = self.lost()
        told = f"저장했다고 답한 글 {lost}건이 없습니다." if lost else "잃은 글이 없습니다."
        self.draw("say", f"다시 엽니다. {told} {self.aftermath(copy, log, until)}".strip())

    def aftermath(self, copy: Snapshot, log: Tape | None, until: int | None) -> str:
        """되살린 뒤에 달라진 것. 번호를 매기는 수도 데이터라서 함께 되돌아갑니다."""
        number = self.database.connection.last_id("posts") + 1
        back = number <= max(post.id for post in self.ledger)
        return f"새 글의 번호는 다시 {number}부터 매깁니다." if back else ""

    def copied(self, taken: float, note: str) -> None:
        """시각 ``taken``에 뜬 스냅샷을, 그 곁에 적을 ``note``와 함께 그립니다."""
        _, copy = self.newest(taken)
        self.draw("put", COPIES, f"{taken:.1f}초", f"글 {len(copy.posts)}건{note}")

    def lost(self) -> int:
        """저장했다고 답했는데 지금은 없는 글의 수."""
        return len(lost_writes(self.ledger, self.database))

    def count(self) -> None:
        """위의 수들을 고칩니다."""
        self.draw("count", "told", len(self.ledger))
        self.draw("count", "kept", self.database.count())
        self.draw("count", "lost", self.lost())

    def logged(self, item: str) -> None:
        """방금 로그에 적힌 것을 그립니다."""
        if self.log is not None:
            self._carry(POSTS, LOG)
            self.draw("push", LOG, item)

    def _publish(self, text: str) -> None:
        """글 하나를 저장하고, 저장했다고 답합니다."""
        post = self.database.insert_post("소라", text)
        self.ledger.append(post)
        self.draw("put", POSTS, name(post), text)
        self.logged(name(post))

    def write(self) -> None:
        """누군가 글을 씁니다. 되살리는 동안에는 받지 않습니다."""
        if not self.stopped:
            self._publish(f"{self.engine.now:.1f}초의 글")
            self.draw("mark", "post", "")
            self.count()

    def _write(self) -> None:
        self.write()
        self.engine.after(self._gap(), self._write)

    def _empty(self) -> None:
        """그림에서 글을 모두 지웁니다."""
        for post in self.database.posts():
            self.draw("put", POSTS, name(post), None)

    def _copy_often(self) -> None:
        if not self.stopped:
            self._copy()
        self.engine.after(self.policy.snapshot_every, self._copy_often)

    def _copy(self) -> None:
        now = self.engine.now
        self.copies.append((now, self.database.snapshot(f"{now}초")))
        self.copied(now, "")
        self.draw("mark", "copy", "")
        self._carry(POSTS, COPIES)

    def _carry(self, source: str, target: str) -> None:
        """점 하나가 ``source``에서 ``target``으로 갑니다."""
        self._dots += 1
        dot = f"d{self._dots}"
        self.draw("new", dot, source)
        self.draw("move", dot, target, "")
        self.draw("gone", dot)
