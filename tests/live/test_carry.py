"""옮긴 것은 MicroPython에서도 CPython과 같은 답을 합니다: 적는 법마다 작은 예 하나."""

import importlib

import pytest

import micropython
from live.carry import carry

# 예마다 answer()가 글 하나를 돌려줍니다. 모두 한 텍스트로 옮기므로 이름이 겹칩니다
CASES = {
    "dictionaries keep their order": """
def answer():
    d = {name: len(name) for name in ("delta", "a", "charlie", "bb")}
    d["z"] = d.pop("a")
    more = {**d, "bb": 9, "new": 1}
    named = dict(y=1, x=2, w=3)
    same = dict(named) == {"x": 2, "w": 3, "y": 1}
    return f"{list(d)} {more} {dict.fromkeys('cab')} {named} {same}"
""",
    "dictionaries can be changed and asked": """
def answer():
    d = dict([(3, "c"), (1, "a")])
    d.update({2: "b", 3: "d"})
    d.setdefault(0, "z")
    del d[1]
    copied = d.copy()
    copied[7] = "q"
    return f"{d} {copied} {d.get(9)} {3 in d} {isinstance(d, dict)} {list(d.values())} {bool({})}"
""",
    "sorting is stable": """
def answer():
    pairs = [(i * 7 % 3, i) for i in range(40)]
    back = sorted(pairs, key=lambda p: p[0], reverse=True)
    pairs.sort(key=lambda p: p[0])
    return f"{pairs} {back} {sorted('hello')} {max(pairs, key=lambda p: p[0])} {min([], default=1)}"
""",
    "dataclasses are spelt out": """
from __future__ import annotations
from dataclasses import dataclass, field, replace, KW_ONLY
from typing import ClassVar
LIMIT = 3
@dataclass
class Base:
    '''설명'''
    a: int
    b: list[int] = field(default_factory=list)
    kind: ClassVar[str] = "base"
@dataclass(order=True, frozen=True)
class Point:
    x: int
    y: int = LIMIT
@dataclass
class Child(Base):
    c: int = 5
    _: KW_ONLY
    d: int = 6
    def __post_init__(self):
        self.total = self.a + self.c
def answer():
    one, two = Child(1), Child(1, [2], 3, d=4)
    one.b.append(1)
    keys = {Point(1): "p", Point(2): "q"}
    low = Point(1) < Point(1, 4) <= Point(2)
    same = Child(1, [1]) == one != two
    moved = replace(Point(1), y=9)
    fields = f"{one.b} {two.b} {one.total} {two.d} {Base.kind}"
    return f"{fields} {keys[Point(1)]} {low} {same} {moved.y}"
""",
    "named tuples are spelt out": """
from typing import NamedTuple
class Event(NamedTuple):
    time: float
    kind: str = "ok"
    @property
    def late(self): return self.time > 1
def answer():
    made = Event._make((2.5, "x"))
    time, kind = made
    near = made._replace(kind="y")
    same = f"{made == Event(2.5, 'x')} {Event(1.0) < made} {made != near}"
    return f"{time} {kind} {made[1]} {len(made)} {near.kind} {made.late} {same} {list(Event(0.5))}"
""",
    "errors are caught by either parent": """
class LabError(Exception):
    def __init__(self, problem, todo=""):
        self.problem = problem
        super().__init__(" ".join(part for part in (problem, todo) if part))
class Invalid(LabError, ValueError): pass
class Missing(LabError, KeyError): pass
def answer():
    said = []
    for catch in (0, 1):
        try:
            raise Invalid("잘못", "고치세요") from None
        except (KeyError, ValueError) as error:
            kind = type(error).__name__
            ours = isinstance(error, LabError)
            said.append(f"{error} {error.problem} {kind} {ours}")
    try:
        raise Missing("없는 것")
    except LookupError as error:
        said.append(type(error).__name__)
    try:
        {}["없음"]
    except KeyError as error:
        said.append(str(error))
    return " / ".join(said)
""",
    "floats are written alike": """
import math
def answer():
    values = (0.1, 2.5, 1e22, 1e16, 1e-5, 5e-324, -0.0, 2 / 3, 100.0, math.inf)
    whole = 1234567
    fixed = f"{2.25:.1f} {2.35:.1f} {-0.5:.0f} {1234567.891:,.2f} {whole:,} {whole:09d} {5.0:g}"
    plain = " ".join(map(str, values)) + str(0.1 + 0.2)
    return f"{values} {fixed} {plain} {0.1 + 0.2!r} {'가'!r} {None} {True}"
""",
    "starred displays and calls": """
def join(*parts, sep="-"): return sep.join(parts)
def answer():
    rest = ["b", "c"]
    first, *others = ["a", *rest, "d"]
    pairs = [(1, 2, 3), (4, 5, 6)]
    tails = [tail for head, *tail in pairs]
    return f"{(*rest, 'z')} {[*rest, *rest]} {join(*rest, *others)} {tails}"
""",
    "zip can be strict": """
def answer():
    try:
        list(zip([1], [2, 3], strict=True))
    except ValueError:
        return f"{list(zip([1, 2], 'ab', strict=True))} {list(zip([1], [2, 3]))}"
""",
    "counting and queues": """
from collections import Counter, deque
from itertools import count
def answer():
    counted = Counter("abracadabra")
    counted["z"] += 2
    line = deque([1, 2])
    line.append(3)
    line.appendleft(0)
    turn = count(5).__next__
    left = f"{line.popleft()} {list(line)} {len(line)}"
    return f"{counted.most_common(3)} {counted['q']} {left} {turn()} {turn()}"
""",
    "properties and class methods": """
class Box:
    size = 2
    def __init__(self): self._value = 1
    @property
    def value(self): return self._value
    @value.setter
    def value(self, new): self._value = new * self.size
    @classmethod
    def made(cls, new, /):
        box = cls()
        box.value = new
        return box
    @staticmethod
    def double(x): return 2 * x
class Bigger(Box):
    size = 10
    def made_twice(self): return super().double(self.value)
def answer():
    asked = f"{hasattr(Box(), 'value')} {getattr(Box(), 'none', 4)}"
    return f"{Box.made(3).value} {Bigger.made(3).made_twice()} {asked}"
""",
    "the heap keeps the same order": """
from heapq import heapify, heappop, heappush
def answer():
    heap = []
    for i in range(60):
        heappush(heap, (i * 37 % 11, i % 4))
    out = [heappop(heap) for _ in range(20)]
    heap.remove((5, 0))
    heapify(heap)
    return f"{out} {heap}"
""",
    "bytes and digests": """
import hashlib
def answer():
    return str(int.from_bytes(hashlib.sha256("씨앗/도착".encode()).digest()))
""",
    "sums of whole numbers": """
def answer():
    odd, letters = sum(1 for i in range(9) if i % 2), sum(len(s) for s in ("a", "bc"))
    return f"{odd} {letters} {sum(i > 2 for i in range(5))}"
""",
    "division and remainders": """
def answer():
    pairs = [(-7.5, 2), (7.5, -2), (-7, 2), (6.0, 0.1), (1e9, 0.3)]
    return str([(a % b, a // b, divmod(a, b)) for a, b in pairs])
""",
    "generators, closures, walrus": """
def naturals(n):
    yield from range(n)
def counter():
    n = 0
    def more():
        nonlocal n
        n += 1
        return n
    return more
def answer():
    more = counter()
    more()
    squares = [y for x in range(5) if (y := x * x) > 3]
    return f"{list(naturals(4))} {more()} {squares} {next(naturals(0), 'end')}"
""",
    "JSON of integers and words": """
import json
def answer():
    asked = json.loads('{"do": "open", "at": [2, 0], "deep": {"x": null}}')
    told = json.dumps({"z": 1, "a": [True, None, "w"], "t": (1, 2)})
    return f"{asked['at']} {asked['deep']['x']} {told}"
""",
    "names shared by modules": """
LIMIT = 7
def join(x): return x + LIMIT
def answer(): return str(join(1))
""",
    "comprehensions outside functions": """
RATES = (1, 2.5)
TEXTS = tuple(f"초당 {rate:g}건" for rate in RATES)
PLACES = {name: [i + n for i in range(2)] for n, name in enumerate(TEXTS)}
def answer(): return f"{TEXTS} {PLACES}"
""",
    "recursion fifty deep": """
def down(n): return 0 if n == 0 else 1 + down(n - 1)
def answer(): return str(down(50))
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cases")
    for number, code in enumerate(CASES.values()):
        (made / f"case{number}.py").write_text(code, "utf-8")
    return made


@pytest.fixture(scope="module")
def said(folder):
    """모든 예를 한 텍스트로 옮겨 MicroPython에서 한 번에 실행한 답."""
    entries = [f"case{number}:answer" for number in range(len(CASES))]
    carried = carry(entries, folder)
    calls = [f"print('@', {carried.names[entry]}())" for entry in entries]
    done = micropython.run(carried.text, calls)
    assert done.error == ""
    return dict(zip(CASES, done.lines, strict=True))


@pytest.mark.parametrize("title", CASES)
def test_the_answer_is_that_of_cpython(title, said, folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    case = importlib.import_module(f"case{list(CASES).index(title)}")
    assert said[title] == f"@ {case.answer()}"
