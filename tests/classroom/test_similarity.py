"""닮은 답: 이름을 바꾼 것은 찾고, 저마다 푼 것은 가리키지 않습니다."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from calls import counted
from classroom.assignment import Assignment
from classroom.marking.similarity import SOURCE_LIMIT, grams, pairs, similar

ORIGINAL = '''
def replay(trace, capacity):
    """기록을 다시 돌립니다."""
    # 먼저 빈 캐시를 만듭니다
    shelf, hits, order = {}, 0, []
    for position, key in enumerate(trace):
        if key in shelf:
            hits += 1
            order.remove(key)
        elif len(shelf) >= capacity:
            oldest = order.pop(0)  # 가장 오래된 것
            del shelf[oldest]
        shelf[key] = position
        order.append(key)
    return hits / max(1, len(trace))
'''
COPIED = """
def replay(reads, size):
    box, found, line = {}, 0, []
    # 여기서부터 차례로 봅니다
    for i, k in enumerate(reads):
        if k in box:
            found += 1
            line.remove(k)
        elif len(box) >= size:
            # 자리가 없으면
            first = line.pop(0)
            del box[first]
        box[k] = i
        line.append(k)

    return found / max(1, len(reads))
"""
INDEPENDENT = [
    """
from collections import OrderedDict
def replay(trace, capacity):
    kept = OrderedDict()
    hits = 0
    for key in trace:
        if key in kept:
            kept.move_to_end(key)
            hits = hits + 1
            continue
        kept[key] = True
        while len(kept) > capacity:
            kept.popitem(last=False)
    return hits / len(trace) if trace else 0.0
""",
    """
def replay(trace, capacity):
    recent = []
    hit = 0
    for one in trace:
        if one in recent:
            hit += 1
            recent = [other for other in recent if other != one]
        recent = (recent + [one])[-capacity:]
    if not trace:
        return 0
    return hit / len(trace)
""",
    """
def replay(trace, capacity):
    last_used = {}
    results = []
    for now, key in enumerate(trace):
        results.append(key in last_used)
        last_used[key] = now
        if len(last_used) > capacity:
            victim = min(last_used, key=last_used.get)
            last_used.pop(victim)
    return sum(results) / max(len(results), 1)
""",
]
SHORT = "def hit_ratio(hits, total):\n    return hits / total if total else 0.0\n"


def answer(cell, id="answer"):
    cell.metadata["nbgrader"] = {"grade_id": id, "solution": True, "grade": False, "locked": False}
    return cell


def notebook(source):
    return new_notebook(cells=[answer(new_code_cell(source))])


def assignment(model):
    return Assignment("a1", notebook(model), notebook("def replay(trace, capacity):\n    ..."))


def found(sources, model="def replay(trace, capacity):\n    pass"):
    return similar({f"s{i}": notebook(one) for i, one in enumerate(sources)}, assignment(model))


def test_finds_renamed_identifiers_and_moved_comments():
    """이름이나 주석을 글자 그대로 견주면 놓칩니다."""
    (pair,) = found([ORIGINAL, *INDEPENDENT, COPIED])
    assert (pair.students, pair.cell) == (("s0", "s4"), "answer")
    assert pair.share > 0.95
    assert "증거가 아닙니다" in str(pair)


QUEUE = """
class Cache:
    def __init__(self, capacity):
        self.limit, self.box = capacity, OrderedDict()
    def get(self, key, now):
        found = self.box.get(key)
        if found is None or self._dead(found, now):
            self.box.pop(key, None)
            return (False, None)
        self.box.move_to_end(key)
        return (True, found.what)
    def _dead(self, found, now):
        return found.until is not None and found.until <= now
    def put(self, key, value, now, ttl=None):
        self.box.pop(key, None)
        while len(self.box) >= self.limit:
            self.box.popitem(last=False)
        self.box[key] = Entry(value, None if ttl is None else now + ttl)
class Entry:
    what: object
    until: float
