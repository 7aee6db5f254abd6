"""호환성 표. 기대값은 Avro 명세의 「Schema Resolution」과 JSON 읽기 규칙에서 손으로 옮겼습니다."""

import pytest

from ddialab.core.errors import InvalidValue
from ddialab.experiments.evolvability.compatibility import (
    CHANGED,
    CHANGES,
    FAILED,
    FILLED,
    KEPT,
    LOST,
    SAME,
    SKIPPED,
    judge,
)
from ddialab.ops.schema import FORMATS

ADD, ADD_REQUIRED, REMOVE, REMOVE_REQUIRED, RENAME, ALIAS, SMALL, BIG, TEXT, ENUM, ENUM_DEFAULT = (
    change.name for change in CHANGES
)
BY_NAME = {change.name: change for change in CHANGES}


@pytest.mark.parametrize(
    ("name", "format", "expected"),
    [
        (ADD, "json", (FILLED, SKIPPED, LOST)),
        (ADD, "avro", (FILLED, SKIPPED, LOST)),
        (ADD_REQUIRED, "avro", (FAILED, SKIPPED, FAILED)),
        (REMOVE, "avro", (SKIPPED, FILLED, KEPT)),
        (REMOVE_REQUIRED, "json", (SKIPPED, FAILED, FAILED)),
        (RENAME, "avro", (FAILED, FAILED, FAILED)),
        (ALIAS, "json", (FAILED, FAILED, FAILED)),
        (ALIAS, "avro", (SAME, FAILED, FAILED)),
        (SMALL, "json", (SAME, SAME, KEPT)),
        (SMALL, "avro", (SAME, FAILED, FAILED)),
        (BIG, "json", (SAME, FAILED, FAILED)),
        (TEXT, "avro", (FAILED, FAILED, FAILED)),
        (ENUM, "avro", (SAME, FAILED, FAILED)),
        (ENUM_DEFAULT, "avro", (SAME, CHANGED, LOST)),
        (ENUM_DEFAULT, "json", (SAME, FAILED, FAILED)),
    ],
)
def test_the_matrix_agrees_with_the_specification(name, format, expected):
    assert tuple(vars(judge(BY_NAME[name], format)).values()) == expected


@pytest.mark.parametrize("format", FORMATS)
def test_readable_both_ways_is_not_safe_to_write_back(format):
    """하위·상위 호환이 모두 되는데도 옛 버전이 고쳐 적으면 잃는 변경이 있어야 실습이 성립합니다."""
    verdict = judge(BY_NAME[ADD], format)
    assert FAILED not in (verdict.backward, verdict.forward)
    assert verdict.write_back == LOST


def test_an_unknown_format_is_refused():
    with pytest.raises(InvalidValue, match="xml"):
        judge(CHANGES[0], "xml")
