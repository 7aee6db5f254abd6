"""그럴듯한 오답: 학생이 정말 하는 오해마다 하나씩, 채점기를 살피는 데 사용합니다."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class WrongAnswer:
    """그럴듯한 오답 하나. ``cells``는 답 셀의 이름과 그 자리에 넣을 코드입니다.

    ``loses``는 잃어야 하는 기준 전부, ``hint``는 학생이 꼭 받아야 하는 말의 일부입니다.
    """

    name: str
    misconception: str
    loses: frozenset[str]
    hint: str
    cells: dict[str, str] = field(hash=False)


def wrong_answers(folder: Path, name: str) -> list[WrongAnswer]:
    """``folder/wrong/name/*.py``의 오답들.

    파일의 첫 문서 문자열이 ``오해:``, ``잃는 기준:``(쉼표로 나눔), ``힌트:``를 한 줄씩 말하고,
    그 아래는 ``# %% 답 셀의 이름``으로 나눈 코드입니다.
    """
    return [_wrong(path) for path in sorted((Path(folder) / "wrong" / name).glob("*.py"))]


def _wrong(path: Path) -> WrongAnswer:
    head, *parts = re.split(r"^# %% *(.+)\n", path.read_text("utf-8"), flags=re.M)
    doc = ast.get_docstring(ast.parse(head)) or ""
    said = dict(line.split(":", 1) for line in doc.splitlines() if ":" in line)
    codes = (code.strip() + "\n" for code in parts[1::2])
    return WrongAnswer(
        name=path.stem,
        misconception=said["오해"].strip(),
        loses=frozenset(id.strip() for id in said["잃는 기준"].split(",")),
        hint=said["힌트"].strip(),
        cells=dict(zip(map(str.strip, parts[::2]), codes, strict=True)),
    )
