"""게시글을 쓰고 고치고 읽는 클라이언트들: 무엇에 성공했다는 답을 받았고, 나중에 무엇이 없는지.

서비스는 ``publish(author, text)``, ``edit(id, text)``, ``read(id)``를 하는 것이면 무엇이든 됩니다.
시계도 스레드도 모릅니다. 언제 요청할지는 부르는 쪽이 정합니다.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from ddialab.core.errors import LabError, check_integer, check_number, check_positive

AUTHOR = "소라"


@dataclass(frozen=True)
class Traffic:
    """요청의 모양: 쓰기와 고치기의 비율. 나머지는 읽기입니다.

    고치기는 갓 쓴 게시글 ``recent``건 가운데 하나를 고릅니다. 글을 올리고 곧 오타를 고치는 것과
    같습니다.
    """

    publish: float = 0.3
    edit: float = 0.3
    recent: int = 10

    def __post_init__(self):
        for name in ("publish", "edit"):
            check_positive(name, getattr(self, name), below=1)
        check_number("publish + edit", self.publish + self.edit, 0, 1)
        check_integer("recent", self.recent, 1)

    def kind(self, point: float) -> str:
        """0과 1 사이의 난수 ``point``가 고른 요청: publish, edit, read 가운데 하나."""
        if point < self.publish:
            return "publish"
        return "edit" if point < self.publish + self.edit else "read"

    def draw(self, random: Random, ids: Sequence[int], number: int) -> tuple[str, int, str]:
        """``number``번 요청의 (종류, 게시글의 번호, 텍스트). 새 글의 번호는 요청의 번호입니다."""
        kind = self.kind(random.random())
        if kind == "publish" or not ids:
            return "publish", number, f"글 {number}"
        recent = ids[-self.recent :]
        return kind, recent[random.randrange(len(recent))], f"고친 글 {number}"


class Crowd:
    """클라이언트들과 그 장부.

    ``draw``(`Traffic.draw`의 꼴)가 요청을 뽑습니다. ``texts``는 게시글마다 마지막에 성공했다고
    답받은 텍스트, ``requests``는 보낸 요청의 수, ``failures``는 실패한 요청의 시각들입니다.
    """

    def __init__(
        self,
        random: Random,
        draw: Callable[[Random, Sequence[int], int], tuple[str, int, str]] = Traffic().draw,
        texts: Mapping[int, str] = {},
    ):
        self.random, self.draw, self.texts = random, draw, dict(texts)
        self.requests, self.failures, self.now = 0, [], 0.0

    def request(self, service: Any, now: float = 0.0, number: int | None = None) -> bool:
        """``service``에 요청 하나를 보내고 성공했는지 돌려줍니다. 책의 오류는 실패로 셉니다.

        ``now``는 장부에 적을 시각, ``number``는 요청의 번호(없으면 보낸 차례)입니다.
        """
        self.requests, self.now = self.requests + 1, now
        try:
            done = self.ask(service, self.requests if number is None else number)
        except LabError:
            done = False
        if not done:
            self.failures.append(now)
        return done

    def ask(self, service: Any, number: int) -> bool:
        """요청 하나를 뽑아 보냅니다. 옳게 답했는지 돌려줍니다."""
        kind, id, text = self.draw(self.random, list(self.texts), number)
        if kind == "publish":
            return self.publish(service, text, id)
        return self.edit(service, id, text) if kind == "edit" else self.read(service, id)

    def publish(self, service: Any, text: str, id: int | None = None) -> bool:
        """새 글을 씁니다. 번호는 서비스가 매기고, 서비스는 게시글이나 그 번호로 답합니다."""
        post = service.publish(AUTHOR, text)
        self.texts[getattr(post, "id", post)] = text
        return True

    def edit(self, service: Any, id: int, text: str) -> bool:
        """게시글을 고칩니다. 고칠 게시글이 없다고 하면 실패입니다."""
        if done := bool(service.edit(id, text)):
            self.texts[id] = text
        return done

    def read(self, service: Any, id: int) -> bool:
        """게시글을 읽습니다. 없다고 하면 실패입니다."""
        return service.read(id) is not None


@dataclass(frozen=True)
class Audit:
    """장부와 견준 결과: 게시글의 번호들.

    ``lost``는 썼다고 답했는데 보이지 않는 것, ``stale``은 마지막에 답한 것과 내용이 다른 것,
    ``extra``는 아무도 답하지 않은 것입니다.
    """

    lost: list[int]
    stale: list[int]
    extra: list[int]


def audit(
    texts: Mapping[int, str],
    found: Mapping[int, Any],
    expected: Callable[[int, str], Any] = lambda id, text: text,
) -> Audit:
    """장부 ``texts``와, 지금 보이는 것 ``found``({번호: 게시글, 읽히지 않으면 None})를 견줍니다.

    ``expected(번호, 텍스트)``는 ``found``에 있어야 하는 게시글입니다.
    """
    lost = [id for id in texts if found.get(id) is None]
    seen = {id: found[id] for id in texts if found.get(id) is not None}
    stale = [id for id, post in seen.items() if post != expected(id, texts[id])]
    return Audit(lost, stale, [id for id in found if id not in texts])
