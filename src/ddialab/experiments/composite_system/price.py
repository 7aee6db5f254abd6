"""값: 쓰기 하나의 단계가 몇이고 답하기 전이 몇인지, 사본 하나가 멈추면 무엇이 멈추는지."""

from __future__ import annotations

from typing import NamedTuple

from ddialab.blocks.search.memory import MemoryIndex
from ddialab.core.errors import BackendUnavailable, check_integer
from ddialab.experiments.composite_system.crash_points import AUTHOR, Stores
from ddialab.service.drift import drift
from ddialab.service.writes import ANSWER


class Price(NamedTuple):
    """쓰기 하나의 단계: 답하기 전과 답한 뒤."""

    before: int
    after: int


class Outage(NamedTuple):
    """색인 서버가 멈춘 동안의 고치기: 답을 들었나, 원본은 바뀌었나, 살아난 뒤 어긋난 사본의 수."""

    answered: bool
    changed: bool
    drifts: int


class Stoppable(MemoryIndex):
    """멈출 수 있는 색인. ``stopped``면 아무것도 받지 않습니다."""

    stopped = False

    def _write(self, entries: list) -> int:
        if self.stopped:
            raise BackendUnavailable("검색 색인이 멈춰 있습니다.", todo="살아난 뒤에 다시 하세요.")
        return super()._write(entries)


def price(way: str, waits: bool = False) -> Price:
    """글 하나를 고치는 값."""
    stores, steps = Stores(way, waits=waits), []
    service = stores.open()
    id = service.publish(AUTHOR, "처음").id
    if service.relay is not None:
        service.catch_up()
    service.at = steps.append
    service.edit(id, "고친 글")
    before = steps.index(ANSWER)
    after = 0 if service.relay is None else sum(1 for _ in service.relay.steps())
    return Price(before, after)


def index_down(way: str, waits: bool = False) -> Outage:
    """색인 서버가 멈춘 동안 글을 고치고, 살아난 뒤에 할 수 있는 만큼 따라잡습니다."""
    stores = Stores(way, index=Stoppable(), waits=waits)
    service = stores.open()
    id = service.publish(AUTHOR, "처음").id
    if service.relay is not None:
        service.catch_up()
    stores.index.stopped, answered = True, True
    try:
        service.edit(id, "고친 글")
    except BackendUnavailable:
        answered = False
    changed = service.database.post(id).text == "고친 글"
    stores.index.stopped = False
    if service.relay is not None:
        service.catch_up()
    return Outage(answered, changed, len(drift(service, [check_integer("id", id)])))
