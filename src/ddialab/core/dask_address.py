"""Dask 스케줄러의 주소(``DASK_SCHEDULER``)를 읽습니다."""

from __future__ import annotations

import re

from ddialab.core.errors import BackendUnavailable

FORM = re.compile(r"(tcp|tls)://(\[[^\s\]]+\]|[^\s:/@\[\]]+):\d{1,5}")
ACCEPTED = "tcp://호스트:포트 형식이고, 그 스케줄러가 켜져 있어야 합니다."
TODO = "dask scheduler를 실행한 화면에 나온 주소를 적으세요."


def read_dask_scheduler(address: str) -> str:
    """``tcp://호스트:포트``나 ``tls://호스트:포트``이면 그대로, 아니면 `BackendUnavailable`.

    비밀번호일 수 있는 것은 보여 주지 않습니다.
    """
    if not FORM.fullmatch(address) or not 0 < int(address.rpartition(":")[2]) < 65_536:
        shown = "…" if "@" in address else address
        raise BackendUnavailable(
            f"DASK_SCHEDULER={shown}: 스케줄러의 주소로 읽을 수 없습니다.",
            ACCEPTED,
            f"{TODO} 그다음 커널을 다시 시작하세요.",
        )
    return address
