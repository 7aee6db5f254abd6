"""지문: 점수를 정하는 것 전부의 해시. 같으면 저장된 점수를 그대로 씁니다.

코드에서는 채점하는 모듈과 그것이 import하는 것, 과제와 제출이 import하는 것만 셉니다. 그림의 색이나
피드백의 모양을 고쳐도 반을 다시 채점하지 않습니다.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

import nbformat

from classroom.assignment import Assignment
from classroom.intake.submission import Submission
from classroom.marking.sandbox import HOME, PACKAGES, Limits

# 둘째 것은 샌드박스 안에서 실행되므로 아무도 import하지 않습니다
GRADER = b"import classroom.marking.grade\nimport classroom.marking.interpreter"
# 노트북은 JSON이어서 줄이 바뀌는 곳에 \n과 따옴표가 있습니다.
# 제출에 무엇이 있을지 모르므로 길이에 한도가 있습니다
IMPORT = re.compile(
    rb"(?:from|import) +((?:classroom|ddialab)\b[\w.]{0,99})"
    rb"(?: +import +(\([\w\s,\\\"]{0,999}|[\w, ]{1,999}))?"
)


def fingerprint(
    assignment: Assignment, submission: Submission, limits: Limits, unsafe: bool
) -> str:
    """과제, 제출, 한도, 점수를 정하는 코드의 지문."""
    source, released = map(nbformat.writes, (assignment.source, assignment.release))
    parts = [source, released, repr(submission), repr(limits), repr(unsafe)]
    parts.append(code_of(source.encode(), *submission.files.values()))
    return sha256("\0".join(parts).encode()).hexdigest()


def code_of(*texts: bytes) -> str:
    """``texts``를 채점할 때 실행되는, 두 패키지의 코드의 지문."""
    found: set[Path] = set()
    left = set().union(*map(_imported, (GRADER, *texts)))
    while left:
        found |= left
        left = set().union(*(_imported(path.read_bytes()) for path in left)) - found
    return hashed(found)


def hashed(paths: Iterable[Path]) -> str:
    """파일들의 이름과 내용의 지문."""
    whole = sha256()
    for path in sorted(paths):
        whole.update(str(path.relative_to(HOME)).encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _imported(text: bytes) -> set[Path]:
    """``text``(코드나 노트북)가 import하는 모듈과, 그것이 든 패키지의 파일들."""
    known, found = _modules(HOME), set()
    for module, members in IMPORT.findall(text):
        steps = module.split(b".")
        names = [b".".join(steps[: n + 1]) for n in range(len(steps))]
        names += [b"%b.%b" % (module, one) for one in re.findall(rb"(?:\\n)?(\w+)", members)]
        found |= {known[name] for name in names if name in known}
    return found


@cache
def _modules(home: Path) -> dict[bytes, Path]:
    """두 패키지의 모듈마다 그 파일. 패키지의 것은 ``__init__.py``입니다."""
    paths = [path for package in PACKAGES for path in (home / package.name).rglob("*.py")]
    names = {path: ".".join(path.relative_to(home).with_suffix("").parts) for path in paths}
    return {name.removesuffix(".__init__").encode(): path for path, name in names.items()}
