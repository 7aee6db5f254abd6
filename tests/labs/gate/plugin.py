"""``labs/*.ipynb``를 테스트로 모으는 pytest 플러그인. 실행은 nbval이, 견주기는 우리가 합니다.

노트북 하나는 「기록」, 「본문」, 그리고 코드 셀마다 하나씩의 테스트가 됩니다.
기록이 틀린 노트북은 견줄 출력이 없으므로 실행하지 않습니다.
"""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

import execute
from gate import compare, prose, record

DIFFER = "Cell outputs differ"  # nbval이 쓰는 문장
MEANING = {
    DIFFER: "다시 실행한 출력이 저장된 출력과 다릅니다.",
    "Cell execution caused an exception": "셀이 오류를 냈습니다.",
}


def pytest_collect_file(file_path: Path, parent):
    if file_path.suffix == ".ipynb" and not parent.config.option.nbval:
        return LabFile.from_parent(parent, path=file_path)
    return None


class LabFile(IPyNbFile):
    """노트북 하나. 커널은 첫 코드 셀이 돌 때 띄웁니다."""

    stopped_at = ""

    def collect(self):
        self.nb = execute.read(self.path)
        yield Check.from_parent(self, name="기록", check=self.record_problems)
        yield Check.from_parent(self, name="본문", check=self.prose_problems)
        if not self.record_problems():
            yield from self._cells()

    def _cells(self):
        numbers = [n for n, cell in enumerate(self.nb.cells, 1) if cell.cell_type == "code"]
        for number, item in zip(numbers, super().collect(), strict=True):
            yield LabCell.from_parent(
                self, name=f"셀 {number}", cell_num=number, cell=item.cell, options=item.options
            )

    def record_problems(self) -> list[str]:
        return record.problems(self.nb, self.path.name)

    def prose_problems(self) -> list[str]:
        try:
            known = execute.all_results(self.path.parent)
        except execute.Failure as failure:
            return [str(failure)]
        return prose.notebook_problems(self.nb, known, self.path.stem)

    def setup(self):
        """nbval은 여기서 커널을 띄우지만, 커널이 필요 없는 테스트가 먼저 있습니다."""

    def start(self):
        if self.kernel is None:
            env = execute.kernel_env(DDIALAB_REPLAY="1")  # 시계로 잰 것은 저장한 결과와 견줍니다
            with mock.patch.dict(os.environ, env, clear=True):
                super().setup()


class Check(pytest.Item):
    """커널 없이 보는 테스트 하나."""

    def __init__(self, *, check, **kwargs):
        super().__init__(**kwargs)
        self.check = check

    def runtest(self):
        if problems := self.check():
            pytest.fail("\n".join(problems), pytrace=False)

    def reportinfo(self):
        return self.path, 0, f"{self.path.name}::{self.name}"


class LabCell(IPyNbCell):
    """코드 셀 하나. ``cell_num``은 노트북 안의 차례(1부터)입니다."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.strict = self.options["check"]
        self.options["check"] = True  # 출력을 무시하는 셀도 모양은 봅니다

    def runtest(self):
        if self.parent.stopped_at:
            pytest.skip(self.parent.stopped_at)
        self.parent.start()
        try:
            super().runtest()
        except NbCellError as error:
            if str(error) != DIFFER:
                self.parent.stopped_at = f"{self.name}에서 멈춰서 실행하지 않았습니다."
            raise

    def compare_outputs(self, test, ref, skip_compare=None) -> bool:
        saved, new = execute.clean_outputs(ref), execute.clean_outputs(test)
        self.comparison_traceback = compare.differences(saved, new, self.strict)
        return not self.comparison_traceback

    def repr_failure(self, excinfo):
        error = excinfo.value
        if not isinstance(error, NbCellError):
            return super(IPyNbCell, self).repr_failure(excinfo)
        source = "\n".join(f"    {line}" for line in error.source.splitlines())
        what = MEANING.get(str(error), str(error))
        return f"{self.path.name} {self.name}: {what}\n{source}\n{error.inner_traceback}"

    def reportinfo(self):
        return self.path, 0, f"{self.path.name}::{self.name}"
