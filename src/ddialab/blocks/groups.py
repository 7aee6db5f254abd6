"""행 그룹: 컬럼마다 따로 모아 적은 파일의 한 토막과, 거기에 든 가장 작은 값과 가장 큰 값.

토막마다 범위를 적어 두면, 찾는 범위와 겹치지 않는 토막은 열어 보지 않아도 됩니다. Parquet이 하는
일이고, DuckDB가 이 판단으로 건너뜁니다.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ddialab.core.errors import check_integer


class Group(NamedTuple):
    """행 ``rows``개가 든 토막. 어느 컬럼의 값이 ``low``부터 ``high``까지입니다."""

    rows: int
    low: Any
    high: Any


def grouped(values: Sequence[Any], size: int) -> list[Group]:
    """차례로 적힌 ``values``를 행 ``size``개씩 나눈 토막들."""
    check_integer("size", size, 1)
    parts = [values[start : start + size] for start in range(0, len(values), size)]
    return [Group(len(part), min(part), max(part)) for part in parts]


def overlapping(groups: Iterable[Group], low: Any, high: Any) -> list[Group]:
    """``low``부터 ``high``까지의 값이 있을 수 있어 열어 봐야 하는 토막들."""
    return [group for group in groups if group.low <= high and low <= group.high]
