"""피드백 페이지와 요약 페이지: 빠짐없이 말하고, 새지 않고, 스크립트도 바깥 요청도 없습니다."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from classroom.marking.similarity import Pair
from classroom.record import CriterionResult, GradeRecord, Status, WrittenAnswer
from classroom.reporting import feedback
from ddialab.show.palette import PALETTE

ROOT = Path(__file__).resolve().parents[2]
KEPT = CriterionResult("hit-ratio", "적중률", 20, 20)
LOST = CriterionResult("eviction", "캐시 축출", 30, 0, "읽은 키도 방금 쓴 것으로 쳐야 합니다.")
WRITTEN = WrittenAnswer("written-judge", 15, "적중률만 보면 안 됩니다.")
RECORD = GradeRecord(
    "2026-0001", "a1-cache", Status.GRADED, "지문", (KEPT, LOST), (WRITTEN,),
    ("글자 표기(cp949)를 바꾸어 읽었습니다.",),
)  # fmt: skip


class Page(HTMLParser):
    """페이지의 태그들과 보이는 글."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.addresses, self.said, self.hidden = [], [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset")]
        self.said += [value for name, value in attrs if name == "aria-label"]
        self.hidden += tag in ("style", "script")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "script")

    def handle_data(self, data):
        if not self.hidden:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def student(record: GradeRecord = RECORD, **scores) -> Page:
    return Page(feedback.page(record, {key.replace("_", "-"): v for key, v in scores.items()}))


def summary(*records: GradeRecord, pairs=()) -> Page:
    return Page(feedback.summary_page(records, pairs))


def of_class(scores: list[int]) -> list[GradeRecord]:
    """기준이 100개인 과제에서 앞의 몇 개만 맞힌 학생들."""
    return [
        replace(
            RECORD,
            student=f"s{number}",
            results=tuple(CriterionResult(f"c{i}", f"기준 {i}", 1, i < got) for i in range(100)),
        )
        for number, got in enumerate(scores)
    ]


# ── 학생의 페이지 ──────────────────────────────────────────────────────


def test_every_criterion_is_named_with_its_score_and_lost_ones_with_their_hint():
    text = student().text
    assert "적중률 ✓ 통과 20 / 20" in text
    assert f"캐시 축출 {LOST.hint} ✗ 잃음 0 / 30" in text


def test_the_hint_of_a_passed_criterion_is_not_shown():
    passed = replace(LOST, score=30)
    assert LOST.hint not in student(replace(RECORD, results=(KEPT, passed))).text


@pytest.mark.parametrize("status", Status)
def test_every_status_says_what_happened_and_what_to_do(status):
    text = student(replace(RECORD, status=status, results=(), written=())).text
    assert f"채점 상태: {status.value}" in text
    assert feedback.ADVICE[status].meaning in text
    assert feedback.ADVICE[status].student in text


@pytest.mark.parametrize("status", feedback.NOT_RUN)
def test_what_was_not_run_gets_no_score(status):
    text = student(replace(RECORD, status=status, results=(LOST,), written=())).text
    assert "점수를 받습니다" not in text
    assert LOST.title not in text
    assert not re.search(r"\d / \d", text)


def test_the_written_answer_waits_and_the_total_with_it():
    text = student().text
    assert "20 / 50점 지금까지" in text
    assert "기다리는 중" in text
    assert WRITTEN.text in text


def test_a_graded_written_answer_joins_the_total():
    text = student(written_judge=12.5).text
    assert "32.5 / 65점" in text
    assert "12.5 / 15점 을 주었습니다" in text
    assert "기다리는 중" not in text


def test_a_written_score_of_zero_is_a_score():
    text = student(written_judge=0).text
    assert "20 / 65점" in text
    assert "0 / 15점 을 주었습니다" in text


def test_a_score_that_a_person_changed_counts_and_says_so():
    text = student(eviction=30, written_judge=15).text
    assert "65 / 65점" in text
    assert "30 / 30 강사가 고침" in text
    assert LOST.hint not in text
    assert text.count("강사가 고침") == 1


def test_who_lost_nothing_is_not_told_to_repair():
    perfect = replace(RECORD, results=(KEPT,))
    assert feedback.PERFECT in student(perfect).text
    assert feedback.ADVICE[Status.GRADED].student not in student(perfect).text
    assert feedback.PERFECT not in student().text


