"""페이지의 무게: Lighthouse의 속도 점수를 정하는 것들. 점수는 `make bench`가 재고 여기서는 셉니다.

한도는 지금 값보다 열에 하나쯤 큽니다. 글이 길어져 넘으면 까닭을 확인하고 올립니다.
"""

from typing import NamedTuple

import pytest
from reader import Reader
from static_host import StaticHost

PHONE = {"width": 412, "height": 823}
WEIGH = """() => {
  const got = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
    .filter((one) => one.initiatorType !== "other");  // 탭의 그림은 아무 때나 받습니다
  const files = got.filter((one) => new URL(one.name).pathname.endsWith(".js"));
  const inline = [...document.scripts].map((one) => new Blob([one.textContent]).size);
  const sum = (sizes) => sizes.reduce((all, size) => all + size, 0);
  return [got.length, sum(got.map((one) => one.transferSize)),
          sum([...files.map((one) => one.decodedBodySize), ...inline]),
          document.querySelectorAll("*").length];
}"""


class Weight(NamedTuple):
    """요청의 수, 압축해 받은 바이트, 압축을 푼 스크립트와 그림 자료의 바이트, DOM의 요소."""

    requests: int
    received: int
    script: int
    nodes: int

    def over(self, limit: "Weight") -> dict[str, tuple[int, int]]:
        """한도를 넘은 것마다 (값, 한도)."""
        pairs = zip(self._fields, self, limit, strict=True)
        return {name: (value, most) for name, value, most in pairs if value > most}


MOST = {
    "index.html": Weight(12, 143_000, 91_000, 610),
    "chapters/1-data-systems/cache-miss.html": Weight(11, 123_500, 26_600, 540),
    "chapters/3-scalability/describing-performance.html": Weight(11, 141_600, 26_600, 780),
    "labs/07-hardware-faults.html": Weight(12, 252_800, 565_000, 12_200),
    "labs/02-cache-miss.html": Weight(12, 220_600, 282_000, 10_800),
    "labs/19-evolvability.html": Weight(12, 223_300, 282_000, 9_900),
}


@pytest.fixture(scope="module")
def host(book):
    with StaticHost(book) as serving:
        yield serving


@pytest.mark.parametrize("path", MOST)
def test_weighs_no_more_than_it_did(browser, host, path, capsys):
    reader = Reader(browser, host.url, viewport=PHONE)
    weight = Weight(*reader.open(path).evaluate(WEIGH))
    reader.context.close()
    with capsys.disabled():
        print(f"\n{path}: {weight}")
    assert weight.over(MOST[path]) == {}


def test_every_part_that_is_over_is_named():
    assert Weight(7, 10, 3, 6).over(Weight(6, 10, 2, 9)) == {"requests": (7, 6), "script": (3, 2)}
