"""샌드박스 안에서 실행되는 것: 학생의 노트북을 실행하고, 채점기의 물음에 데이터로 답합니다.

테스트는 여기 오지 않습니다. 여기 있는 것은 무엇이든 학생이 바꿀 수 있다고 보고, 채점기는 여기서
나온 말을 데이터로만 읽습니다. 그래서 이 모듈을 속여 얻을 것은 답을 데이터로 내는 것뿐입니다.
"""

from __future__ import annotations

import inspect
import io
import operator
import os
import sys
import threading
import traceback
from collections.abc import Callable

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets.config import Config

from classroom.marking import wire

SHOWN = ("text/plain", "image/png", "image/jpeg")  # 스크립트가 들 수 있는 HTML과 SVG는 뺍니다
SAID = 5_000  # 강사에게 보일 오류 하나의 글자
SHELL_NOTE = "채점할 때는 셸 명령(!, %pip)을 실행하지 않습니다.\n"

ACTIONS: dict[str, Callable] = {
    "call": lambda function, *args, **kwargs: function(*args, **kwargs),
    "get": getattr,
    "set": setattr,
    "len": len,
    "iter": iter,
    "next": next,
    "in": operator.contains,
    "item": operator.getitem,
    "put": operator.setitem,
    "drop": operator.delitem,
    "bool": bool,
    "isinstance": isinstance,
    "enter": lambda value: type(value).__enter__(value),
    "exit": lambda value: type(value).__exit__(value, None, None, None),
}


class Stream(io.TextIOBase):
    """학생의 print가 쓰는 곳. 한도를 넘으면 프로세스를 끝냅니다(예외는 삼킬 수 있습니다)."""

    def __init__(self, name: str, outputs: list[dict], room: list[int], quit: Callable):
        self._name, self._outputs, self._room, self._quit = name, outputs, room, quit

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """닫지 않습니다. 다음 셀도 씁니다."""

    def write(self, text: str) -> int:
        self._room[0] -= len(text)
        if self._room[0] < 0:
            self._quit()
        last = self._outputs[-1] if self._outputs else {}
        if last.get("name") != self._name:
            last = {"output_type": "stream", "name": self._name, "text": []}
            self._outputs.append(last)
        last["text"].append(text)
        return len(text)


class Publisher(DisplayPublisher):
    """``display(…)``가 내놓은 것을 셀의 출력으로 모읍니다."""

    def publish(self, data, metadata=None, **_):
        self.shell.add_output("display_data", data)

    def clear_output(self, wait=False):
        self.shell.outputs.clear()


