"""페이지가 받을 파일들: 시동기, 워커, MicroPython, 장면과 겨루기마다 모델 하나."""

import base64
import json
import re
from pathlib import Path

from live.models import everything, model

HERE = Path(__file__).parent
MICROPYTHON = HERE / "micropython"
ASSETS = HERE / "assets"
# npm의 모듈을 보통의 스크립트로: file://에서는 모듈을 읽지 못합니다.
# {바꿀 것: (몇 번 나오나, 바꾼 것)}
AS_SCRIPT = {
    "export default _createMicroPythonModule;": (1, ""),
    "export async function loadMicroPython": (1, "async function loadMicroPython"),
    "import.meta.url": (4, '""'),
}


def script(module: str) -> str:
    """MicroPython의 모듈 ``module``을 `loadMicroPython`(의 약속)을 정하는 스크립트로 바꿉니다."""
    for old, (times, new) in AS_SCRIPT.items():
        if module.count(old) != times:
            raise ValueError(
                f"micropython.mjs에 {old!r}가 {module.count(old)}번 있습니다(알던 것은 {times}번). "
                "MicroPython을 올렸으면 publish/live/files.py의 AS_SCRIPT를 함께 고치세요."
            )
        module = module.replace(old, new)
    return f"const loadMicroPython = (async () => {{{module}\nreturn loadMicroPython;}})();\n"


def files() -> dict[str, bytes]:
    """{이름: 내용}. `_static/live/`에 놓습니다."""
    wasm = (MICROPYTHON / "micropython.wasm").read_bytes()
    worker = script((MICROPYTHON / "micropython.mjs").read_text("utf-8")) + asset("worker")
    inside = {"worker": worker, "wasm": base64.b64encode(wasm).decode()}
    texts = {
        "connect.js": asset("connect"),
        "worker.js": worker,
        "offline.js": f"ddialabLive.offline = {json.dumps(inside)};\n",
        "LICENSE.txt": (MICROPYTHON / "LICENSE").read_text("utf-8"),
    }
    for name in dict.fromkeys(one.name for one in everything().values()):
        quoted = json.dumps(model(name), ensure_ascii=False)
        texts[f"{name}.js"] = f"ddialabLive.models[{name!r}] = {quoted};\n"
    return {"micropython.wasm": wasm} | {name: text.encode() for name, text in texts.items()}


def asset(name: str) -> str:
    """스크립트 하나. 주석과 들여쓰기는 독자가 받지 않습니다."""
    code = (ASSETS / f"{name}.js").read_text("utf-8")
    return re.sub(r"^\s*(//.*)?\n|^ +|\s//\s.*$", "", code, flags=re.MULTILINE)


def write(folder: Path) -> None:
    """``folder``에 놓습니다. 옮길 수 없는 모델이 있으면 `CannotCarry`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
