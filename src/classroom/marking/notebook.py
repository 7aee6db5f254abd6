"""학생의 노트북을 밖에서 본 것: 셀을 돌리고, 이름의 값을 데이터나 대리(proxy)로 받습니다.

프로세스가 끝나면(끝나지 않는 반복, 메모리, os._exit) 새로 띄워 그때까지의 셀을 다시 돌립니다.
그래서 함수 하나가 멈춰도 나머지 기준은 채점됩니다.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from classroom.marking import remote, wire
from classroom.marking.remote import Remote, StudentError, ValueTooLarge
from classroom.marking.sandbox import LIMITS, Limits, Sandbox, SandboxEnded, missing
from classroom.record import Status
from ddialab.core.errors import BackendUnavailable

READY = 60.0  # 프로세스가 준비될 때까지 기다리는 초


@dataclass(frozen=True)
class Where:
    """학생의 코드에서 난 오류 하나: 아는 종류의 이름과, 알면 셀의 이름과 줄."""

    kind: str
    cell: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class CellRun:
    """셀 하나를 돌린 결과. ``outputs``는 노트북의 출력, ``ended``는 프로세스가 끝난 까닭입니다."""

    ok: bool
    error: Where | None = None
    outputs: tuple[dict, ...] = ()
    ended: SandboxEnded | None = None


class StudentNotebook:
    """학생의 노트북 하나. ``with`` 문으로 씁니다.

    ``limits.cell``은 `begin`을 부를 때마다 새로 주어지고, ``limits.total``은 통틀어 한 번입니다.
    둘 다 학생의 답을 기다린 시간만 셉니다. ``ended``는 마지막 `begin` 뒤에 프로세스가 끝난
    까닭입니다. 테스트가 예외를 삼켜도 남습니다.
    """

    def __init__(self, limits: Limits = LIMITS, unsafe: bool = False):
        self._limits, self._unsafe = limits, unsafe
        self._left, self._cell_left = limits.total, limits.cell
        self._cells: list[tuple[str, str]] = []
        self._lines: dict[str, int] = {}
        self.ended: SandboxEnded | None = None
        self._life: _Life | None = _Life(Sandbox(limits, unsafe))

    def begin(self) -> None:
        """셀이나 기준 하나를 시작합니다. 프로세스가 없으면 새로 띄워 셀들을 다시 돌립니다.

        다시 돌리다가 끝나거나 전체 시간을 다 썼으면 `SandboxEnded`.
        """
        self.ended = None
        if self._left <= 0:
            self.ended = SandboxEnded(Status.TIMEOUT, "제출 하나에 정해진 시간을 다 사용했습니다.")
            raise self.ended
        if self._life is None:
            self._restart()
        self._cell_left = self._limits.cell

    def run(self, source: str, name: str) -> CellRun:
        """셀 하나를 돌립니다. 프로세스를 끝낸 셀은 다시 돌릴 때 건너뜁니다."""
        self._lines[name] = source.count("\n") + 1
        try:
            self.begin()
            done = self._run(source, name)
        except SandboxEnded as ended:
            return CellRun(ok=False, ended=ended)
        except wire.TooLarge:  # 건넬 수 없을 만큼 긴 셀
            return CellRun(ok=False)
        except Exception as error:
            if not hasattr(error, "where"):  # 학생이 아니라 샌드박스의 일입니다
                raise
            return CellRun(ok=False, error=error.where)
        self._cells.append((name, source))
        return done

    def names(self, wanted: list[str]) -> dict[str, object]:
        """학생의 이름들의 값. 없는 이름은 빠집니다. 프로세스가 끝나면 `SandboxEnded`."""
        found = self._ask({"op": "names", "names": wanted})
        with self._trusting_nothing():
            return {name: self._decode(found[name]) for name in wanted if name in found}

    def disarmed(self) -> bool:
        """학생의 셸에서 assert가 실패할 줄 모르게 되었는가."""
        self.begin()
        try:
            return self._ask({"op": "canary"}) is not True
        except SandboxEnded:
            raise
        except Exception:  # 셸이 망가져 대답하지 못합니다
            return True

    def apply(self, action: str, *args: object, **kwargs: object) -> object:
        """대리가 할 일 하나를 학생의 프로세스에 시킵니다.

        학생의 예외는 같은 종류로 다시 나고, 고친 인자는 원래의 리스트와 딕셔너리에 반영합니다.
        인자가 데이터도 대리도 함수도 아니면 `wire.NotPlain`(과제의 잘못입니다).
        """
        self._check_alive()
        request = {"op": "apply", "action": action, "args": [self._encode(each) for each in args]}
        request["kwargs"] = {name: self._encode(each) for name, each in kwargs.items()}
        reply = self._ask(request)
        with self._trusting_nothing():
            for key, value in reply.get("changed", {}).items():
                _replace(kwargs[key] if key in kwargs else args[int(key)], self._decode(value))
            return self._decode(reply["result"])

    def drop(self) -> None:
        """프로세스를 버립니다. 다음 `begin`이 새로 띄웁니다."""
        if self._life:
            self._life.sandbox.close()
        self._life = None

    def __enter__(self) -> StudentNotebook:
        return self

    def __exit__(self, *_) -> None:
        self.drop()

    def _restart(self) -> None:
        """새 프로세스에 그때까지의 셀을 다시 돌립니다. 띄운 시간도 학생의 전체 시간에서 뺍니다."""
        started = time.monotonic()
        self._life = _Life(Sandbox(self._limits, self._unsafe))
        self._wait_ready()
        self._left -= time.monotonic() - started
        self._cell_left = self._left
        for name, source in self._cells:
            self._run(source, name)

    def _wait_ready(self) -> None:
        """준비되었다는 첫 말을 듣습니다. 늦는 것은 바쁜 컴퓨터의 탓이므로 넉넉히 기다립니다."""
        if self._life.ready:
            return
        try:
            self._life.sandbox.receive(time.monotonic() + READY)
        except SandboxEnded as ended:
            self.drop()
            raise BackendUnavailable(
                f"샌드박스를 띄우지 못했습니다. {ended.note}",
                "bubblewrap과 파이썬이 채점하는 사람의 권한으로 실행되어야 합니다.",
                missing() or "메모리가 모자라지 않는지 보고 다시 채점하세요.",
            ) from ended
        self._life.ready = True

    def _run(self, source: str, name: str) -> CellRun:
        said = self._ask({"op": "run", "source": source, "name": name})
        with self._trusting_nothing():
            error = self._where(said["error"]) if "error" in said else None
            return CellRun(said["ok"] is True, error, tuple(map(_output, said["outputs"])))

    def _ask(self, request: dict) -> object:
        """묻고 답을 받습니다. 답 대신 테스트의 함수를 부르는 말이 오면 부르고 계속 기다립니다."""
        self._check_alive()
        try:
            self._wait_ready()
            self._life.sandbox.send(request)
            while "callback" in (message := self._receive()):
                self._life.sandbox.send(self._called_back(message))
        except SandboxEnded as ended:
            self.ended = ended
            self.drop()
            raise
        except (wire.NotPlain, wire.TooLarge):
            self.drop()  # 학생의 프로세스는 아직 답을 기다리고 있습니다
            raise
        if "error" in message:
            raise self._error(message["error"])
        return message.get("value")

    def _check_alive(self) -> None:
        if self._life is None:
            raise self.ended or SandboxEnded(Status.STOPPED, "프로세스가 이미 끝났습니다.")

    def _receive(self) -> dict:
        started = time.monotonic()
        try:
            message = self._life.sandbox.receive(started + min(self._left, self._cell_left))
        finally:
            spent = time.monotonic() - started
            self._left, self._cell_left = self._left - spent, self._cell_left - spent
        if message.get("ended") == "output":
            raise SandboxEnded(Status.OUTPUT, "출력이 한도를 넘었습니다.")
        return message

    def _called_back(self, message: dict) -> dict:
        """학생이 부른 테스트의 함수를 실행한 결과. 그 함수의 예외는 맡아 두고 번호를 보냅니다."""
        with self._trusting_nothing():
            function = self._life.functions[message["callback"]]
            args = [self._decode(each) for each in message["args"]]
            kwargs = {name: self._decode(each) for name, each in message["kwargs"].items()}
        try:
            return {"result": self._encode(function(*args, **kwargs))}
        except (SandboxEnded, wire.NotPlain, wire.TooLarge):
            raise
        except Exception as error:
            self._life.thrown.append(error)
            flat = all(type(arg) in wire.SCALARS for arg in error.args)
            said = {"type": wire.known(type(error)), "args": list(error.args) if flat else []}
            return {"raise": said | {"token": len(self._life.thrown) - 1}}

    def _error(self, said: dict) -> Exception:
        """학생의 예외를 같은 종류로. 테스트가 냈던 예외가 되돌아온 것이면 바로 그것입니다."""
        with self._trusting_nothing():
            if type(said.get("token")) is int:
                return self._life.thrown[said["token"]]
            kind, args = wire.EXCEPTIONS.get(said["type"], StudentError), said.get("args", [])
            if said["type"] == "TooLarge":
                kind = ValueTooLarge
            if "class" in said:
                kind = self._decode(said["class"])
            if not all(type(arg) in wire.SCALARS for arg in args):
                raise wire.Garbled("args")
            where = self._where(said)
        try:
            error = kind(*args)
        except Exception:  # 인자를 가려 받는 예외(UnicodeDecodeError 따위)
            error = StudentError()
        error.where = where
        return error

    def _where(self, said: dict) -> Where:
        """오류의 종류와 자리. 아는 이름이 아니면 남기지 않습니다(피드백에 나가는 문장입니다)."""
        kind = said["type"] if said["type"] in wire.EXCEPTIONS else "BaseException"
        cell, line = said.get("where") or (None, None)
        if cell in self._lines and type(line) is int and 1 <= line <= self._lines[cell]:
            return Where(kind, cell, line)
        return Where(kind)

    def _encode(self, value: object) -> object:
        return wire.encode(value, self._special)

    def _special(self, value: object) -> dict:
        """데이터가 아닌 인자: 학생의 것이면 번호로 되돌려 주고, 함수이면 부를 수 있게 합니다."""
        if isinstance(value, Remote):
            return {"handle": remote.reference(value).number(self._life)}
        if callable(value):
            self._life.functions.append(value)
            return {"function": len(self._life.functions) - 1}
        return wire.refuse(value)

    def _decode(self, value: object) -> object:
        return wire.decode(value, self._proxy)

    def _proxy(self, tag: str, content: object) -> object:
        """학생의 함수, 클래스, 인스턴스의 대리. 같은 것에는 같은 대리를 줍니다."""
        id, kind, name, base = content
        if tag != "handle" or type(id) is not int or type(name) is not str:
            raise wire.Garbled(tag)
        if id not in self._life.proxies:
            name = name if name.isidentifier() else "객체"
            whose = remote.Reference(self.apply, self._life, id, kind, name)
            self._life.proxies[id] = remote.proxy(whose, base)
        return self._life.proxies[id]

    @contextmanager
    def _trusting_nothing(self) -> Iterator[None]:
        """안에서 온 말을 풀다가 난 오류를 모두 「이상한 메시지」로 바꾸고 프로세스를 버립니다."""
        try:
            yield
        except SandboxEnded:
            raise
        except Exception:
            self.ended = SandboxEnded(
                Status.STOPPED, "학생의 프로세스가 이상한 메시지를 보냈습니다."
            )
            self.drop()
            raise self.ended from None


@dataclass
class _Life:
    """프로세스 하나의 일생. 번호의 뜻은 프로세스에 매여 있으므로 함께 사라집니다."""

    sandbox: Sandbox
    ready: bool = False
    proxies: dict[int, object] = field(default_factory=dict)
    functions: list[Callable] = field(default_factory=list)
    thrown: list[Exception] = field(default_factory=list)


def _replace(old: object, new: object) -> None:
    """학생이 고친 인자를 테스트가 들고 있는 것에 반영합니다. 종류가 다르면 TypeError."""
    if type(old) is not type(new):
        raise TypeError
    if isinstance(old, list):
        old[:] = new
    elif isinstance(old, (dict, set)):
        old.clear()
        old.update(new)


def _output(said: dict) -> dict:
    """셀의 출력 하나. 노트북이 아는 모양만 받습니다."""
    if said["output_type"] == "stream" and said["name"] in ("stdout", "stderr"):
        return {"output_type": "stream", "name": said["name"], "text": str(said["text"])}
    if said["output_type"] == "error":
        told = {name: str(said[name]) for name in ("ename", "evalue")}
        return {"output_type": "error", "traceback": [str(said["traceback"])]} | told
    mimes = {"text/plain", "image/png", "image/jpeg"}
    data = {mime: str(value) for mime, value in said["data"].items() if mime in mimes}
    return {"output_type": "display_data", "data": data, "metadata": {}}
