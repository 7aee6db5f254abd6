"""캐시 서버에 둔 JSON 하나: 고칠 때 적용한 로그의 위치를 함께 적어, 두 번 적용하지 않습니다."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

NOTHING = -1  # 아직 로그의 아무것도 적용하지 않았을 때의 위치


class Stored:
    """``backend``(`ddialab.core.backend.Backend`)의 키들. 값은 [적용한 위치, 내용]입니다."""

    def __init__(self, backend):
        self.backend = backend

    def get(self, key: str, empty: Any) -> Any:
        """``key``의 내용. 없으면 ``empty``."""
        found = self.backend.get(key)
        return empty if found is None else json.loads(found)[1]

    def change(
        self, key: str, empty: Any, step: Callable[[Any], Any], offset: int | None = None
    ) -> None:
        """``key``의 내용을 ``step(내용)``으로 바꿉니다. 다른 연결이 먼저 바꿨으면 다시 합니다.

        ``offset``은 로그의 위치입니다. 그 위치까지 이미 적용한 내용이면 그대로 둡니다.
        """
        while True:
            found = self.backend.get(key)
            applied, content = (NOTHING, empty) if found is None else json.loads(found)
            if offset is not None and offset <= applied:
                return
            at = applied if offset is None else offset
            wanted = json.dumps([at, step(content)], ensure_ascii=False)
            if wanted == found or self.backend.swap(key, found, wanted):
                return
