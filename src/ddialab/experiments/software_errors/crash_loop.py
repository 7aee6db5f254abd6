"""크래시 루프: 켜다가 죽는 진짜 프로세스를 다시 켜는 법들.

곧 지나갈 결함은 다시 켜는 것만으로 낫습니다. 늘 같은 까닭으로 죽는 것은 아무리 켜도 낫지 않습니다.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from ddialab.core.errors import check_choice, check_integer
from ddialab.core.workspace import START_TIMEOUT, Process, Workspace
from ddialab.experiments.software_errors.fragile import READY
from ddialab.resilience.retry import NONE, Backoff, Fixed, Wait, at_once
from ddialab.resilience.supervisor import Supervisor

FAULTS = {"passing": 3, "lasting": 10**6}  # {결함: 켜다가 죽는 횟수}
WITHIN = START_TIMEOUT  # 초. 켜고 이만큼 살지 못하면 켜다가 죽은 것입니다
ENOUGH = 20  # 이만큼 켜고도 그만두지 않으면 더 보지 않습니다
WAITS: dict[str, Wait] = {
    "never": Fixed(0, 0),
    "at once": at_once(10**6),
    "backoff": Backoff(0.02, 0.1, 5, jitter=NONE),
}
FRAGILE = Path(__file__).with_name("fragile.py")


def restarts() -> dict[str, dict[str, dict[str, Any]]]:
    """다시 켜는 법마다, 결함마다의 `restarted`."""
    return {name: {fault: restarted(fault, WAITS[name]) for fault in FAULTS} for name in WAITS}


def restarted(fault: str, wait: Wait, enough: int = ENOUGH) -> dict[str, Any]:
    """``fault``가 있는 프로세스를 ``wait``에 따라 다시 켭니다.

    ``starts``는 켠 횟수, ``alive``는 끝내 살았는지, ``waits``는 켜기 전에 기다린 시간(초)들이고,
    ``reason``은 그만 켠 까닭입니다(그만두지 않았으면 빈 문자열).
    """
    check_choice("fault", fault, FAULTS)
    check_integer("enough", enough, 1)
    began, waits = time.monotonic(), []
    supervisor = Supervisor(wait, WITHIN)
    with Workspace() as home:
        for starts in range(1, enough + 1):
            argv = [sys.executable, "-I", "-S", FRAGILE, home.folder / "count", FAULTS[fault]]
            alive = _starts(home.run(argv, log=f"{starts}.txt"))
            delay = None if alive else supervisor.died(time.monotonic() - began)
            if delay is None:
                break
            waits.append(delay)
            time.sleep(delay)
    return {"starts": starts, "alive": alive, "waits": waits, "reason": supervisor.reason}


def _starts(process: Process) -> bool:
    """켜졌으면 True, 켜다가 죽었으면 False."""
    process.wait(lambda: _ready(process), "프로세스가 켜지지도 않고")
    return _ready(process)


def _ready(process: Process) -> bool:
    return READY in process.log.read_text(errors="replace").split()
