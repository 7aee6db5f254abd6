"""녹화한 결과: 여기서 할 수 없는 단계는 다른 컴퓨터에서 돌려 둔 것을, 그렇다고 밝히고 보입니다."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ddialab.core.errors import MissingCapability, StorageFailure

NOTICE = "다른 컴퓨터에서 녹화한 결과입니다. 지금 여기서 잰 것이 아닙니다."
DIGITS = 6  # 소수점 아래 자릿수. 시간이면 백만분의 1초입니다


def recorded(path: str | Path, run: Callable[[], Any]) -> tuple[Any, str]:
    """``run()``의 결과와 빈 글. 여기서 할 수 없는 일이면 ``path``에 녹화한 결과와 `NOTICE`.

    ``run``이 `MissingCapability`를 내면 그 까닭과 녹화라는 것을 화면에 적습니다. 어느 쪽이든 결과는
    JSON을 거치므로 같은 꼴입니다: 데이터클래스는 사전, 배열은 목록이 됩니다.
    환경 변수 ``DDIALAB_RECORD``가 1이면 ``run()``의 결과를 ``path``에 녹화합니다.
    """
    try:
        text = json.dumps(run(), default=_plain)
    except MissingCapability as missing:
        value = _read(Path(path))
        print(*filter(None, (missing.problem, missing.accepted, missing.todo)), NOTICE, sep="\n")
        return value, NOTICE
    value = json.loads(text, parse_float=lambda number: round(float(number), DIGITS))
    if os.environ.get("DDIALAB_RECORD") == "1":
        Path(path).write_text(json.dumps(value, ensure_ascii=False) + "\n", "utf-8")
    return value, ""


def _plain(value: Any) -> Any:
    """JSON에 없는 것을 있는 것으로."""
    return value.tolist() if hasattr(value, "tolist") else vars(value)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StorageFailure(
            f"{path}: 녹화한 결과를 읽지 못했습니다({error}).",
            "저장소의 labs/recorded에 있는 파일이어야 합니다.",
            "노트북을 labs 폴더에 두고 여세요.",
        ) from None
