"""장면마다 모델 하나: 옮긴 텍스트 끝에 화면의 부탁을 받을 `answer`를 답니다."""

import importlib
import sys
from functools import cache
from typing import Any

from live.carry import SRC, carry

HOST = "ddialab.core.scene:Host.answer"


@cache
def scenes() -> dict[str, str]:
    """책의 모든 장면: {이름: ``"모듈:상수"``}. `experiments`의 `scenes.py`에서 찾습니다."""
    return {scene.name: place for place, scene in apart(_found()).items()}


def _found() -> dict[str, Any]:
    """`scenes.py`들의 상수 가운데 장면인 것: {``"모듈:상수"``: 장면}."""
    if str(SRC) not in sys.path:
        sys.path.insert(0, str(SRC))
    from ddialab.core.scene import Scene

    found = {}
    for path in sorted(SRC.glob("ddialab/experiments/**/scenes.py")):
        module = ".".join(path.relative_to(SRC).with_suffix("").parts)
        for constant, value in vars(importlib.import_module(module)).items():
            if isinstance(value, Scene):
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
                "장면의 이름은 책에서 하나뿐이어야 합니다.",
            )
    return found


@cache
def model(scene: str) -> str:
    """이름이 ``scene``인 장면의 모델. 실행하고 나면 ``answer(부탁)``을 부를 수 있습니다.

    옮길 수 없으면 `CannotCarry`.
    """
    carried = carry([HOST, scenes()[scene]])
    host, world = carried.names.values()
    return f"{carried.text}answer = {host}({{{scene!r}: {world}}}).answer\n"
