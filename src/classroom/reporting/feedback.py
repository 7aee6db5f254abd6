"""피드백: 학생에게 줄 페이지와 강사가 볼 요약. 둘 다 채점 기록에서만 만듭니다.

숨은 테스트, 다른 학생의 자료, 채점한 컴퓨터의 경로는 기록의 점수와 힌트에 없으므로 페이지에도
없습니다. 페이지는 파일 하나로 끝납니다. 스크립트도 바깥 요청도 없고, 나오는 텍스트는 모두
HTML로 이스케이프합니다. 글에 붙인 그림은 되살릴 때 확인한 것만 페이지 안에 넣고, 책에서 복사한
장면의 링크만 누를 수 있습니다.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from statistics import median
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from classroom.marking.similarity import Pair
from classroom.record import PRIVATE, CriterionResult, GradeRecord, Status, WrittenAnswer
from classroom.reporting.moment import linked

TEMPLATES = Path(__file__).with_name("templates")
NOT_RUN = (
    Status.MISSING,
    Status.UNREADABLE,
    Status.OTHER,
    Status.NOBODYS,
    Status.AMBIGUOUS,
    Status.FAILED,
)
PERFECT = "기계가 확인한 기준은 모두 지켰습니다. 글로 쓴 답의 점수와 의견이 있으면 읽어 보세요."
BINS = 10  # 점수 분포의 막대 수. 만점의 10%마다 하나
# 경로이거나 여러 줄인 알림은 채점기 쪽의 사정이므로 학생에게 보이지 않습니다
HOST_PATH = re.compile(r"(?<![\w.])/[\w.-]+/[\w./-]*|[A-Za-z]:\\|\n")


@dataclass(frozen=True)
class Advice:
    """상태 하나의 풀이: 무슨 일이 있었는지, 학생이 할 일, 강사가 할 일(없으면 빈 문자열)."""

    meaning: str
    student: str
    instructor: str = ""


ADVICE = {
    Status.GRADED: Advice(
        "제출한 노트북을 끝까지 실행해 채점했습니다.",
        "잃은 기준이 있으면 그 기준의 힌트를 읽고, 노트북에서 고쳐 다시 실행해 보세요.",
    ),
    Status.MISSING: Advice(
        "이 과제의 노트북을 받지 못했습니다.",
        "제출했다면 노트북 파일(.ipynb)이 제대로 올라갔는지 확인하고 강사에게 알려 주세요.",
    ),
    Status.UNREADABLE: Advice(
        "받은 파일을 노트북으로 열 수 없었습니다. 비어 있거나 도중에 잘린 파일일 수 있습니다.",
        "JupyterLab에서 노트북을 열어 저장한 다음, 그 파일을 그대로 다시 제출하세요.",
        "온전한 파일을 다시 받아 제출 폴더에 넣고 다시 채점하세요.",
    ),
    Status.OTHER: Advice(
        "받은 것이 이 과제의 노트북이 아닙니다.",
        "나눠 준 노트북(.ipynb)에 답을 쓴 뒤 그 파일을 제출하세요.",
        "이 과제의 노트북을 다시 받아 제출 폴더에 넣고 다시 채점하세요.",
    ),
    Status.NOBODYS: Advice(
        "누가 낸 노트북인지 알 수 없어 채점하지 않았습니다.",
        "학번 셀에 학번을 적어 다시 제출하고 강사에게 알려 주세요.",
        "낸 사람을 찾아 「학번/과제/노트북」 폴더에 두고 다시 채점하세요.",
    ),
    Status.AMBIGUOUS: Advice(
        "노트북이 여러 개여서 어느 것을 채점할지 정할 수 없었습니다.",
        "채점받을 노트북 하나만 남겨 다시 제출하세요.",
        "어느 노트북인지 학생에게 물어 하나만 남기고 다시 채점하세요.",
    ),
    Status.TIMEOUT: Advice(
        "정해진 시간 안에 끝나지 않은 코드가 있었습니다. 그 코드 없이 확인할 수 있는 기준은 "
        "채점했습니다.",
        "끝나지 않는 반복이 있는지 보세요. 커널을 다시 시작하고 모두 실행했을 때 "
        "몇 초 안에 끝나야 합니다.",
        "시간이 모자랐던 것인지 끝나지 않는 코드인지 노트북을 열어 보세요.",
    ),
    Status.MEMORY: Advice(
        "메모리를 정해진 것보다 많이 사용한 코드가 있었습니다. 그 코드 없이 확인할 수 있는 기준은 "
        "채점했습니다.",
        "계속 커지는 리스트나 딕셔너리가 있는지, 데이터를 나눠 읽을 수 있는지 보세요.",
        "메모리를 어디에 사용했는지 노트북을 열어 보세요.",
    ),
    Status.OUTPUT: Advice(
        "출력이 너무 많아 실행을 멈췄습니다. 그때까지 확인한 기준만 채점했습니다.",
        "반복문 안의 print를 지우고, 커널을 다시 시작해 모두 실행해 보세요.",
        "무엇을 그렇게 많이 출력했는지 노트북을 열어 보세요.",
    ),
    Status.STOPPED: Advice(
        "노트북을 실행하던 프로세스가 도중에 끝났습니다. 그때까지 확인한 기준만 채점했습니다.",
        "exit()나 os._exit()처럼 프로그램을 끝내는 줄이 있으면 지우고 다시 제출하세요.",
        "프로세스를 끝낸 코드가 있는지 노트북을 열어 보세요.",
    ),
    Status.SUSPECT: Advice(
        "채점은 했습니다. 다만 테스트가 평소처럼 돌지 않게 하는 코드가 있어 강사가 직접 봅니다.",
        "일부러 넣은 것이 아니어도 괜찮습니다. 무엇을 하려던 코드인지 강사에게 알려 주세요.",
        "테스트를 무력화하려던 코드인지 직접 읽고, 학생에게 먼저 물어보세요. "
        "점수는 학생이 건드릴 수 없는 곳에서 매겼습니다.",
    ),
    Status.DOUBTFUL: Advice(
        "제출의 이름과 노트북의 학번이 서로 달라 누구의 것인지 강사가 확인합니다.",
        "학번 셀에 자신의 학번이 있는지, 자신의 파일을 냈는지 보고 강사에게 알려 주세요.",
        "알림을 읽고 누구의 노트북인지 학생에게 확인하세요. 점수는 그 노트북에 매긴 것입니다.",
    ),
    Status.FAILED: Advice(
        "채점하는 쪽에 문제가 생겨 점수를 매기지 못했습니다. 학생의 잘못이 아닙니다.",
        "강사가 다시 채점합니다. 따로 할 일은 없습니다.",
        "알림을 읽고 과제나 채점기를 고친 뒤 다시 채점하세요.",
    ),
}


@dataclass(frozen=True)
class LostCriterion:
    """많이 잃은 기준 하나: ``count``명이 잃었고, 가장 흔한 힌트는 ``hint``입니다."""

    title: str
    count: int
    graded: int
    hint: str

    @property
    def share(self) -> float:
        return self.count / self.graded


@dataclass(frozen=True)
class Overview:
    """과제 하나의 요약. 강사의 페이지가 과제마다 하나씩 보입니다."""

    assignment: str
    statuses: list[tuple[Status, int]]
    bins: list[int]
    median: float | None
    max_score: float
    lost: list[LostCriterion]
    to_check: list[GradeRecord]


def page(
    record: GradeRecord,
    given: dict[str, float | None],
    comments: Mapping[str, str] | None = None,
) -> str:
    """학생 한 명의 피드백 페이지(HTML 문자열).

    ``given``은 사람이 준 점수(셀의 이름과 점수)입니다. 글로 쓴 답을 아직 읽지 않았으면 None이거나
    없고, 기계가 매긴 기준의 점수를 사람이 고쳤으면 그 기준의 이름으로 들어 있습니다.
    ``comments``는 강사가 답 셀마다 남긴 의견입니다. 글로 쓴 답의 의견은 점수를 준 다음에 보입니다.
    기다리는 글에 남아 있는 것은 고쳐 내기 전의 글에 남긴 의견일 수 있습니다.
    """
    comments = comments or {}
    changed = {result.id for result in record.results if given.get(result.id) is not None}
    record = record.corrected(given)
    return _render(
        "page.html",
        record=record,
        results=[] if record.status in NOT_RUN else record.results,
        changed=changed,
        advice=ADVICE[record.status],
        todo=_todo(record),
        notes=student_notes(record),
        written=[_read(answer, given, comments) for answer in record.written],
        code_comments=_about_code(record, comments),
        total=_total(record, given),
        max_total=record.max_score + sum(answer.points for answer in record.written),
    )


def summary_page(
    records: Iterable[GradeRecord],
    pairs: Sequence[Pair] = (),
    names: Mapping[str, str] | None = None,
) -> str:
    """강사의 요약 페이지(HTML 문자열).

    ``pairs``는 닮은 답의 짝들입니다. 살펴볼 까닭일 뿐 판정이 아니라고 페이지에 밝힙니다.
    ``names``는 명단에 있는 학생의 이름입니다.
    """
    names = names or {}
    by_name = sorted(records, key=lambda record: (record.assignment, record.student))
    groups = [list(group) for _, group in groupby(by_name, lambda record: record.assignment)]
    return _render(
        "summary.html",
        overviews=[overview(group) for group in groups],
        advice=ADVICE,
        pairs=pairs,
        called=lambda student: f"{student} {names.get(student, '')}".strip(),
        chart=_chart,
        page_address=_page_address,
    )


def overview(records: Sequence[GradeRecord]) -> Overview:
    """같은 과제의 기록들을 한눈에: 상태, 점수 분포, 많이 잃은 기준, 직접 볼 제출."""
    graded = [record for record in records if record.status not in NOT_RUN and record.results]
    counts = Counter(record.status for record in records)
    return Overview(
        assignment=records[0].assignment,
        statuses=[(status, counts[status]) for status in Status if counts[status]],
        bins=distribution(graded),
        median=median(record.score for record in graded) if graded else None,
        max_score=max((record.max_score for record in graded), default=0.0),
        lost=most_lost(graded),
        to_check=[record for record in records if ADVICE[record.status].instructor],
    )


def distribution(records: Iterable[GradeRecord]) -> list[int]:
    """만점의 10%마다 몇 명인지. 마지막 막대에는 만점도 들어갑니다."""
    counts = [0] * BINS
    for record in records:
        if record.max_score:
            counts[min(BINS - 1, int(BINS * record.score // record.max_score))] += 1
    return counts


def most_lost(records: Sequence[GradeRecord]) -> list[LostCriterion]:
    """잃은 사람이 많은 기준부터. 아무도 잃지 않은 기준은 뺍니다."""
    missed: dict[str, list[CriterionResult]] = {}
    for record in records:
        for result in record.results:
            if not result.passed:
                missed.setdefault(result.id, []).append(result)
    found = [_lost(results, len(records)) for results in missed.values()]
    return sorted(found, key=lambda lost: -lost.count)


def student_notes(record: GradeRecord) -> list[str]:
    """알림 가운데 학생에게 보일 것. 채점기의 오류, 다른 학생의 자료, 컴퓨터의 경로는 뺍니다."""
    if record.status is Status.FAILED:
        return []
    shown = (note for note in record.notes if not note.startswith(PRIVATE))
    return [note for note in shown if not HOST_PATH.search(note)]


def _todo(record: GradeRecord) -> str:
    """학생이 다음에 할 일. 잃은 기준이 없는 사람에게 고치라고 하지 않습니다."""
    kept_all = record.results and all(result.passed for result in record.results)
    return PERFECT if record.status is Status.GRADED and kept_all else ADVICE[record.status].student


def _read(
    answer: WrittenAnswer, given: Mapping[str, float | None], comments: Mapping[str, str]
) -> tuple[WrittenAnswer, float | None, str]:
    """글로 쓴 답과, 사람이 준 점수와 의견."""
    score = given.get(answer.id)
    return answer, score, "" if score is None else comments.get(answer.id, "")


def _about_code(record: GradeRecord, comments: Mapping[str, str]) -> list[tuple[str, str]]:
    """코드로 쓴 답에 강사가 남긴 의견들."""
    written = {answer.id for answer in record.written}
    return [(cell, told) for cell, told in comments.items() if cell not in written]


def _lost(results: list[CriterionResult], graded: int) -> LostCriterion:
    hints = Counter(result.hint for result in results if result.hint)
    hint = hints.most_common(1)[0][0] if hints else ""
    return LostCriterion(results[0].title, len(results), graded, hint)


def _total(record: GradeRecord, given: dict[str, float | None]) -> float | None:
    """총점. 사람이 읽을 글이 남았으면 None."""
    scores = [given.get(answer.id) for answer in record.written]
    return None if None in scores else record.score + sum(scores)


def _chart(bins: list[int]) -> list[dict]:
    """점수 분포의 막대들: 자리(x), 높이, 사람 수, 이름. 높이의 단위는 그림의 픽셀입니다."""
    tallest = max(bins) or 1
    return [
        {
            "x": 20 + 38 * number,
            "height": round(120 * count / tallest, 1),
            "count": count,
            "name": f"{number * 100 // BINS}%",
        }
        for number, count in enumerate(bins)
    ]


def _page_address(record: GradeRecord) -> str:
    """요약 페이지에서 본 학생 페이지의 상대 주소."""
    return quote(f"feedback/{record.student}/{record.assignment}.html")


def _blank(answer: WrittenAnswer) -> bool:
    return not answer.pictures and answer.text.strip() in ("", "여기에 답을 쓰세요")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["points"] = lambda points: f"{points:.1f}".removesuffix(".0")
    made.filters["linked"] = linked
    made.filters["percent"] = lambda share: f"{share:.0%}"
    made.tests["blank"] = _blank
    return made


def _render(name: str, **values) -> str:
    return _environment().get_template(name).render(**values)
