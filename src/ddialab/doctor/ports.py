"""책(8000)과 JupyterLab(8888)의 포트, 또는 독자가 정한 PORT."""

from __future__ import annotations

from ddialab.doctor.finding import Finding, bad, good, warn
from ddialab.doctor.outside import is_free

USUAL = {"make book": 8000, "make lab": 8888}


def ports(given: str = "") -> list[Finding]:
    """``given``은 PORT의 값. 비었으면 두 명령의 평소 포트를 봅니다."""
    if not given:
        return [port(number, command) for command, number in USUAL.items()]
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 65535):
        return [bad(f"PORT={given}: 1부터 65535까지의 정수여야 합니다", "PORT=9000")]
    return [port(int(given), "PORT")]


def port(number: int, command: str) -> Finding:
    if is_free(number):
        return good(f"포트 {number}({command}): 비어 있습니다")
    return warn(
        f"포트 {number}({command}): 열 수 없어 다음 번호를 사용합니다",
        "번호를 정하려면 PORT=9000처럼 적으세요",
    )