"""
RENAMED = {"limit": "room", "box": "shelf", "found": "item", "_dead": "_over", "Entry": "Slot",
           "what": "body", "until": "ends"}  # fmt: skip


@pytest.mark.parametrize("students", [6, 10, 30])
def test_renamed_attributes_are_found_in_a_class_of_any_size(students):
    """클래스를 쓰는 답은 이름의 태반이 속성입니다. 나머지는 모범 답안을 그대로 냈습니다."""
    renamed = re.sub("|".join(RENAMED), lambda word: RENAMED[word[0]], QUEUE)
    sources = [QUEUE, renamed, *[ORIGINAL] * (students - 2)]
    (pair,) = found(sources, model=ORIGINAL)
    assert pair.students == ("s0", "s1")
    assert pair.share == 1


def test_the_model_answer_with_other_attributes_is_no_hint():
    renamed = re.sub("|".join(RENAMED), lambda word: RENAMED[word[0]], QUEUE)
    assert found([renamed, renamed, *INDEPENDENT], model=QUEUE) == []


def test_independent_answers_are_not_pointed_at():
    assert found([ORIGINAL, *INDEPENDENT]) == []


def test_short_answers_are_no_hint():
    """한 줄짜리는 누가 써도 같습니다."""
    assert found([SHORT, SHORT.replace("hits", "h"), SHORT]) == []


def test_the_model_answer_is_no_hint():
    """모범 답안과 같은 답은 둘이어도 셋이어도 닮은 것으로 치지 않습니다."""
    assert found([ORIGINAL, COPIED, *INDEPENDENT], model=ORIGINAL) == []


@pytest.mark.parametrize(("alike", "pointed"), [(2, True), (3, True), (8, False)])
def test_what_most_of_the_class_wrote_is_no_hint(alike, pointed):
    """수업에서 다 같이 본 풀이는 반의 3분의 1이 넘게 씁니다."""
    others = [INDEPENDENT[i % 3].replace("1", str(i + 10)) for i in range(12 - alike)]
    assert any("s0" in pair.students for pair in found([ORIGINAL] * alike + others)) is pointed


def test_broken_code_is_compared_too():
    """문법이 틀린 답을 ast로만 읽으면 견줄 수 없습니다."""
    (pair,) = found([ORIGINAL + "\n  return (", *INDEPENDENT, COPIED + "\n  return ("])
    assert pair.students == ("s0", "s4")


def test_copied_essays_are_found():
    essay = " ".join(f"낱말{i}" for i in range(60))
    notebooks = {who: notebook("") for who in "abc"}
    for who, text in zip("abc", (essay, essay, essay[::-1]), strict=True):
        cell = answer(nbformat.v4.new_markdown_cell(text), "essay")
        notebooks[who].cells.append(cell)
    assert [pair.students for pair in similar(notebooks, None, "a1")] == [("a", "b")]


def test_reads_the_rebuilt_notebooks(tmp_path):
    paths = {("a1", f"s{i}"): tmp_path / f"{i}.ipynb" for i in range(3)}
    for path, source in zip(paths.values(), (ORIGINAL, COPIED), strict=False):
        nbformat.write(notebook(source), path)
    (pair,) = pairs(paths)
    assert (pair.assignment, pair.students) == ("a1", ("s0", "s1"))


def own_answers(student: int):
    """다섯 셀을 저마다 다르게 푼 학생: 흔하지 않은 토막이 넉넉해 반의 모두와 견주게 됩니다."""
    own = "".join(f"assert replay([{student}, {k}], {k}) == {student + k}\n" for k in range(10))
    return new_notebook(
        cells=[
            answer(new_code_cell(one + own), f"answer-{j}")
            for j, one in enumerate([ORIGINAL, *INDEPENDENT, COPIED])
        ]
    )


def whole_class(students: int):
    return {f"s{i}": own_answers(i) for i in range(students)}


def compare_everyone(students: int):
    return similar(whole_class(students), None, "a1")


def test_each_answer_is_read_once_and_pairs_call_nothing():
    """견주는 짝은 제곱으로 늡니다. 짝마다 토큰을 다시 나누거나 함수를 부르면 큰 반이 멈춥니다."""
    small, large = (counted(compare_everyone, n) for n in (15, 30))
    assert large["grams"] == 30 * 5
    assert large.total() <= 2 * small.total()


def test_a_huge_answer_costs_no_more_than_its_beginning():
    """견주는 비용은 토막의 수에 비례합니다. 한 사람이 낸 긴 셀 하나가 반 전체를 늦추지 못합니다."""
    huge = " ".join(map(str, range(SOURCE_LIMIT)))
    assert grams(huge) == grams(huge[:SOURCE_LIMIT])


def test_strings_and_layout_do_not_matter():
    assert grams("x = f('가', [1,2,3, 4])") == grams("y = g(\n  'B',\n  [1, 2, 3, 4])  # 주석")
    assert grams("a.append(a, 1, 2)") != grams("a.remove(a, 1, 2)")
