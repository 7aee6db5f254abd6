"""독자의 손: 실습을 살아 있는 커널에 열어 두고, 셀을 고치고 다시 실행합니다.

「바꿔 보기」를 글에 적힌 그대로 해 보는 데 사용합니다. 사람이 앞에 앉은 것과 같이 실행하므로
(``DDIALAB_STATIC=0``) 성립하지 않는 주장은 오류가 아니라 문장이 됩니다.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

import execute

SECTION = "바꿔 보기"
BROKEN = "지금 설정에서는 성립하지 않습니다: "  # ddialab.show.claims.tell의 첫머리


class Hands:
    """`opened`가 만듭니다. 셀은 그 안에 든 텍스트로 찾습니다."""

    def __init__(self, client: NotebookClient):
        self._client = client
        self.cells = client.nb.cells
        self.code = execute.code_cells(client.nb)

    def run_all(self) -> None:
        self.execute(self.code)

    def run_below(self, fragment: str) -> None:
        """``fragment``가 든 셀과 그 아래를 모두 실행합니다."""
        self.execute(self.code[self.code.index(self.cell(fragment)) :])

    def run(self, source: str) -> str:
        """맨 끝에 새 셀을 만들어 실행하고, 그 셀이 보여 준 텍스트를 돌려줍니다."""
        cell = new_code_cell(source)
        self.execute([cell])
        return "\n".join(_texts(cell))

    def measure(self) -> None:
        """이제부터 시계로 재는 단계는 저장해 둔 값이 아니라 지금 잰 값을 냅니다."""
        self.run("import os; os.environ['DDIALAB_REPLAY'] = '0'")

    def value(self, expression: str) -> object:
        """커널에서 ``expression``의 값. 파이썬 리터럴로 적을 수 있어야 합니다."""
        return ast.literal_eval(self.run(f"print(repr({expression}))"))

    def cell(self, fragment: str) -> NotebookNode:
        """``fragment``가 든 하나뿐인 코드 셀."""
        found = [cell for cell in self.code if fragment in cell.source]
        assert len(found) == 1, f"{fragment!r}가 든 셀이 {len(found)}개입니다"
        return found[0]

    def edit(self, old: str, new: str) -> None:
        """``old``가 한 번 나오는 하나뿐인 셀에서 그것을 ``new``로 고칩니다. 실행하지는 않습니다."""
        cell = self.cell(old)
        assert cell.source.count(old) == 1, f"{old!r}가 여러 번 나옵니다"
        cell.source = cell.source.replace(old, new)

    def item(self, key: str) -> str:
        """「바꿔 보기」에서 ``key``가 든 하나뿐인 항목."""
        found = [item for item in suggestions(self._client.nb) if key in item]
        assert len(found) == 1, f"{key!r}가 든 항목이 {len(found)}개입니다"
        return found[0]

    def broken(self) -> list[str]:
        """지금 출력에 남아 있는, 성립하지 않는다고 말한 주장들."""
        lines = [line for c in self.cells for text in _texts(c) for line in text.splitlines()]
        return [line.removeprefix(BROKEN) for line in lines if line.startswith(BROKEN)]

    def execute(self, cells: list[NotebookNode]) -> None:
        """셀들을 차례로 실행합니다. 없던 셀은 맨 끝에 생깁니다. 오류는 nbclient의 것입니다."""
        for cell in cells:
            if cell not in self.cells:
                self.cells.append(cell)
            self._client.execute_cell(cell, self.cells.index(cell))


def saved_cell(lab: str, fragment: str) -> str:
    """저장된 실습에서 ``fragment``가 든 첫 셀의 코드나 글."""
    cells = execute.read(execute.ROOT / f"labs/{lab}.ipynb").cells
    return next(cell.source for cell in cells if fragment in cell.source)


def suggestions(nb: NotebookNode) -> list[str]:
    """「바꿔 보기」 절의 항목들."""
    prose = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    section = re.search(rf"^## {SECTION}\n(.*?)(?=^## |\Z)", prose, re.M | re.S)[1]
    return re.split(r"^- ", section, flags=re.M)[1:]


def code_of(suggestion: str) -> str:
    """항목에 든 코드 블록. 들여쓰기를 뺍니다."""
    block = re.search(r"^  ```python\n(.*?)^  ```", suggestion, re.M | re.S)[1]
    return re.sub(r"^  ", "", block, flags=re.M)


def _texts(cell: NotebookNode) -> list[str]:
    found = (o.get("text") or o.get("data", {}).get("text/plain") for o in cell.get("outputs", []))
    return [text for text in found if text]


@contextmanager
def opened(path: Path, live: bool = True) -> Iterator[Hands]:
    """``path``를 새 커널에 엽니다. 파일은 그대로 둡니다. 셀이 오류를 내면 nbclient의 오류가 납니다.

    ``live=False``면 사람이 없는 것처럼 실행해서, 성립하지 않는 주장이 오류입니다.
    """
    client = NotebookClient(
        execute.read(path),
        timeout=execute.CELL_SECONDS,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": path.parent}},
    )
    env = execute.kernel_env(DDIALAB_STATIC="0" if live else "1", DDIALAB_REPLAY="1")
    with client.setup_kernel(env=env):
        yield Hands(client)
