"""트랜잭션: 고치고, 로그에 적고, 커밋합니다. 어디에 담는지는 물려받는 쪽이 정합니다."""

from __future__ import annotations

import json

from ddialab.core.errors import InvalidValue


class Transaction:
    """열린 트랜잭션 하나. 끝나면 커밋하고, 오류가 났으면 물립니다.

    contextlib을 사용하지 않는 까닭은, 책의 페이지 안에서도 실행되어야 하기 때문입니다.
    """

    def __init__(self, store: Transactions):
        self.store = store

    def __enter__(self) -> None:
        store = self.store
        self.depth, self.mark = store._depth, len(store._changes)
        self.end = store.log.end if store.log is not None else 0
        try:
            store._begin(self.depth)
        except BaseException:  # 연 직후의 Ctrl-C도 물려야 합니다. 닫을 사람이 없습니다
            self._undo()
            raise
        store._depth += 1

    def __exit__(self, kind, error, trace) -> None:
        try:
            if kind is None:
                self._commit()
            else:
                self._undo()
        finally:
            self.store._depth = self.depth
            if self.depth == 0:
                self.store._changes.clear()

    def _commit(self) -> None:
        try:
            if self.depth == 0:
                self.store._write_log()
            self.store._commit(self.depth)
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        store = self.store
        try:  # noqa: SIM105  contextlib은 페이지에 없습니다
            store._rollback(self.depth)
        except Exception:  # 연결이 이미 끊겼으면 서버가 스스로 롤백합니다
            pass
        del store._changes[self.mark :]
        if self.depth == 0 and store.log is not None:
            store.log.truncate(self.end)


class Transactions:
    """트랜잭션을 여닫을 수 있는 저장소. 물려받는 쪽이 _begin, _commit, _rollback을 채웁니다.

    ``log``(`ddialab.blocks.log.Log`)를 붙이면 트랜잭션마다 커밋하기 전에 한 건을 적습니다.
    내용은 `note`로 모은 바뀐 것들의 JSON 목록입니다. 한 건이라서 테이블 여럿을 고쳤어도
    로그에서 모두 남거나 하나도 남지 않습니다.
    """

    def __init__(self, log=None):
        self.log = log
        self._changes: list[dict] = []  # 지금 트랜잭션이 바꾼 것
        self._depth = 0  # 겹쳐 열린 트랜잭션의 수

    def note(self, change: dict) -> None:
        """지금 트랜잭션이 무엇을 바꿨는지 기록해 둡니다. 로그에는 커밋할 때 적습니다."""
        self._changes.append(change)

    def transaction(self) -> Transaction:
        """``with`` 안의 쓰기는, 어느 테이블의 것이든 모두 남거나 하나도 남지 않습니다.

        겹쳐 열어도 됩니다. 안쪽의 것이 실패하면 안쪽의 쓰기만 롤백하고(savepoint), 로그에는 가장
        바깥의 것이 커밋할 때 한 건을 적습니다. 이 프로세스가 살아서 오류를 받았을 때의
        이야기입니다. 죽거나 답을 잃었을 때는 `ddialab.blocks.database`의 설명을 보세요.
        """
        return Transaction(self)

    def check_idle(self, what: str) -> None:
        """열린 트랜잭션이 있으면 `InvalidValue`. ``what``은 하려던 일의 이름입니다."""
        if self._depth:
            raise InvalidValue(
                f"{what}: 트랜잭션이 끝나지 않아 할 수 없습니다.",
                "커밋한 것만 담아야 로그의 어디까지인지 말할 수 있습니다.",
                "with 문이 끝난 뒤에 다시 부르세요.",
            )

    def _write_log(self) -> None:
        if self._changes and self.log is not None:
            self.log.append(json.dumps(self._changes, ensure_ascii=False).encode())
