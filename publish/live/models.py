"""장면과 겨루기마다 모델 하나: 옮긴 텍스트 끝에 화면의 부탁을 받을 `answer`를 답니다."""

import importlib
import sys
from functools import cache
from pathlib import Path
from typing import Any

from live.carry import SRC, carry

HOST = "ddialab.core.scene:Host.answer"
JUDGE = "ddialab.core.judge:Judge.answer"
READER = Path(__file__).with_name("reader.py")


@cache
def scenes() -> dict[str, str]:
    """책의 모든 장면: {이름: ``"모듈:상수"``}. `experiments`의 `scenes.py`에서 찾습니다."""
    return _named("scenes.py")


@cache
def trials() -> dict[str, str]:
    """책의 모든 겨루기: {이름: ``"모듈:상수"``}. `experiments`의 `trials.py`에서 찾습니다."""
    return _named("trials.py")


def _named(file: str) -> dict[str, str]:
    return {one.name: place for place, one in everything().items() if place in _found(file)}


@cache
def everything() -> dict[str, Any]:
    """페이지가 움직일 것: {``"모듈:상수"``: 장면이나 겨루기}. 이름이 겹치면 `InvalidValue`."""
    return apart({**_found("scenes.py"), **_found("trials.py")})


@cache
def _found(file: str) -> dict[str, Any]:
    """이름이 ``file``인 파일들의 상수 가운데 장면이나 겨루기인 것: {``"모듈:상수"``: 그것}."""
    if str(SRC) not in sys.path:
        sys.path.insert(0, str(SRC))
    from ddialab.core.scene import Scene
    from ddialab.core.trial import Trial

    kind = {"scenes.py": Scene, "trials.py": Trial}[file]
    found = {}
    for path in sorted(SRC.glob(f"ddialab/experiments/**/{file}")):
        module = ".".join(path.relative_to(SRC).with_suffix("").parts)
        for constant, value in vars(importlib.import_module(module)).items():
            if isinstance(value, kind):
                found[f"{module}:{constant}"] = value
    return found


def apart(found: dict[str, Any]) -> dict[str, Any]:
    """``found`` 그대로. 파일과 링크가 이름으로 갈리므로, 이름이 같은 둘이면 `InvalidValue`."""
    owners = {}
    for place, scene in found.items():
        owner = owners.setdefault(scene.name, place)
        if found[owner] is not scene:
            from ddialab.core.errors import InvalidValue

            raise InvalidValue(
                f"{place}: 이름 {scene.name!r}은 {owner}의 것입니다.",
                "장면과 겨루기의 이름은 책에서 하나뿐이어야 합니다.",
            )
    return found


@cache
def model(name: str) -> str:
    """이름이 ``name``인 장면이나 겨루기의 모델. 실행하고 나면 ``answer(부탁)``을 부를 수 있습니다.

    옮길 수 없으면 `CannotCarry`.
    """
    if name in trials():
        carried = carry([JUDGE, trials()[name]])
        judge, trial = carried.names.values()
        reader = READER.read_text("utf-8")
        return f"{carried.text}{reader}answer = {judge}({trial}, PolicyReader()).answer\n"
    carried = carry([HOST, scenes()[name]])
    host, world = carried.names.values()
    return f"{carried.text}answer = {host}({{{name!r}: {world}}}).answer\n"
