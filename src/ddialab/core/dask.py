"""Dask의 스케줄러에 연결합니다: 독자가 적은 ``DASK_SCHEDULER``와, 채점기의 ``SCHEDULER``."""

from __future__ import annotations

import os
from typing import Any

from ddialab.core.address import unquoted
from ddialab.core.dask_address import ACCEPTED, TODO, read_dask_scheduler
from ddialab.core.errors import BackendUnavailable, MissingCapability
from ddialab.core.workspace import IN_BROWSER, OUTSIDE

PATIENCE = "15s"  # 스케줄러의 대답을 기다리는 시간


def dask_scheduler() -> str | None:
    """독자가 적은 ``DASK_SCHEDULER``. 없거나, 적은 서버를 쓰지 않기로 했으면 None.

    주소의 꼴이 아니면 `BackendUnavailable`.
    """
    address = unquoted(os.environ.get("DASK_SCHEDULER", ""))
    if not address or os.environ.get("DDIALAB_BACKEND", "") not in ("", "remote"):
        return None
    return read_dask_scheduler(address)


def dask_client(name: str, address: str, patience: str = PATIENCE) -> Any:
    """``address``의 스케줄러에 연결한 `Client`. ``name``은 그 주소를 적은 변수의 이름입니다.

    닿지 않으면 `BackendUnavailable`, Dask가 없는 곳이면 `MissingCapability`.
    """
    if IN_BROWSER:
        raise MissingCapability("브라우저에서는 다른 컴퓨터에 일을 나눌 수 없습니다.", "", OUTSIDE)
    try:
        from distributed import Client
        from distributed.utils import LoopRunner
    except ImportError:
        raise MissingCapability(
            "여기에는 Dask가 없습니다.",
            "설치한 distributed가 있어야 합니다.",
            "`pip install distributed`를 하고 커널을 다시 시작하세요.",
        ) from None
    try:
        # 주피터처럼 이미 루프가 도는 곳에서도 불립니다
        LoopRunner().run_sync(_knock, address, patience)
        return Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise BackendUnavailable(
            f"{name}={address}: Dask 스케줄러에 연결할 수 없습니다({type(error).__name__}).",
            ACCEPTED,
            TODO,
        ) from error


async def _knock(address: str, patience: str) -> None:
    """스케줄러가 답하는지만 봅니다.

    닿지 못한 `Client`는 쓰레기로 남았다가 아무 때나 스스로를 닫습니다. 그때 다른 `Client`가
    뜨는 중이면 둘이 한 잠금을 놓고 멈추므로, 닿지 않을 곳에는 `Client`를 만들지 않습니다.
    """
    from distributed.comm import connect

    comm = await connect(address, timeout=patience)
    await comm.close()
