"""겨루기는 페이지에서도 같은 점수를 냅니다. 틀린 정책은 저마다 문장을 듣고, 심판은 그대로입니다."""

from __future__ import annotations

import json

import pytest

import micropython
from ddialab.core.trial import SEEDS, scores, verdict
from ddialab.core.typed import refused
from live import models
from live.carry import carry
from policies import LATEST, TRIALS, WRONG, function, written
from suite.effort import trials

# 정책이 쓰라고 둔 이름. 나머지는 `core.typed`가 거절합니다
_USEFUL = """
    abs all any bool callable chr dict divmod enumerate filter float int isinstance issubclass iter
    len list map max min next ord pow range repr reversed slice sorted str sum tuple zip
    bin complex hex oct Ellipsis NotImplemented
"""
USEFUL = frozenset(_USEFUL.split())


def ask(**request) -> str:
    return f"print(answer({json.dumps(request, ensure_ascii=False)!r}))"


def answers(name: str, calls: list[str]) -> list[dict]:
    said = micropython.run(models.model(name), calls)
    assert said.error == ""
    assert said.bytes <= 64 * 2**20
    return [json.loads(line) for line in said.lines]


@pytest.mark.parametrize("name", TRIALS)
def test_the_page_says_what_the_notebook_says(name):
    """노트북에 적힌 정책을 시드 40개에서: 이긴 수와 진 까닭까지 글자가 같습니다."""
    game, policy = TRIALS[name], function(name)
    others = [scores(game, rival) for rival in game.rivals]
    calls = [ask(do="read", text=written(name)), *[ask(do="next")] * SEEDS]
    *_, told = answers(name, [*calls, ask(do="tell", others=others)])
    expected = verdict(game, [game.run(policy, seed) for seed in range(SEEDS)], others)
    assert told == {"rows": [list(row) for row in expected.rows], "said": expected.said}


@pytest.mark.proof(tried=trials(SEEDS))
@pytest.mark.parametrize("name", TRIALS)
def test_the_policies_of_the_book_score_the_same_bits(name):
    """저장해 둔 책의 점수를 페이지가 그대로 써도 되는 까닭입니다."""
    game, place = TRIALS[name], models.trials()[name]
    carried = carry([place])
    told = "def one(game, place, seed):\n    rival = game.rivals[place]\n    "
    told += "result = game.run(rival.make(seed), seed)\n    print(result.score, result.note)\n"
    pairs = [(i, seed) for i in range(len(game.rivals)) for seed in range(trials(SEEDS))]
    calls = [f"one({carried.names[place]}, {i}, {seed})" for i, seed in pairs]
    said = micropython.run(carried.text + told, calls)
    ours = [game.run(game.rivals[i].make(seed), seed) for i, seed in pairs]
    assert said.lines == [f"{result.score} {result.note}" for result in ours]


def test_every_wrong_policy_gets_three_sentences_and_the_judge_goes_on():
    calls = []
    for _, code, _, _ in WRONG:
        calls += [ask(do="read", text=code), ask(do="next")]
        calls += [ask(do="read", text=LATEST), ask(do="next")]
    replies = answers("eviction", calls)
    assert len(WRONG) >= 20
    for (what, _, said, line), *four in zip(WRONG, *[iter(replies)] * 4, strict=True):
        wrong = next(reply for reply in four[:2] if "error" in reply)
        assert said in wrong["error"][0], what
        assert len(wrong["error"]) == 3, what
        assert abs(wrong["line"] - line) <= ("문법" in said), what  # 문법은 아는 줄이 다릅니다
        assert [reply.get("done") for reply in four[2:]] == [0, 1], what


def test_every_name_of_the_pages_python_is_useful_or_refused():
    lines = micropython.run("import builtins\nprint(' '.join(dir(builtins)))").lines
    left = [
        name
        for name in lines[0].split()
        if not refused(name) and name not in USEFUL and not name.endswith(("Error", "Exception"))
    ]
    assert left == ["GeneratorExit", "StopIteration", "StopAsyncIteration"]


def test_nothing_of_the_model_is_in_reach():
    """정책이 든 이름공간에는 sorted 말고 아무것도 없습니다."""
    names, calls = ("answer", "PolicyReader", "io", "sys", "Engine", "requests", "json"), []
    for name in names:
        code = f"def victim(entries, now):\n    {name}\n    return 0\n"
        calls += [ask(do="read", text=code), ask(do="next")]
    replies = answers("eviction", calls)[1::2]
    for name, reply in zip(names, replies, strict=True):
        assert "없는 이름" in reply["error"][0], name


def test_sorted_keeps_the_order_of_equals_in_the_page():
    code = """def victim(entries, now):
    order = sorted(range(8), key=lambda i: i % 2)
    return 0 if order == [0, 2, 4, 6, 1, 3, 5, 7] else -1
"""
    assert answers("eviction", [ask(do="read", text=code), ask(do="next")])[1]["done"] == 1
