"""글꼴: matplotlib이 켜지는 대로 한글과 음의 부호가 네모(□)로 나오지 않게 합니다.

matplotlib은 무겁고 없는 곳도 있어서, 먼저 켜지 않고 켜지기를 기다립니다. 이 패키지를 import한
뒤라면(채점할 때도) 학생이 스스로 그리는 그림의 제목에도 한글을 쓸 수 있습니다.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

FAMILY = "Pretendard"
MOMENT = "matplotlib.font_manager"  # 이 모듈이 켜져야 글꼴을 알려 줄 수 있습니다


def register_when_ready() -> None:
    """matplotlib이 이미 켜져 있으면 지금, 아니면 켜지는 때에 글꼴을 알려 줍니다."""
    if MOMENT in sys.modules:
        register(sys.modules[MOMENT])
    else:
        sys.meta_path.insert(0, _Watch())


def register(font_manager: ModuleType) -> None:
    """``font_manager``(matplotlib의 모듈)에 Pretendard를 알리고 기본 글꼴로 삼습니다.

    독자가 이미 고른 글꼴은 그대로 둡니다. 고른 글꼴이 이 컴퓨터에 없으면 Pretendard로 그립니다:
    윈도의 「Malgun Gothic」을 적은 코드도 리눅스의 채점기에서 한글이 보입니다.
    """
    import matplotlib

    manager = font_manager.fontManager
    for path in Path(__file__).parent.glob(f"show/fonts/{FAMILY}-*.otf"):
        manager.addfont(path)
    manager.defaultFamily["ttf"] = FAMILY
    usual = list(matplotlib.rcParamsDefault["font.family"])
    for params in (matplotlib.rcParams, matplotlib.rcParamsDefault):  # rcdefaults() 뒤에도
        if list(params["font.family"]) == usual:
            params["font.family"] = [FAMILY, *usual]  # Pretendard에 없는 글자는 원래의 글꼴로
        params["axes.unicode_minus"] = False


class _Watch(MetaPathFinder):
    """`MOMENT`가 켜진 바로 뒤에 `register`를 부르는 찾기 도구. 한 번 쓰이고 빠집니다."""

    def find_spec(self, name, path=None, target=None) -> ModuleSpec | None:
        if name != MOMENT:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            register(module)

        spec.loader.exec_module = exec_module
        return spec
