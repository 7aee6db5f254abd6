"""「바꿔 보기」가 말한 대로 됩니다: 항목마다 그 실습의 테스트의 ``TRIES``가 글대로 해 봅니다."""

from __future__ import annotations

import importlib

import pytest

import execute
import hands
from suite.effort import PROOF
from suite.stems import lesson_of

LABS = {path.stem: path for path in sorted((execute.ROOT / "labs").glob("*.ipynb"))}
TRIES = {lab: importlib.import_module(lesson_of(lab)).TRIES for lab in LABS}
EVERY = [(lab, key) for lab, tries in TRIES.items() for key in tries]
# 항목 하나가 살아 있는 커널에서 실습을 다 실행합니다. make test에서는 셀이 가장 적은 실습의 하나만
SHORTEST = min(LABS, key=lambda lab: len(execute.code_cells(execute.read(LABS[lab]))))
TRIED = EVERY if PROOF else [one for one in EVERY if one[0] == SHORTEST][:1]


@pytest.mark.parametrize("lab", LABS)
def test_every_suggestion_is_tried(lab):
    """``TRIES``의 키는 항목에 든 텍스트이고, 차례는 항목의 차례입니다."""
    items = hands.suggestions(execute.read(LABS[lab]))
    assert [key in item for key, item in zip(TRIES[lab], items, strict=True)] == [True] * len(items)


@pytest.mark.proof
@pytest.mark.parametrize(("lab", "key"), TRIED)
def test_what_one_may_change_does_what_is_said(lab, key):
    """바꿔 보기를 글대로 해 봅니다"""
    with hands.opened(LABS[lab]) as reader:
        reader.run_all()
        assert reader.broken() == [], "고치기 전에는 모든 주장이 성립합니다"
        TRIES[lab][key](reader, reader.item(key))
