"""문지기를 테스트하는 노트북: 좋은 것 하나와, 그것을 한 곳씩 망친 것들.

망친 노트북마다 문지기가 대야 할 까닭(``reason``)이 있습니다. 파일로 두지 않고 테스트 때 만들므로
평소의 ``pytest``는 이것들을 모으지 않습니다.
"""

from __future__ import annotations

import base64
import copy
import io
from collections.abc import Callable
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

NUMBERS = """import base64, io, statistics, time
waits = [3, 5, 8, 13, 21]
median = statistics.median(waits)
print("중앙값", median)"""
NAMED = """from IPython.display import HTML, display
def result(name, text):
    display({"text/plain": text}, raw=True, metadata={"ddialab": {"name": name, "text": text}})
result("median", f"{median} ms")"""
FIGURE = """points = " ".join(f"{10 * i},{100 - w}" for i, w in enumerate(waits))
line = f'<polyline points="{points}" fill="none" stroke="#0072B2"/>'
HTML(f'<svg viewBox="0 0 60 100">{line}<text x="5" y="9">대기 시간</text></svg>')"""
PIXELS = """from PIL import Image
image = Image.new("RGB", (20, 20), "white")
image.paste((0, 0, 0), (0, 0, 10, 20))
image"""
TIMED = """start = time.perf_counter()
result("elapsed", f"{(time.perf_counter() - start) * 1e6:.0f} µs")
HTML("<svg></svg>")"""
ERROR = "int('마흔다섯')"

PROSE = """중앙값은 <span data-run="median"></span>이고,
재는 데 <span data-run="elapsed"></span> 걸렸습니다.
이 표본의 모양은 2016년의 조사와 같습니다."""


def good() -> NotebookNode:
    """아직 실행하지 않은 좋은 노트북. `gate.test_gate`가 실행하고 채워서 씁니다."""
    return new_notebook(
        cells=[
            new_markdown_cell("# 대기 시간\n\n약 5분 걸립니다.", id="head"),
            new_code_cell(NUMBERS, id="numbers"),
            new_code_cell(NAMED, id="named"),
            new_code_cell(FIGURE, id="figure"),
            new_code_cell(PIXELS, id="pixels"),
            new_code_cell(TIMED, id="timed", metadata={"tags": ["nbval-ignore-output"]}),
            new_code_cell(ERROR, id="error", metadata={"tags": ["raises-exception"]}),
            new_markdown_cell(PROSE, id="prose"),
        ]
    )


class Lie(NamedTuple):
    """노트북을 한 곳 망치는 방법과, 문지기가 대야 할 까닭의 한 토막."""

    spoil: Callable[[dict[str, NotebookNode], NotebookNode], object]
    reason: str


def spoiled(nb: NotebookNode, lie: Lie) -> NotebookNode:
    nb = copy.deepcopy(nb)
    lie.spoil({cell.id: cell for cell in nb.cells}, nb)
    return nb


def _unexecuted(cells, nb):
    cells["figure"].execution_count, cells["figure"].outputs = None, []


