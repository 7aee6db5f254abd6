"""확장-이전-축소(parallel change): 게시글의 「#태그」를 본문에서 떼어 따로 둡니다.

``posts`` 테이블의 ``text`` 컬럼(예: "점심 #맛집")을 ``body``("점심")와 ``tags``(["맛집"])로
옮깁니다. 서비스는 한순간도 멈추지 않습니다. 한 번에 바꾸지 않고 확장(expand), 이전(migrate),
축소(contract)의 차례로 갑니다. 단계(`STEPS`)마다 이웃한 두 방식(`MODES`)의 복제본이 함께 돌아도
괜찮아야 합니다.

여기에는 판단만 있습니다: 누가 어느 컬럼을 쓰고 읽는지, 언제 다음으로 가도 되는지, 어디서 되짚는지.
컬럼과 진행과 명단을 어디에 담는지는 `ddialab.ops.columns`가 압니다.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ddialab.core.errors import InvalidValue, check_choice, check_integer

MODES = ("old", "dual", "switched", "new")  # 복제본이 게시글을 다루는 네 가지 방식
MODE_NAMES = {
    "old": "옛 컬럼만",
    "dual": "함께 쓰고 옛 컬럼을 읽음",
    "switched": "함께 쓰고 새 컬럼을 읽음",
    "new": "새 컬럼만",
}
WAITING = "waiting"  # 복제본들이 따라오기를 기다리는 중
TAG = re.compile(r"#(\w+)")


class Irreversible(InvalidValue):
    """롤백할 수 없는 단계를 롤백하라고 했습니다."""


@dataclass(frozen=True)
class Step:
    """한 단계. ``mode``는 이 단계를 마쳤을 때 복제본들의 방식, ``undo``는 롤백하는 방법입니다."""

    name: str
    title: str
    mode: str
    undo: str


STEPS = (
    Step("expand", "확장", "old", "새 컬럼을 삭제합니다. 아직 아무도 사용하지 않는 컬럼입니다."),
    Step(
        "dual-write",
        "함께 쓰기",
        "dual",
        "옛 방식으로 돌립니다. 아무도 읽지 않는 새 컬럼은 NULL로 비워 둡니다.",
    ),
    Step("backfill", "백필", "dual", "할 일이 없습니다. 새 컬럼은 아무도 읽지 않습니다."),
    Step(
        "read-new", "새 컬럼 읽기", "switched", "읽는 곳만 롤백합니다. 옛 컬럼도 늘 최신이었습니다."
    ),
    Step(
        "write-new", "새 컬럼만 쓰기", "new", "다시 함께 쓰고, 낡은 옛 컬럼을 새 컬럼에서 채웁니다."
    ),
    Step("contract", "축소", "new", "롤백할 수 없습니다. 옛 컬럼의 텍스트가 사라졌습니다."),
)


@dataclass(frozen=True)
class State:
    """어디까지 했나: 마친 단계의 수, 목표, 복제본에게 시킨 방식, 백필이 지나간 게시글과 끝의 번호.

    ``position``이 -1이면 백필을 시작하지 않은 것입니다.
    """

    done: int
    target: int
    mode: str
    position: int
    last: int


@dataclass(frozen=True)
class TaggedPost:
    """새 모양의 게시글."""

    id: int
    author: str
    body: str
    tags: tuple[str, ...]


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """텍스트에서 태그를 뗍니다: ``"점심 #맛집 좋다"`` -> ``("점심 좋다", ("맛집",))``.

    태그가 있던 자리와 거듭 쓴 태그, 겹친 빈칸은 잊습니다. 그래서 거꾸로 가는 함수가 없습니다.
    """
    return " ".join(TAG.sub(" ", text).split()), tuple(dict.fromkeys(TAG.findall(text)))


def join(body: str, tags: tuple[str, ...]) -> str:
    """태그를 텍스트 끝에 붙입니다. ``split(join(*split(text))) == split(text)``이지만
    ``join(*split(text))``이 ``text``와 같다는 보장은 없습니다."""
    return " ".join(part for part in (body, *(f"#{tag}" for tag in tags)) if part)


def columns_of(text: str) -> tuple[str, str]:
    """``text``에 맞는 (body, tags) 컬럼의 값. 태그는 JSON으로 담습니다."""
    body, tags = split(text)
    return body, json.dumps(tags, ensure_ascii=False)


def written(mode: str, text: str) -> dict[str, str]:
    """``mode``의 복제본이 쓰는 컬럼과 값."""
    body, tags = columns_of(text)
    old, new = {"text": text}, {"body": body, "tags": tags}
    return {"old": old, "new": new}.get(mode, old | new)


def columns_read(mode: str) -> tuple[str, ...]:
    """``mode``의 복제본이 읽는 컬럼."""
    return ("text",) if mode in ("old", "dual") else ("body", "tags")


def meaning(values: tuple) -> tuple[str, tuple[str, ...]] | None:
    """`columns_read`가 고른 컬럼의 값들이 뜻하는 본문과 태그. 비었으면 None."""
    if values[0] is None:
        return None
    return split(values[0]) if len(values) == 1 else (values[0], tuple(json.loads(values[1])))


def _differ(text: str | None, body: str | None, tags: str | None) -> bool:
    return text is None or columns_of(text) != (body, tags)


class ParallelChange:
    """이어서 할 수 있는 확장-이전-축소. 같은 ``columns``로 다시 만들면 하던 곳에서 이어집니다.

    어디까지 했는지는 일과 **같은 트랜잭션**으로 기록합니다. 그래서 어디서 죽어도 다시 부르면
    이어집니다. 복제본은 명단에 제 방식을 기록하고, 마이그레이션은 모두가 따라온 뒤에야 다음으로
    갑니다. ``columns``는 `ddialab.ops.columns`의 것 가운데 하나입니다.
    """

    def __init__(self, columns, batch: int = 50):
        self.columns, self.batch = columns, check_integer("batch", batch, 1)
        self.rewritten = 0  # 여태 옮긴 게시글의 수
        columns.prepare()

    @property
    def state(self) -> State:
        return State(*self.columns.state())

    def aim(self, target: int = len(STEPS)) -> None:
        """마칠 단계의 수를 정합니다. 지금보다 작으면 롤백합니다. 축소한 뒤에는 `Irreversible`."""
        check_integer("target", target, 0, len(STEPS))
        if target < self.state.done == len(STEPS):
            raise Irreversible(
                f"target={target}: 마지막 단계(축소)는 롤백할 수 없습니다.",
                "text 컬럼과 함께 태그가 있던 자리, 거듭 쓴 태그, 빈칸이 사라졌습니다.",
                "축소 전의 스냅샷에서 복구하거나, 앞으로 가며 고치세요.",
            )
        self._save(target=target)

    def work(self) -> Iterator[str]:
        """목표까지 갑니다. 한 번에 커밋되는 일 하나마다 그 이름을, 기다릴 때는 `WAITING`을 냅니다.

        어느 yield에서 죽어도 새 `ParallelChange`의 ``work()``가 이어받습니다.
        """
        self._turn()
        while (state := self.state).done != state.target:
            forward = state.target > state.done
            step = STEPS[state.done if forward else state.done - 1]
            prefix = "_do_" if forward else "_undo_"
            yield from getattr(self, prefix + step.name.replace("-", "_"))()

    def waiting_for(self, mode: str) -> list[str]:
        """아직 ``mode``로 따라오지 않은 복제본의 이름들."""
        return sorted(name for name, now in self.columns.crew() if now != mode)

    def unequal(self) -> list[int]:
        """두 컬럼의 뜻이 다른 게시글의 번호들. 백필이 끝났는지는 이것이 비었는지로 압니다."""
        return [id for id, *values in self.columns.rows() if _differ(*values)]

    # ── 앞으로 ──

    def _do_expand(self) -> Iterator[str]:
        with self.columns.transaction():
            self._save(done=1)
            self.columns.alter(text="TEXT", body="TEXT", tags="TEXT")
        yield "expand"

    def _do_dual_write(self) -> Iterator[str]:
        yield from self._deploy("dual")
        self._save(done=2, position=-1)
        yield "dual-write"

    def _do_backfill(self) -> Iterator[str]:
        yield from self._fill(self._fill_new)
        self._check_equal()
        self._save(done=3)
        yield "backfill"

    def _do_read_new(self) -> Iterator[str]:
        yield from self._deploy("switched")
        self._save(done=4)
        yield "read-new"

    def _do_write_new(self) -> Iterator[str]:
        yield from self._deploy("new")
        self._save(done=5)
        yield "write-new"

    def _do_contract(self) -> Iterator[str]:
        with self.columns.transaction():
            self._save(done=6)
            self.columns.alter(text=None, body="TEXT NOT NULL", tags="TEXT NOT NULL")
        yield "contract"

    # ── 뒤로 ──

    def _undo_write_new(self) -> Iterator[str]:
        yield from self._deploy("switched", position=-1)
        yield from self._fill(self._fill_old)
        self._check_equal()
        self._save(done=4)
        yield "undo write-new"

    def _undo_read_new(self) -> Iterator[str]:
        yield from self._deploy("dual")
        self._save(done=3)
        yield "undo read-new"

    def _undo_backfill(self) -> Iterator[str]:
        self._save(done=2, position=-1)
        yield "undo backfill"

    def _undo_dual_write(self) -> Iterator[str]:
        yield from self._deploy("old")
        with self.columns.transaction():
            self._save(done=1)
            self.columns.empty_new()
        yield "undo dual-write"

    def _undo_expand(self) -> Iterator[str]:
        with self.columns.transaction():
            self._save(done=0)
            self.columns.alter(text="TEXT NOT NULL", body=None, tags=None)
        yield "undo expand"

    # ── 공통 ──

    def _turn(self) -> None:
        """하다 만 단계에서 방향을 바꾸면, 그 단계를 (가던 쪽으로) 마친 것으로 치고 되짚습니다.

        「새 컬럼만 쓰기」를 시키다 죽었다면 벌써 새 컬럼에만 쓴 게시글이 있습니다. 시작하지 않은
        것으로 치고 롤백하면 그 게시글들은 옛 컬럼에서 보이지 않습니다.
        """
        state = self.state
        settled = STEPS[state.done - 1].mode if state.done else "old"
        ahead = MODES.index(state.mode) - MODES.index(settled)
        if ahead > 0 and state.target <= state.done:
            self._save(done=state.done + 1)
        elif ahead < 0 and state.target >= state.done:
            self._save(done=state.done - 1)

    def _deploy(self, mode: str, **more: int) -> Iterator[str]:
        """복제본들에게 ``mode``를 시키고 모두 따라올 때까지 기다립니다.

        옛 방식이 하나라도 남은 채 다음으로 가면, 그 복제본이 쓴 게시글을 아무도 옮기지 않습니다.
        """
        if self.state.mode != mode:
            self._save(mode=mode, **more)
            yield f"mode {mode}"
        while self.waiting_for(mode):
            yield WAITING

    def _fill(self, write) -> Iterator[str]:
        """게시글을 번호 순으로 ``batch``건씩 읽고 채웁니다. 그 사이에 남이 고칠 수 있습니다."""
        if self.state.position < 0:
            # 끝을 기록해 두지 않으면, 죽었다 깨어날 때마다 늘어난 게시글을 영원히 쫓아갑니다.
            # 이 뒤에 생기는 게시글은 모두 두 컬럼에 쓰이므로 쫓을 까닭이 없습니다
            self._save(position=0, last=self.columns.last_id())
        while rows := self.columns.rows(self.state.position, self.state.last, self.batch):
            yield "read batch"
            with self.columns.transaction():
                self._save(position=rows[-1][0])
                self.rewritten += sum(write(*row) for row in rows if _differ(*row[1:]))
            yield "write batch"

    def _fill_new(self, id: int, text: str, body: str | None, tags: str | None) -> int:
        return self.columns.fill_new(id, text, *columns_of(text))

    def _fill_old(self, id: int, text: str | None, body: str, tags: str) -> int:
        return self.columns.fill_old(id, join(body, tuple(json.loads(tags))), body, tags)

    def _check_equal(self) -> None:
        if wrong := self.unequal():
            self._save(position=-1)  # 다시 부르면 처음부터 채웁니다
            raise InvalidValue(
                f"게시글 {len(wrong)}건의 두 컬럼이 서로 다릅니다(번호 {wrong[:5]}).",
                "모든 게시글의 두 컬럼이 같은 뜻이어야 다음 단계로 갑니다.",
                "crew 테이블에 없는 옛 복제본이 실행 중인지 보고 다시 부르세요.",
            )

    def _save(self, **changes: int | str) -> None:
        self.columns.save(**changes)


class CrewMember:
    """명단에 오른 복제본: 시킨 방식(mode)대로 글을 쓰고 읽습니다."""

    def __init__(self, name: str, columns):
        self.name, self.columns = name, columns
        self.mode = columns.enlist(name)

    def refresh(self) -> None:
        """시킨 방식이 바뀌었으면 따르고, 따랐다고 명단에 기록합니다."""
        self.follow(State(*self.columns.state()).mode)

    def follow(self, mode: str) -> None:
        if mode != self.mode:
            self.mode = check_choice("mode", mode, MODES)
            self.columns.report(self.name, mode)

    def leave(self) -> None:
        """명단에서 빠집니다. 죽은 복제본을 빼지 않으면 마이그레이션이 끝없이 기다립니다."""
        self.columns.dismiss(self.name)

    def publish(self, author: str, text: str) -> int:
        """새 글을 쓰고 번호를 돌려줍니다."""
        return self.columns.insert(author, written(self.mode, text))

    def edit(self, id: int, text: str) -> bool:
        """게시글을 고칩니다. 고칠 게시글이 있었는지 돌려줍니다."""
        return self.columns.edit(id, written(self.mode, text))

    def read(self, id: int) -> TaggedPost | None:
        """게시글을 새 모양으로 돌려줍니다. 없거나, 읽을 컬럼이 비었으면 None."""
        found = self.columns.get(id, columns_read(self.mode))
        meant = found and meaning(found[1:])
        return TaggedPost(id, found[0], *meant) if meant else None
