"""문지기가 거짓 노트북을 까닭과 함께 돌려보내고, 좋은 노트북은 지나가게 하는지 봅니다."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook, new_output

import execute
from gate import compare, prose, samples


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """좋은 노트북을 실행하고 본문의 수를 채운 것."""
    path = tmp_path_factory.mktemp("good") / "good.ipynb"
    samples.save(samples.good(), path)
    nb = execute.execute(path)
    named = execute.results(nb, "good")
    return execute.fill_notebook(nb, {f"good#{key}": text for key, text in named.items()}, path)


@pytest.fixture(scope="module")
def verdicts(executed, tmp_path_factory):
    """모든 표본을 새 pytest 하나로 검사한 {표본: 돌려보낸 까닭들}. 통과한 표본은 빈 문자열."""
    folder = tmp_path_factory.mktemp("samples")
    honest = {name: samples.Lie(spoil, "") for name, spoil in samples.HONEST.items()}
    for name, lie in (samples.LIES | honest).items():
        (folder / name).mkdir()
        samples.save(samples.spoiled(executed, lie), folder / name / "good.ipynb")
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}"]
    command += ["-c", str(execute.ROOT / "pyproject.toml"), f"--rootdir={folder}", str(folder)]
    command += [f"--deselect={name}/good.ipynb::셀" for name in samples.LIES if "prose-" in name]
    run = subprocess.run(command, capture_output=True, text=True, cwd=execute.ROOT)
    assert report.exists(), run.stdout + run.stderr
    return _read_report(report)


def _read_report(report) -> dict[str, str]:
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("classname").split(".")[0]
        reasons = [failure.text or "" for failure in (*case.iter("failure"), *case.iter("error"))]
        found[name] = found.get(name, "") + "\n".join(reasons)
    return found


@pytest.mark.parametrize("name", samples.LIES)
def test_a_lie_is_sent_back_with_its_reason(verdicts, name):
    assert samples.LIES[name].reason in verdicts[name]


@pytest.mark.parametrize("name", samples.HONEST)
def test_an_honest_notebook_passes(verdicts, name):
    assert verdicts[name] == ""


TYPED = [
    "중앙값은 **45**ms이다.",
    "적중률이 98 %로 내려갑니다.",
    "표본 2000개를 뽑았습니다.",
    "p99는 45 ms입니다.",
    "| 캐시 | 45 |",
    "- 첫째, 3배 느려집니다.",
    "```{note}\n요청 120건이 실패했습니다.\n```",
    ":::{tip}\n:class: x\n요청 120건이 실패했습니다.\n:::",
    "조사가 있습니다 {cite}`survey`. 우리는 45 ms였습니다.",
    "<!-- 설정: -->\n복제본은 3개입니다.",
    "<!-- 설정: 코드의 값 -->\n\n복제본은 세 개입니다.\n\n지연은 45 ms입니다.",
    '앞은 <span data-run="a">5</span>이고 뒤는 45입니다.',
    "약 5분 걸립니다.",
    "3번 실패했습니다.",
    "3번이나 실패했습니다.",
    "목표 45 ms를 넘겼습니다.",
    "이 방식 3개를 봅니다.",
    "<!-- 그냥 메모 -->\n3번 실패했습니다.",
]
FINE = [
    "세 번 되풀이합니다. 1부와 2장, 그림 3, 실습 07을 보세요.",
    '중앙값은 <span data-run="a">45 ms</span>입니다.',
    "## 1.2 복제본 3개\n\n(sec-12)=\n",
    "코드의 `replicas=3`과 수식 $1 - 0.99^{100}$은 봅니다.",
    "$$\nx = 63\n$$",
    "```python\nn = 45\n```\n\n````{code-block} text\n```\n45\n```\n````",
    "2012년 6월 30일의 윤초, 2012-06-30, (Gunawi 외, 2016)",
    "p99, n1, M/M/1, x86-64, UTF-8, 1e와 2e, Python 3.11, 5xx, 02-cache-miss",
    "하루에 하나를 잃습니다. 디스크 10,000개입니다 {cite}`schroeder2007`.",
    "디스크 10,000개입니다. {cite}`schroeder2007` 다음 문장입니다.",
    "디스크 10,000개입니다([조사](../chapters/references.md#a)).",
    "| 디스크 | 10,000 {cite:p}`a` |",
    "복제본은 3개입니다 <!-- 설정: 위 셀의 값 -->.",
    "<!-- 인용: 표의 출처는 아래 줄 -->\n\n| 디스크 | 10,000 |\n| 노드 | 8 |",
    "<!-- 설정: 위 셀의 값 -->\n복제본은 3개입니다. 두 배면 6개입니다.",
    "<!-- 셈: 백으로 나눈 것 -->\n<figure>\n<svg>\n<text>99%</text>\n</svg>\n</figure>",
    "1. 첫째\n2. 둘째",
    "1번은 키로 찾고 3번을 봅니다. 7번 글입니다. 1차 문헌입니다.",
    "| 02 캐시 미스 | 첫 실습 |",
    "<!-- 셈: 만 개를 365로 나눈 것 -->\n하루 2.7개입니다.",
    "[실습](../labs/02-cache-miss.ipynb)과 http://127.0.0.1:8000 을 여세요.",
    "---\nnumbering: 3\n---\n\n글입니다.",
]


@pytest.mark.parametrize("text", TYPED)
def test_a_typed_number_is_found(text):
    assert len(prose.typed_numbers(text)) == 1


@pytest.mark.parametrize("text", FINE)
def test_a_number_that_claims_nothing_passes(text):
    assert prose.typed_numbers(text) == []


def test_the_head_cell_may_say_how_long_it_takes():
    assert prose.typed_numbers("약 5분 걸립니다.", head=True) == []
    assert prose.typed_numbers("중앙값은 5 ms입니다.", head=True)


def test_a_scene_may_stand_inside_the_head():
    parts = ["# 가", "걸리는 시간: 읽고 풀면 35분", "35분 걸렸습니다."]
    nb = new_notebook(cells=[new_markdown_cell(part) for part in parts])
    (problem,) = prose.notebook_problems(nb, {}, "07-가")
    assert problem.startswith("3번째 셀")


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("figure(fig, alt='p99가 45 ms입니다.', kind='측정')", 1),
        ("figure(fig, alt=f'p99가 {p99:.1f} ms로 3배입니다.', kind='측정')", 1),
        ("ax.set_title('두 배가 아니라 7.5배')", 1),
        ("explore(draw, alt=lambda n: f'{n}에서 45 ms', kind='측정', n=('수', [1, 2]))", 1),
        ("scene(TOY, title='서버 3대', alt='요청 12건', caption='45건 실패')", 3),
        ("figure(fig, alt=f'p99가 {p99:.1f} ms입니다.', kind='측정')", 0),
        ("figure(fig, alt='MTTF 10년', kind='인용')", 0),
        ("ax.set_title('적중률 99 %')  # 설정: 위에서 정한 값", 0),
        ("waits = sorted([45, 3])", 0),
        ("%matplotlib inline\nax.set_title('45')", 0),
    ],
)
def test_the_words_of_a_figure_are_prose_too(source, count):
    assert len(prose.typed_in_code(source)) == count


def _figure(**attributes) -> list:
    shown = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return [new_output("display_data", {"text/html": f"<p><svg><path {shown}/></svg></p>"})]


def test_ids_may_differ_but_not_what_they_point_to():
    one, other = _figure(id="p1a2", fill="url(#p1a2)"), _figure(id="p9f", fill="url(#p9f)")
    elsewhere = _figure(id="p9f", fill="url(#p1a2)")
    assert compare.differences(one, other, strict=True) == []
    assert compare.differences(one, elsewhere, strict=True)


@pytest.mark.parametrize(("moved", "same"), [("M 1.5 2", True), ("M 1.7 2", False)])
def test_a_coordinate_may_move_only_within_the_tolerance(moved, same):
    found = compare.differences(_figure(d="M 1 2"), _figure(d=moved), strict=True)
    assert (found == []) is same


@pytest.mark.parametrize(("moved", "same"), [("M 1.5 2", True), ("M 1.7 2", False)])
def test_a_picture_inside_an_address_is_compared_as_a_picture(moved, same):
    one, other = (
        [new_output("display_data", {"text/html": f"<img src='data:image/svg+xml,{svg}'>"})]
        for svg in (f'<svg fill="%23fff"><path d="{d}"/></svg>' for d in ("M 1 2", moved))
    )
    assert (compare.differences(one, other, strict=True) == []) is same


def test_numbers_in_the_words_of_a_figure_are_compared_to_the_letter():
    one, other = (
        [new_output("display_data", {"text/html": f"<svg><text>{n}</text></svg>"})] for n in "12"
    )
    assert compare.differences(one, other, strict=True)