def _all_stripped(cells, nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []


def _swap_order(cells, nb):
    cells["numbers"].execution_count, cells["named"].execution_count = 2, 1


def _skip_number(cells, nb):
    cells["error"].execution_count += 1


def _no_output(name: str):
    def spoil(cells, nb):
        cells[name].outputs = []

    return spoil


def _tag(name: str, tag: str):
    def spoil(cells, nb):
        cells[name].metadata.setdefault("tags", []).append(tag)

    return spoil


def _source(name: str, old: str, new: str):
    def spoil(cells, nb):
        assert old in cells[name].source
        cells[name].source = cells[name].source.replace(old, new)

    return spoil


def _output(name: str, key: str, old: str, new: str):
    def spoil(cells, nb):
        holder = cells[name].outputs[0]
        holder = holder if key in holder else holder.data
        assert old in holder[key]
        holder[key] = holder[key].replace(old, new)

    return spoil


def _say(text: str):
    def spoil(cells, nb):
        cells["prose"].source += f"\n\n{text}"

    return spoil


def _rewrite_span(cells, nb):
    cells["prose"].source = cells["prose"].source.replace("8 ms", "9 ms")


def _same_name_twice(cells, nb):
    cells["named"].outputs.append(copy.deepcopy(cells["named"].outputs[0]))


def _turned_square(cells, nb):
    square = Image.new("RGB", (20, 20), "white")
    square.paste((0, 0, 0), (0, 0, 20, 10))
    drawn = io.BytesIO()
    square.save(drawn, "png")
    cells["pixels"].outputs[0].data["image/png"] = base64.b64encode(drawn.getvalue()).decode()


LIES = {
    "unexecuted": Lie(_unexecuted, "실행하지 않은 채 저장"),
    "all-stripped": Lie(_all_stripped, "실행하지 않은 채 저장"),
    "out-of-order": Lie(_swap_order, "실행 번호가 2인데 차례대로면 1"),
    "not-contiguous": Lie(_skip_number, "실행 번호가 7인데 차례대로면 6"),
    "timestamps": Lie(
        lambda cells, nb: cells["numbers"].metadata.update(execution={"iopub.execute_input": "x"}),
        "실행 시각이 남아",
    ),
    "stripped-text": Lie(_no_output("numbers"), "저장되지 않은 출력이 나옵니다"),
    "stripped-result": Lie(_no_output("named"), 'data-run="median"라는 결과가 없습니다'),
    "stripped-timed": Lie(_no_output("timed"), "저장되지 않은 출력이 나옵니다"),
    "stale-text": Lie(_output("numbers", "text", "8", "9"), "글이(가) 다릅니다"),
    "skip-tag": Lie(_tag("numbers", "nbval-skip"), "nbval-skip은 쓸 수 없습니다"),
    "skip-comment": Lie(_source("numbers", "waits =", "# NBVAL_SKIP\nwaits ="), "주석이 아니라"),
    "error-gone": Lie(_source("error", "'마흔다섯'", "'45'"), "오류(ValueError)"),
    "error-without-output": Lie(_no_output("error"), "저장된 오류 출력이 없습니다"),
    "error-message": Lie(_output("error", "evalue", "마흔다섯", "쉰"), "오류 문장이(가) 다릅니다"),
    "error-type": Lie(_source("error", "int('마흔다섯')", "1 / 0"), "ZeroDivisionError"),
    "figure-gone": Lie(_no_output("figure"), "저장되지 않은 출력이 나옵니다"),
    "figure-no-longer-drawn": Lie(
        _source("figure", "HTML(f'<svg", "str(f'<svg"), "모양이 다릅니다"
    ),
    "figure-moved": Lie(_output("figure", "text/html", "20,92", "20,90"), "그림이 다릅니다"),
    "figure-label": Lie(_output("figure", "text/html", "대기 시간", "지연"), "그림이 다릅니다"),
    "figure-colour": Lie(_output("figure", "text/html", "#0072B2", "#D55E00"), "그림이 다릅니다"),
    "pixels-swapped": Lie(_turned_square, "그림이 다릅니다(화소)"),
    "timed-figure-gone": Lie(_source("timed", "<svg></svg>", "<p></p>"), "모양이 다릅니다"),
    "timed-name-changed": Lie(_source("timed", '"elapsed"', '"took"'), "결과 elapsed"),
    "timed-stops": Lie(_source("timed", "time.perf_counter()\n", "1 / 0\n"), "division by zero"),
    "prose-contradicts": Lie(_rewrite_span, "본문은 「9 ms」인데 실행 결과는 「8 ms」"),
    "prose-unknown-name": Lie(_say('<span data-run="mean">8</span>'), 'data-run="mean"라는 결과가'),
    "prose-unknown-lab": Lie(_say('<span data-run="99-x#a">8</span>'), 'data-run="99-x#a"라는'),
    "prose-broken-span": Lie(_say("<span data-run='median'>8 ms</span>"), "읽을 수 없는 span"),
    "prose-typed": Lie(_say("중앙값은 **45**ms이다."), "손으로 적은 수가 있습니다"),
    "prose-typed-in-figure": Lie(
        lambda cells, nb: nb.cells.append(
            new_code_cell("figure(None, alt='45 ms')", id="more", execution_count=7)
        ),
        "손으로 적은 수가 있습니다: 「45 ms」",
    ),
    "name-twice": Lie(_same_name_twice, '("median")가 두 번'),
}

# 거짓이 아니라서 지나가야 하는 것들: 다른 CPU에서 나올 수 있는 만큼의 차이, 잰 값의 변화
HONEST = {
    "as-executed": lambda cells, nb: None,
    "other-cpu": _output("figure", "text/html", "20,92", "20.04,91.97"),
    "other-timing": _source("timed", "* 1e6", "* 2e6"),
    "typed-but-cited": _say("중앙값은 45 ms였습니다([조사](../chapters/references.md#survey))."),
}


def save(nb: NotebookNode, path) -> None:
    nbformat.write(nb, path)
