"""예상보다 답이 먼저 나오지 않습니다: 실습이 묻는 것의 답은 그 전에 읽는 어디에도 없어야 합니다.

읽는 차례는 `_toc.yml`입니다. 페이지의 글, 앞선 셀의 글과 코드, 그림의 제목과 설명과 대체 텍스트를
봅니다. 「실습 NN을 마친 뒤에」라는 접힌 상자는 그 실습 뒤에 읽는 것으로 칩니다.
"""

import html
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPARED = re.compile(r'class="ddialab-compare" data-about="([^"]*)"')
DRAWN = re.compile(r'aria-label="([^"]*)"|<text[^>]*>([^<]*)<|<figcaption>(.*?)</figcaption>', re.S)
AFTERWARDS = re.compile(
    r"^(?P<fence>`{3,}){dropdown} 실습 \d\d을?를? 마친 뒤에.*?^(?P=fence)$", re.M | re.S
)
# 수가 아닌 답, 수로 말하지 않고도 새는 답: {(실습, 키): 말하면 안 되는 것}
TOLD = {
    ("01", "plain-index"): r"인덱스.{0,60}(LIKE|가운데).{0,60}(모두|모든 행|훑)",
    ("01", "again"): r"캐시 서버.{0,60}(SQLite|데이터베이스)보다.{0,20}(느|빠르지 않)",
    ("04", "kill-nine"): r"kill -9.{0,80}(모두 남|다 남|잃지 않)|페이지 캐시.{0,60}(그대로|살아남)",
    ("04", "acks"): r"acks=1.{0,120}(하나도 없|모두 잃|다 잃|100건을 잃)",
    ("06", "third-api"): r"(둘|두 대)[^.]{0,30}셋[^.]{0,60}(거의 (줄지|그대로)|백에)",
    ("06", "common"): r"함께 (꺼지|고장)[^.]{0,80}(늘려도|더 두어도)[^.]{0,30}줄지 않",
    ("07", "quorum"): r"두 대의 과반.{0,40}(늘|높|많)",
    ("08", "plain-kill"): r"비동기 복제[^.]{0,80}kill -9[^.]{0,60}(잃지 않|남습니다)",
    ("08", "min-replicas"): r"min-replicas[^.]{0,80}(모두에|100건에) 답",
    ("08", "too-soon"): r"(텅 빈|빈) 프라이머리[^.]{0,80}(지웁|지우|모두 잃|없어)",
    ("08", "moved"): r"SENTINEL FAILOVER[^.]{0,80}(잃습니다|잃었|없어집니다)",
    ("09", "patient"): r"재시도(하지 않|가 없|를 끄)[^.]{0,60}(모두|다|마흔 번) (낫|나았)",
    ("10", "share"): r"카나리.{0,30}(작을수록|줄이면|작으면).{0,40}(늘|더 많|많아)",
    ("11", "injection"): r"(인젝션|이어 붙인)[^.]{0,80}(지우지|없애지|읽지)[^.]{0,10}못",
    ("13", "median"): r"(p50|중앙값)[^.]{0,12}(다섯|열) 배",
    ("19", "undo-step"): r"새 컬럼만 쓰.{0,80}(데이터까지|채워 넣)|(다섯째|5번째) 단계부터",
}


class Asked(NamedTuple):
    """실습 ``lab``의 ``cell``번 셀이 묻는 것. ``answer``는 답의 텍스트입니다."""

    lab: str
    key: str
    cell: int
    answer: str

    @property
    def given_away_by(self) -> re.Pattern:
        """이 답을 말해 버리는 글."""
        told = [TOLD[self.lab[:2], self.key]] if (self.lab[:2], self.key) in TOLD else []
        if re.search(r"\d", self.answer):
            number = re.escape(self.answer).replace(r"\ ", r"\s?")
            told.append(rf"(?<![\d.,]){number}")
        return re.compile("|".join(told), re.S)


