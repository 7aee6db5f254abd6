"""폭주: 자원을 끝없이 먹는 진짜 프로세스를 한도로 가둡니다."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

from ddialab.core.limits import MIB, Limits
from ddialab.core.workspace import Workspace

# {먹는 것: (한도, 한도가 없을 때 스스로 멈추는 양)}. 양의 단위는 MiB, CPU 초, MiB, 개
RUNAWAYS = {
    "memory": (Limits(memory=128 * MIB), 256),
    "cpu": (Limits(cpu=1), 1.5),
    "disk": (Limits(file=4 * MIB), 16),
    "files": (Limits(files=32), 128),
}
GLUTTON = Path(__file__).with_name("glutton.py")


def runaways() -> dict[str, dict[str, dict[str, Any]]]:
    """먹는 것마다 한도 없이(``free``) 한 번, 한도를 걸고(``limited``) 한 번."""
    return {
        kind: {"free": runaway(kind, False), "limited": runaway(kind, True)} for kind in RUNAWAYS
    }


def runaway(kind: str, limited: bool) -> dict[str, Any]:
    """``kind``를 먹는 프로세스가 끝날 때까지 먹은 양(``eaten``)과 끝난 까닭(``ended``).

    까닭은 파이썬의 오류나 신호의 이름이고, 막는 것이 없어 스스로 멈췄으면 "ceiling"입니다.
    """
    limits, ceiling = RUNAWAYS[kind]
    with Workspace() as home:
        argv = [sys.executable, "-I", "-S", GLUTTON, kind, ceiling]
        process = home.run(argv, limits=limits if limited else None)
        code = process.wait()
        lines = process.log.read_text(errors="replace").splitlines()
    eaten = [float(line) for line in lines if line.replace(".", "").isdigit()]
    return {"eaten": max(eaten, default=0.0), "ended": _ended(code, lines)}


def _ended(code: int, lines: list[str]) -> str:
    """신호로 죽었으면 그 이름, 아니면 마지막 줄의 첫 낱말."""
    if code < 0:
        return signal.Signals(-code).name
    return lines[-1].partition(":")[0] if lines else f"종료 코드 {code}"
