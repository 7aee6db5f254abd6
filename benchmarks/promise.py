"""약속: 표의 한 줄. 무엇이, 이번에 얼마였고, 얼마여야 하고, 지켰는가."""

from typing import NamedTuple


class Promise(NamedTuple):
    """``kept``가 None이면 재지 못한 것이고, ``measured``가 그 까닭입니다."""

    what: str
    measured: str
    wanted: str
    kept: bool | None

    def __str__(self) -> str:
        end = {True: "지킴", False: "어김", None: "재지 못함"}[self.kept]
        return f"| {self.what} | {self.measured} | {self.wanted} | {end} |"


class Unmeasured(Exception):
    """도구나 빌드한 책이 없어 잴 수 없습니다. 까닭을 말합니다."""