class Hook(DisplayHook):
    """셀의 마지막 값을 셀의 출력으로 모읍니다."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.add_output("execute_result", format_dict)

    def finish_displayhook(self):
        self._is_active = False


class Shell(InteractiveShell):
    """주피터와 같은 문법(매직, 맨 위의 await)을 알지만 바깥 명령은 실행하지 않는 셸."""

    displayhook_class = Hook
    display_pub_class = Publisher

    def __init__(self, **kwargs):
        self.outputs: list[dict] = []
        super().__init__(**kwargs)

    def add_output(self, kind: str, data: dict) -> None:
        kept = {mime: data[mime] for mime in SHOWN if isinstance(data.get(mime), str)}
        if kept:
            self.outputs.append({"output_type": kind, "data": kept})

    def system(self, cmd):
        print(SHELL_NOTE, end="")

    system_raw = system_piped = system

    def getoutput(self, cmd, split=True, depth=0):
        print(SHELL_NOTE, end="")
        return SList() if split else ""

    def showtraceback(self, *_, **__):
        """오류는 `run_cell`의 결과에서 읽습니다. IPython이 꾸미게 두면 한 번에 0.1초가 듭니다."""

    showsyntaxerror = showtraceback


class Interpreter:
    """학생의 노트북 하나. 물음(op)마다 메서드 하나가 답합니다."""

    def __init__(self, reader: io.BufferedReader, writer: io.BufferedWriter, output: int):
        self._reader, self._writer = reader, writer
        self._turn = threading.RLock()
        self._objects: list[object] = []
        self._ids: dict[int, int] = {}
        self._files: dict[str, tuple[str, int]] = {}
        self._room = [output]
        config = Config({"HistoryManager": {"enabled": False}})
        self._shell = Shell.instance(config=config)
        self._shell.compile.get_code_name = lambda *_: self._file
        self._file = ""
        self._streams = [
            Stream(name, self._shell.outputs, self._room, self._too_much)
            for name in ("stdout", "stderr")
        ]

    def serve(self) -> None:
        """채점기가 말을 끝낼 때까지 묻는 대로 답합니다."""
        self._send({"ready": True})
        while (message := self._next()) is not None:
            self._reply(message)

    def run(self, request: dict) -> dict:
        """셀 하나를 실행합니다. 오류가 나도 다음 셀로 갑니다(주피터의 채점과 같습니다)."""
        source, self._file = request["source"], f"<{request['name']}>"
        # IPython은 앞의 빈 줄을 떼고 세지만, 학생은 셀에 보이는 줄을 찾습니다.
        skipped = len(source) - len(source.lstrip())
        self._files[self._file] = request["name"], source[:skipped].count("\n")
        self._shell.outputs.clear()
        result = self._shell.run_cell(source)
        error = result.error_before_exec or result.error_in_exec
        outputs = [
            one | {"text": "".join(one["text"])} if "text" in one else one
            for one in self._shell.outputs
        ]
        self._shell.outputs.clear()
        if error is None:
            return {"ok": True, "outputs": outputs}
        return {"ok": False, "outputs": [*outputs, self._told(error)]} | self._error(error)

    def names(self, request: dict) -> dict:
        """이름의 값들. 없는 이름은 뺍니다."""
        space = self._shell.user_ns
        return {name: self._encode(space[name]) for name in request["names"] if name in space}

    def canary(self, request: dict) -> bool:
        """실패해야 하는 assert가 정말 실패하는가."""
        self._file = "<canary>"
        return isinstance(self._shell.run_cell("assert False").error_in_exec, AssertionError)

    def apply(self, request: dict) -> dict:
        """함수를 부르거나 객체를 만집니다. 인자를 고쳤으면 고친 것도 돌려줍니다."""
        args = [self._decode(each) for each in request["args"]]
        kwargs = {name: self._decode(each) for name, each in request.get("kwargs", {}).items()}
        result = ACTIONS[request["action"]](*args, **kwargs)
        reply = {"result": self._encode(result)}
        changed = self._changed(enumerate(args), request["args"])
        changed |= self._changed(kwargs.items(), request.get("kwargs", {}))
        return reply | ({"changed": changed} if changed else {})

    def _changed(self, now, sent) -> dict[str, object]:
        found = {}
        for key, value in now:
            if isinstance(value, (list, dict, set)):
                encoded = self._encode(value)
                if encoded != sent[key]:
                    found[str(key)] = encoded
        return found

    def _reply(self, request: dict) -> None:
        sys.stdout, sys.stderr = self._streams  # 학생이 닫거나 바꿨어도 원래대로 돌려놓습니다
        try:
            work = {"run": self.run, "names": self.names, "apply": self.apply}
            work["canary"] = self.canary
            self._send({"value": work[request["op"]](request)})
        except wire.TooLarge:
            self._send({"error": {"type": "TooLarge"}})
        except BaseException as error:
            self._send(self._error(error))

    def _error(self, error: BaseException) -> dict:
        """예외를 데이터로. 채점기가 아는 종류만 이름을 보내고, 학생의 종류는 핸들로 보냅니다."""
        said = {"type": wire.known(type(error)), "args": self._error_args(error)}
        said |= {"where": self._where(error), "token": getattr(error, "_token", None)}
        if isinstance(error, Exception) and wire.EXCEPTIONS.get(said["type"]) is not type(error):
            said["class"] = self._handle(type(error))
        return {"error": said}

    def _error_args(self, error: BaseException) -> list:
        args = getattr(error, "args", ())
        flat = all(type(arg) in wire.SCALARS for arg in args)
        return [arg[:1000] if isinstance(arg, str) else arg for arg in args] if flat else []

    def _where(self, error: BaseException) -> list | None:
        """오류가 난 셀의 이름과 줄. 학생의 셀 가운데 가장 안쪽입니다."""
        frames = traceback.walk_tb(error.__traceback__)
        lines = [(frame.f_code.co_filename, line) for frame, line in frames]
        if isinstance(error, SyntaxError):
            lines.append((error.filename, error.lineno))
        found = [(*self._files[file], line) for file, line in lines if file in self._files]
        if not found:
            return None
        name, skipped, line = found[-1]
        return [name, skipped + line]

    def _told(self, error: BaseException) -> dict:
        """강사가 볼 오류 출력. 트레이스백은 학생의 셀부터 보입니다."""
        frame = error.__traceback__
        while frame and frame.tb_frame.f_code.co_filename not in self._files:
            frame = frame.tb_next
        lines = traceback.format_exception(type(error), error, frame)
        told = {"ename": type(error).__name__, "evalue": str(error)[:SAID]}
        return {"output_type": "error", "traceback": "".join(lines)[-SAID:]} | told

    def _encode(self, value: object) -> object:
        return wire.encode(value, self._handle)

    def _handle(self, value: object) -> dict:
        """데이터가 아닌 것은 여기 두고 번호를 보냅니다."""
        if id(value) not in self._ids:
            self._ids[id(value)] = len(self._objects)
            self._objects.append(value)
        kind, named = _kind(value), value if hasattr(value, "__name__") else type(value)
        base = wire.known(value) if kind == "exception" else None
        return {"handle": [self._ids[id(value)], kind, str(named.__name__)[:60], base]}

    def _decode(self, value: object) -> object:
        return wire.decode(value, self._special)

    def _special(self, tag: str, content: object) -> object:
        if tag == "handle":
            return self._objects[content]
        if tag == "function":
            return lambda *args, **kwargs: self._call_back(content, args, kwargs)
        raise wire.Garbled(tag)

    def _call_back(self, id: int, args: tuple, kwargs: dict) -> object:
        """채점기가 인자로 준 함수를 부릅니다. 기다리는 동안 오는 다른 물음에도 답합니다."""
        with self._turn:
            args = [self._encode(each) for each in args]
            kwargs = {name: self._encode(each) for name, each in kwargs.items()}
            self._send({"callback": id, "args": args, "kwargs": kwargs})
            while (message := self._next()) is not None:
                if "op" in message:
                    self._reply(message)
                elif "raise" in message:
                    raise self._raised(message["raise"])
                else:
                    return self._decode(message["result"])
        raise EOFError

    def _raised(self, said: dict) -> Exception:
        """테스트의 함수가 낸 예외. 번호(token)를 달아 두면 채점기는 바로 그 예외를 다시 냅니다."""
        try:
            error = wire.EXCEPTIONS[said["type"]](*said["args"])
        except TypeError:
            error = Exception(*said["args"])
        error._token = said["token"]
        return error

    def _too_much(self) -> None:
        self._send({"ended": "output"})
        os._exit(1)

    def _send(self, message: dict) -> None:
        self._writer.write(wire.pack(message))
        self._writer.flush()

    def _next(self) -> dict | None:
        line = self._reader.readline()
        return wire.unpack(line) if line else None


def _kind(value: object) -> str:
    """데이터가 아닌 것의 갈래. 대리(proxy)를 어떻게 만들지 정합니다."""
    if isinstance(value, type):
        return "exception" if issubclass(value, Exception) else "class"
    return "method" if inspect.ismethod(value) else "object"


def limit(memory: int, seconds: int, disk: int) -> None:
    """자원의 한도를 겁니다. 자식에게 물려지고, 다시 올릴 수 없습니다."""
    try:
        import resource
    except ImportError:  # 윈도: 시간과 출력은 채점기가 밖에서 셉니다
        return
    wanted = {"RLIMIT_AS": memory, "RLIMIT_CPU": seconds, "RLIMIT_FSIZE": disk}
    for name, value in (wanted | {"RLIMIT_NOFILE": 256, "RLIMIT_CORE": 0}).items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (ValueError, OSError):  # 운영체제가 이미 더 낮게 정했거나(macOS) 지원하지 않습니다
            continue


def pipes() -> tuple[io.BufferedReader, io.BufferedWriter]:
    """표준 입력과 출력을 말의 통로로 옮겨 두고, 그 자리에는 빈 입력과 버리는 출력을 둡니다."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return reader, writer


def main() -> None:
    memory, seconds, disk, output = map(int, sys.argv[1:])
    limit(memory, seconds, disk)
    reader, writer = pipes()
    sys.argv[:] = [""]
    Interpreter(reader, writer, output).serve()


if __name__ == "__main__":
    main()
