"""미리 실행해 저장한 결과: 여기서 할 수 없는 단계는 다른 컴퓨터에서 실행한 결과를 보여 줍니다.

다른 컴퓨터의 결과라는 것을 화면에 밝힙니다.

시계로 재는 단계도 여기를 지납니다. 잰 값은 컴퓨터가 바쁘기만 해도 달라지므로, 테스트는 그 단계를
실행해 보되 주장은 저장해 둔 값으로 확인합니다.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ddialab.core.errors import MissingCapability, StorageFailure

PACKAGE = Path(__file__).parents[1]  # 저장한 결과는 패키지와 함께 다닙니다: 휠에도, 브라우저에도
NOTICE = "다른 컴퓨터에서 미리 실행해 저장한 결과입니다. 지금 여기서 잰 것이 아닙니다."
DIGITS = 6  # 소수점 아래 자릿수. 시간이면 백만분의 1초입니다


def recorded(path: str | Path, run: Callable[[], Any]) -> tuple[Any, str]:
    """``run()``의 결과와 빈 문자열. 여기서 할 수 없는 일이면 ``path``에 저장된 결과와 `NOTICE`.

    ``path``는 패키지의 폴더에서 본 길입니다(``recorded/02-cpu.json``). 그래서 노트북을 어디에 두고
    열어도 찾습니다.
    ``run``이 `MissingCapability`를 내면 그 까닭과 저장한 결과라는 것을 화면에 밝힙니다. 어느 쪽이든
    결과는 JSON을 거치므로 같은 꼴입니다: 데이터클래스는 딕셔너리, 배열은 리스트가 됩니다.
    환경 변수 ``DDIALAB_RECORD``가 1이면 ``run()``의 결과를 ``path``에 저장합니다.
    ``DDIALAB_REPLAY``가 1이면 ``run()``을 돌려 꼴을 견준 뒤 저장된 결과를 돌려줍니다. 꼴이 다르면
    `StorageFailure`.
    """
    saved = PACKAGE / path
    try:
        text = json.dumps(run(), default=_plain)
    except MissingCapability as missing:
        value = _read(saved)
        print(*filter(None, (missing.problem, missing.accepted, missing.todo)), NOTICE, sep="\n")
        return value, NOTICE
    value = json.loads(text, parse_float=lambda number: round(float(number), DIGITS))
    if os.environ.get("DDIALAB_RECORD") == "1":
        saved.write_text(json.dumps(value, ensure_ascii=False) + "\n", "utf-8")
    if os.environ.get("DDIALAB_REPLAY") == "1":
        return _replay(saved, value), ""
    return value, ""


def _plain(value: Any) -> Any:
    """JSON에 없는 것을 있는 것으로."""
    return value.tolist() if hasattr(value, "tolist") else vars(value)


def _replay(path: Path, now: Any) -> Any:
    saved = _read(path)
    if found := _mismatch(saved, now, "결과"):
        raise StorageFailure(
            f"{path}: 저장된 결과와 지금 실행한 결과의 꼴이 다릅니다. {found}",
            "같은 단계의 결과를 저장한 파일이어야 합니다.",
            "`make labs`로 다시 저장하세요.",
        )
    return saved


def _mismatch(saved: Any, now: Any, where: str) -> str:
    """꼴이 다른 첫 자리. 없으면 빈 문자열. 리스트는 첫 항목만 보고, None은 무엇과도 같습니다."""
    if saved is None or now is None:
        return ""
    if _kind(saved) != _kind(now):
        return f"{where}: {_kind(saved)}이던 것이 {_kind(now)}입니다."
    if isinstance(saved, dict) and saved.keys() != now.keys():
        return f"{where}: {', '.join(saved)}이던 것이 {', '.join(now)}입니다."
    found = (_mismatch(saved[key], now[key], f"{where}[{key!r}]") for key in _inside(saved, now))
    return next(filter(None, found), "")


def _inside(saved: Any, now: Any) -> list:
    """더 견줄 자리들: 딕셔너리의 키, 리스트의 첫 항목."""
    if isinstance(saved, dict):
        return list(saved)
    return [0] if isinstance(saved, list) and saved and now else []


def _kind(value: Any) -> str:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return "수" if numeric else type(value).__name__


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StorageFailure(
            f"{path}: 미리 실행해 저장한 결과를 읽지 못했습니다({error}).",
            "ddialab 패키지의 recorded 폴더에 함께 들어 있는 파일입니다.",
            "패키지를 다시 설치하세요. 저장소라면 git checkout src/ddialab/recorded.",
        ) from None
