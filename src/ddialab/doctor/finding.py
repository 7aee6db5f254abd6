"""진찰의 결과 한 줄: 정상, 아니면 무엇이 잘못됐고 무엇을 칠지."""

from __future__ import annotations

from typing import NamedTuple

from ddialab.core.errors import LabError

GOOD, WARN, BAD = "정상", "참고", "문제"


class Finding(NamedTuple):
    """``level``은 `GOOD`, `WARN`(없어도 되는 것), `BAD`(있어야 하는 것) 가운데 하나입니다."""

    level: str
    what: str
    todo: str = ""

    def __str__(self) -> str:
        return "{}  {}{}".format(self.level, self.what, " → " + self.todo if self.todo else "")


def good(what: str) -> Finding:
    return Finding(GOOD, what)


def warn(what: str, todo: str) -> Finding:
    """없거나 고장 나도 책과 실습은 되는 것."""
    return Finding(WARN, what, todo)


def bad(what: str, todo: str) -> Finding:
    """고치지 않으면 책이나 실습이 안 되는 것."""
    return Finding(BAD, what, todo)


def misread(error: LabError) -> Finding:
    """실습이 읽을 수 없다고 할 주소. 실습과 같은 말을 합니다."""
    return bad(error.problem.rstrip("."), " ".join(filter(None, (error.todo, error.accepted))))
