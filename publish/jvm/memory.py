"""서버를 띄울 메모리가 남았는지 봅니다."""

from __future__ import annotations

import re
from pathlib import Path

from ddialab.core.errors import BackendUnavailable


def check_memory(needed: int, proc: Path = Path("/proc/meminfo")) -> None:
    """``needed``바이트가 모자라면 띄우기 전에 말합니다. 리눅스가 아니면 띄워 보고 압니다."""
    try:
        found = re.search(r"MemAvailable:\s*(\d+) kB", proc.read_text())
    except OSError:
        return
    if found and int(found[1]) << 10 < needed:
        left = f"메모리가 {int(found[1]) >> 10} MB만 남았습니다."
        raise BackendUnavailable(
            left, f"{needed >> 20} MB가 있어야 합니다.", "다른 프로그램을 끄고 다시 치세요."
        )