OTHER = WrittenAnswer("written-cost", 5, "메모리를 더 씁니다.")
TOLD = {
    "written-judge": "근거가 좋습니다.\n수도 적으세요.",
    "written-cost": "<b>왜</b> 그렇습니까?",
}


def commented(given, told) -> Page:
    return Page(feedback.page(replace(RECORD, written=(WRITTEN, OTHER)), given, told))


def test_what_the_instructor_wrote_stands_under_the_answer_it_is_about():
    page = commented({"written-judge": 9, "written-cost": 2}, TOLD)
    places = [WRITTEN.text, "근거가 좋습니다.", OTHER.text, "<b>왜</b> 그렇습니까?"]
    assert sorted(map(page.text.index, places)) == list(map(page.text.index, places))
    assert page.text.count("강사의 의견") == 2
    assert feedback.page(RECORD, {"written-judge": 9}, TOLD).count("\n수도 적으세요") == 1, "줄바꿈"


def test_a_comment_waits_for_the_score():
    """고쳐 낸 글은 다시 읽어야 합니다. 지난번 글에 남긴 의견을 새 글의 것처럼 보이지 않습니다."""
    page = commented({"written-judge": None, "written-cost": 0}, TOLD)
    assert "근거가 좋습니다." not in page.text
    assert "그렇습니까?" in page.text


def test_a_comment_about_code_names_what_it_is_about():
    page = commented({}, {"load_growth": "이름이 좋습니다."})
    assert "코드에 남긴 강사의 의견 load_growth 이름이 좋습니다." in page.text
    assert "강사의 의견" not in commented({"written-judge": 9}, {}).text


def test_an_untouched_written_answer_is_called_empty():
    config = (ROOT / "assignments/nbgrader_config.py").read_text("utf-8")
    stub = re.search(r'text_stub = "(.+)"', config)[1]
    assert (
        "답을 쓰지 않았습니다"
        in student(replace(RECORD, written=(replace(WRITTEN, text=stub),))).text
    )


def test_what_the_student_wrote_stays_text():
    evil = "<script>alert(1)</script><img src=//x.example/a onerror=b>"
    record = GradeRecord(
        evil, evil, Status.GRADED, "지문",
        (CriterionResult("c", evil, 1, 0, evil),), (WrittenAnswer("w", 1, evil),), (evil,),
    )  # fmt: skip
    for page in (student(record), summary(record, pairs=[pair(students=(evil, evil), cell=evil)])):
        assert not {"script", "img"} & set(page.tags)
        assert page.text.count(evil) >= 2


def test_notes_reach_the_student_but_not_the_paths_of_the_grader():
    notes = (
        RECORD.notes[0],
        "/srv/class/2026-0002/a1.ipynb에서 실패했습니다.",
        r"C:\class\a1.ipynb를 못 읽었습니다.",
        "Traceback\n  File x",
    )
    text = student(replace(RECORD, notes=notes)).text
    assert RECORD.notes[0] in text
    assert "class" not in text
    assert "Traceback" not in text


def test_a_fault_of_the_grader_is_not_told_in_the_notes_of_the_student():
    broken = replace(RECORD, status=Status.FAILED, notes=("hidden-test: KeyError 3",))
    assert "KeyError" not in student(broken).text
    assert "KeyError" in summary(broken).text


@pytest.mark.parametrize(
    "make", [lambda: feedback.page(RECORD, {}), lambda: feedback.summary_page([RECORD])]
)
def test_a_page_asks_nothing_of_the_network(make):
    text = make()
    page = Page(text)
    assert not {"script", "iframe", "object", "embed", "form"} & set(page.tags)
    assert [a for a in page.addresses if not a.startswith(("data:", "feedback/"))] == []
    assert not re.search(r"@import|url\(|https?:", text)
    assert '<html lang="ko">' in text


# ── 강사의 요약 ────────────────────────────────────────────────────


def pair(**given):
    return replace(Pair("a1-cache", "answer-lru", ("가", "나"), 0.97), **given)


def test_the_distribution_counts_everyone_once_at_exact_borders():
    # 29/100에 10을 곱해 나누는 계산이 어긋나면 70점이 60점대로 갑니다
    records = of_class([0, 9, 10, 70, 99, 100])
    assert feedback.distribution(records) == [2, 1, 0, 0, 0, 0, 0, 1, 0, 2]