def reading_order() -> list[str]:
    """`_toc.yml`의 파일들을 읽는 차례로."""

    def walk(node) -> Iterator[str]:
        yield from (node[name] for name in ("root", "file") if name in node)
        for name in ("parts", "chapters", "sections"):
            for child in node.get(name, []):
                yield from walk(child)

    return list(walk(yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))))


@cache
def notebook(lab: str):
    return nbformat.read(ROOT / f"labs/{lab}.ipynb", as_version=4)


def outputs(cell) -> Iterator[str]:
    """셀의 출력에서 사람이 읽는 것: HTML이면 그림의 글, 아니면 텍스트."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        page = data.get("text/html")
        yield page or data.get("text/plain") or output.get("text", "")


def said_by(cell) -> str:
    words = [cell.source]
    for shown in outputs(cell):
        drawn = DRAWN.findall(shown)
        words += ["".join(found) for found in drawn] if drawn else [re.sub("<[^>]*>", " ", shown)]
    return "\n".join(words)


def asked() -> list[Asked]:
    """모든 실습이 묻는 것과 그 답."""
    found = []
    for lab in (name.removeprefix("labs/") for name in reading_order() if "labs/" in name):
        cells = notebook(lab).cells
        for about in COMPARED.findall("\n".join(t for cell in cells for t in outputs(cell))):
            told = json.loads(html.unescape(about))
            places = [
                i
                for i, cell in enumerate(cells)
                if re.search(rf'predict\(\s*"{told["key"]}"', cell.source)
            ]
            found.append(Asked(lab, told["key"], places[0], told["text"]))
    return found


def read_before(one: Asked) -> Iterator[tuple[str, str]]:
    """묻기 전에 읽는 것들: (어디, 글)."""
    order = reading_order()
    for name in order[: order.index(f"labs/{one.lab}")]:
        if name.startswith("labs/"):
            cells = notebook(name.removeprefix("labs/")).cells
            yield from ((f"{name} {i}번 셀", said_by(cell)) for i, cell in enumerate(cells))
        else:
            page = (ROOT / f"{name}.md").read_text("utf-8")
            yield name, re.sub("<[^>]*>", "", AFTERWARDS.sub("", page))
    for i, cell in enumerate(notebook(one.lab).cells[: one.cell]):
        yield f"labs/{one.lab} {i}번 셀", said_by(cell)


def spoilers(one: Asked, texts) -> list[str]:
    """답을 먼저 말해 버린 곳들."""
    return [
        f"{where}: …{text[max(0, found.start() - 40) : found.end() + 20]}…"
        for where, text in texts
        if (found := one.given_away_by.search(text))
    ]


ALL = asked()


def test_every_lab_asks_and_answers():
    assert {one.lab for one in ALL} == {
        name.removeprefix("labs/") for name in reading_order() if "labs/" in name
    }
    assert {(one.lab[:2], one.key) for one in ALL} >= TOLD.keys()


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.lab}-{one.key}")
def test_nothing_read_before_tells_the_answer(one):
    assert spoilers(one, read_before(one)) == []


MEDIAN = Asked("13-percentiles", "median", 0, "5.1배")


@pytest.mark.parametrize(
    "text", ["중앙값은 5.1배가 됩니다.", "p50도 열 배가 됩니다.", "제목: 5.1배로 늘었습니다"]
)
def test_a_spoiler_is_found(text):
    assert spoilers(MEDIAN, [("어느 페이지", text)])


@pytest.mark.parametrize("text", ["15.1배", "p99는 열 배", "중앙값은 몇 배가 될까요?"])
def test_a_question_is_no_spoiler(text):
    assert spoilers(MEDIAN, [("어느 페이지", text)]) == []


def test_what_is_folded_until_after_the_lab_is_read_after_it():
    page = "앞\n````{dropdown} 실습 13을 마친 뒤에: 줄\n```{note}\n5.1배\n```\n````\n뒤 5.1배"
    assert AFTERWARDS.sub("", page) == "앞\n\n뒤 5.1배"
