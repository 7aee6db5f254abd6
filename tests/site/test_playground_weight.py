"""실습실의 무게: 첫 셀까지 받는 것과 요청의 수. 다시 오면 브라우저가 가진 것을 씁니다.

걸리는 시간과 손대지 않은 JupyterLite와의 비교는 `make bench`가 잽니다.
"""

import re

import pytest
from benchmarks.playground import BYTES, LAB, PAGE, visits

pytestmark = pytest.mark.playground
REQUESTS = 160


@pytest.fixture(scope="module")
def both(book, open_browser):
    """처음 온 때와 다시 온 때."""
    if not (book / "lite").is_dir():
        pytest.skip("브라우저 실습실이 없습니다. 먼저 make lite")
    with open_browser() as running:
        return visits(running, book, f"lite/{PAGE}")


def test_first_cell_is_light(both, capsys):
    first, again = both
    with capsys.disabled():
        print(f"\n실습실: {first.bytes / 1e6:.2f} MB {first.requests}번, 다시: {again}")
    assert first.said == ""
    assert first.bytes <= BYTES
    assert first.requests <= REQUESTS


def test_second_visit_fetches_almost_nothing(both):
    first, again = both
    assert again.said == ""
    assert again.bytes < first.bytes / 10


def test_the_page_does_not_promise_less_than_is_fetched(book, both):
    """「많아야」라는 수보다 더 받지 않고, 파이썬의 수는 그 안에 듭니다."""
    said = re.search(
        r"많아야 ([\d.]+) MB\(.*?([\d.]+) MB\)", (book / f"labs/{LAB}.html").read_text()
    )
    most, python = map(float, said.groups())
    assert python < both[0].bytes / 1e6 <= most < 1.5 * both[0].bytes / 1e6