def test_the_picture_says_its_numbers_in_words():
    text = summary(*of_class([0, 70, 100])).text
    assert "점수 분포. 0%부터 1명, 70%부터 1명, 90%부터 1명." in text


def test_the_most_lost_criterion_comes_first_with_its_commonest_hint():
    other = replace(LOST, hint="다른 힌트")
    all_lost = (replace(KEPT, score=0), LOST)
    records = [
        replace(RECORD, student="1", results=all_lost),
        replace(RECORD, student="2", results=(KEPT, LOST)),
        replace(RECORD, student="3", results=(KEPT, other)),
        replace(RECORD, student="4", results=(KEPT, replace(LOST, score=30))),
        replace(RECORD, student="5", status=Status.MISSING, results=all_lost),
    ]
    first, second = feedback.overview(records).lost
    assert (first.title, first.count, first.graded) == ("캐시 축출", 3, 4)
    assert first.hint == LOST.hint
    assert (second.title, second.count) == ("적중률", 1)
    assert "3 / 4명 75%" in summary(*records).text


def test_submissions_that_need_a_person_are_listed_with_a_link_and_the_notes():
    strange = replace(RECORD, student="홍 길동", status=Status.SUSPECT, notes=("검사를 고침",))
    page = summary(RECORD, strange)
    assert page.addresses.count("feedback/%ED%99%8D%20%EA%B8%B8%EB%8F%99/a1-cache.html") == 1
    assert "검사를 고침" in page.text
    assert "feedback/2026-0001/a1-cache.html" not in page.addresses


@pytest.mark.parametrize("status", Status)
def test_every_status_is_either_settled_or_says_what_the_instructor_does(status):
    settled = status in (Status.GRADED, Status.MISSING)
    assert bool(feedback.ADVICE[status].instructor) is not settled


def test_the_page_for_instructors_explains_every_status():
    text = (ROOT / "chapters/classroom/instructor.md").read_text("utf-8")
    told = re.findall(r"^\| ([가-힣 ]+) \| .+ \| .+ \|$", text.split("(statuses)=")[1], re.M)
    assert [status.value for status in Status] == told[1 : len(Status) + 1]


def test_assignments_are_kept_apart():
    other = replace(RECORD, assignment="a2-recovery", status=Status.MISSING, results=())
    first, second = (feedback.overview([one]) for one in (RECORD, other))
    assert first.statuses == [(Status.GRADED, 1)]
    assert second.median is None
    assert "점수를 매긴 제출이 없습니다" in summary(RECORD, other).text


def test_the_instructor_sees_the_names_of_the_roster():
    strange = replace(RECORD, student="2026-0009", status=Status.SUSPECT)
    found = [pair(students=("2026-0009", "2026-0001"))]
    page = Page(feedback.summary_page([strange], found, {"2026-0009": "<홍길동>"}))
    assert page.text.count("2026-0009 <홍길동>") == 2
    assert "2026-0009 <홍길동>, 2026-0001 97%" in page.text


def test_a_summary_without_pairs_says_what_was_not_compared():
    text = summary(RECORD).text
    assert "눈에 띄게 닮은 답이 없습니다. 모범 답안과 같은 답" in text


def test_likeness_is_a_hint_and_not_a_verdict():
    text = summary(RECORD, pairs=[pair()]).text
    assert "판정이 아닙니다" in text
    assert "a1-cache, answer-lru 가, 나 97%" in text
    assert not re.search("표절|부정행위|베낀", text)


def test_an_empty_class_gets_a_page():
    assert "아직 없습니다" in summary().text


# ── 옷 ─────────────────────────────────────────────────────────────


def colours(css: str) -> list[tuple[str, str]]:
    return re.findall(r"(--[\w-]+): ?(#\w+)", css)


def test_the_colours_are_those_of_the_book():
    css = (feedback.TEMPLATES / "feedback.css").read_text("utf-8")
    theme = (ROOT / "publish/theme/css/1-base.css").read_text("utf-8")
    parts = css.split("@media (prefers-color-scheme: dark)")
    themes = theme.split('[data-theme="dark"]')
    for dark, (part, book) in enumerate(zip(parts, themes, strict=True)):
        known = dict(colours(book)) | {f"--c-{name}": pair[dark] for name, pair in PALETTE.items()}
        for name, value in colours(part):
            assert known[name] == value, (name, dark)
