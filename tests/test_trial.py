"""겨루기: 독자의 정책이 받는 것, 틀렸을 때 듣는 말, 견준 결과."""

from __future__ import annotations

import json
import re

import pytest

from ddialab.cluster.model import Cluster
from ddialab.core.errors import InvalidValue
from ddialab.core.judge import Judge
from ddialab.core.trial import (
    SEEDS,
    PolicyFailed,
    Result,
    Rival,
    Trial,
    asked,
    check_place,
    scores,
    verdict,
)
from ddialab.core.typed import check_typed, words
from ddialab.show.trial import static_face, trial
from policies import TRIALS, function, written

FORM = "choose(items)"
GOOD = "def choose(items):\n    return 0\n"


def game(policy, seed) -> Result:
    return Result(seed + policy([seed]), f"시드 {seed}의 까닭.")


TOY = Trial(
    "toy", "choose", "items", "실수", "번", game,
    (Rival("늘", lambda seed: lambda items: 3), Rival("끝", lambda seed: lambda items: 0)), "끝",
)  # fmt: skip


class InPython:
    """CPython에서 텍스트를 읽습니다. MicroPython의 것은 tests/live가 봅니다."""

    def read(self, text, names, function):
        space = dict(names)
        exec(compile(text, "policy", "exec"), space)
        return space[function]

    def line(self, error):
        return getattr(error, "lineno", None) or 0


def judged(*requests) -> list[dict]:
    judge = Judge(TOY, InPython())
    return [json.loads(judge.answer(json.dumps(request))) for request in requests]


# --- 친 코드 ---


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "# import os\n" + GOOD,
        "def choose(items):\n    '''import os'''\n    return 'eval __x__' == '' or 0\n",
        'def choose(items):\n    """여러 줄\n    open(1)\n    """\n    return len("\\" import")\n',
        "def choose(items):\n    _ = r'\\d'\n    개수 = 1.5e3\n    return [i for i in items][0]\n",
    ],
)
def test_code_that_only_looks_at_what_it_is_given_is_read(text):
    assert check_typed(text, FORM) == text


@pytest.mark.parametrize(
    ("code", "word", "line"),
    [
        ("import os", "import", 1),
        ("x = 1\nx = (lambda:\n  eval)('1')", "eval", 3),
        ("x = 'a\\'' + open", "open", 1),
        ("x = '''\n\n''' + hash", "hash", 3),
        ("x = items.\\\n  __class__", "__class__", 2),
        ("x = items . _secret", "_secret", 1),
        ("x = items[0].sort()", "sort", 1),
        ("x = f'{1}'", "f'", 1),
        ('x = Rf"""{open}"""', 'Rf"', 1),
        ("x = 'a' if 1 else'b'; set", "set", 1),
    ],
)
def test_code_that_reaches_outside_is_refused_with_its_line(code, word, line):
    with pytest.raises(PolicyFailed) as refused:
        check_typed(f"{code}\n{GOOD}", FORM)
    assert refused.value.problem == f"{line}번째 줄의 {word}: 쓸 수 없습니다."
    assert refused.value.line == line
    assert refused.value.accepted
    assert refused.value.todo


def test_words_know_their_lines():
    text = "a = '''1\n2'''  # b\nc.d\n"
    assert list(words(text)) == [(1, "a"), (3, "c"), (3, ".d")]


def test_what_is_not_the_function_is_refused():
    for text in (None, 3, "", " \n", "choose = 3", "def other(): pass", "#" * 5000):
        with pytest.raises(PolicyFailed):
            check_typed(text, FORM)


# --- 부르기 ---


def test_an_error_inside_the_policy_becomes_three_sentences():
    with pytest.raises(PolicyFailed) as failure:
        asked(TOY, lambda items: items[7], lambda error: 4)([1])
    said = failure.value
    assert said.problem == "4번째 줄: 없는 칸을 읽었습니다(IndexError: list index out of range)."
    assert said.accepted
    assert said.todo


def test_running_out_of_memory_and_being_stopped_are_not_swallowed():
    for error in (MemoryError, KeyboardInterrupt):

        def stop(items, error=error):
            raise error

        with pytest.raises(error):
            asked(TOY, stop, lambda error: 1)([1])


def test_a_place_is_a_whole_number_in_range():
    assert [check_place("choose", value, 3) for value in range(3)] == [0, 1, 2]
    for value in (None, True, 0.0, "0", [0], 3, -1, 10**5000, float("nan"), "가" * 99):
        with pytest.raises(PolicyFailed) as failure:
            check_place("choose", value, 3)
        assert len(failure.value.problem) < 120
        assert failure.value.accepted.startswith("0 이상 2 이하의 정수")


# --- 견주기 ---


def test_the_verdict_counts_every_seed_and_says_where_it_loses():
    mine = [Result(seed + (9 if seed == 5 else 1), f"시드 {seed}의 까닭.") for seed in range(SEEDS)]
    told = verdict(TOY, mine, [scores(TOY, rival) for rival in TOY.rivals])
    assert [row[0] for row in told.rows] == ["내 정책", "늘", "끝"]
    assert told.rows[1][1:] == ("22.5", "39승 0무 1패")
    assert told.rows[2][1:] == ("19.5", "0승 0무 40패")
    assert "평균으로는 책의 정책을 모두 앞섭니다" in told.said[0], "이길 수 없는 것은 세지 않습니다"
    assert told.said[1] == "가장 크게 진 곳은 시드 5입니다. 늘 8번, 내 정책 14번. 시드 5의 까닭."


def test_a_policy_that_never_loses_is_told_so():
    mine = [Result(seed, "") for seed in range(SEEDS)]
    told = verdict(TOY, mine, [scores(TOY, rival) for rival in TOY.rivals])
    assert told.said[1] == "어느 시드에서도 책의 정책에 지지 않았습니다."
    assert "하나도 앞서지 못합니다" in verdict(TOY, mine, [[0] * SEEDS] * 2).said[0]


# --- 심판 ---


def test_the_judge_runs_one_seed_a_request_and_then_tells():
    others = [scores(TOY, rival) for rival in TOY.rivals]
    run = [{"do": "next"}] * SEEDS
    replies = judged({"do": "read", "text": GOOD}, *run, {"do": "tell", "others": others})
    assert replies[0] == {"done": 0, "all": SEEDS}
    assert [reply["done"] for reply in replies[1:-1]] == list(range(1, SEEDS + 1))
    assert replies[-1]["rows"][0] == ["내 정책", "19.5", ""]


def test_reading_again_starts_again_and_a_wrong_one_changes_nothing():
    good, bad = {"do": "read", "text": GOOD}, {"do": "read", "text": "import os\n" + GOOD}
    step = {"do": "next"}
    assert [reply.get("done") for reply in judged(good, step, bad, step)] == [0, 1, None, 2]
    assert [reply.get("done") for reply in judged(good, step, good, step)] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "request_", [None, 3, [], {}, {"do": "kill"}, {"do": "read"}, {"do": "next"}, {"do": "tell"}]
)
def test_a_bad_request_gets_a_sentence(request_):
    assert judged(request_)[0]["error"][0].endswith("습니다.")


# --- 노트북 ---


def test_the_page_gets_the_code_of_the_cell_and_the_scores_of_the_book(capsys):
    others = [scores(TOY, rival) for rival in TOY.rivals]
    told = verdict(TOY, [game(lambda items: 0, seed) for seed in range(SEEDS)], others)
    html = static_face(TOY, GOOD, others, told)
    page = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])
    assert page == {"name": "toy", "form": FORM, "text": GOOD, "others": others}
    assert "style=" not in html
    trial(TOY, lambda items: 0)
    assert "내 정책 | 19.5" in capsys.readouterr().out


def test_in_a_notebook_an_error_names_the_line_of_the_cell():
    space: dict = {}
    exec(compile("def choose(items):\n    a = 1\n    return a / 0\n", "cell", "exec"), space)
    with pytest.raises(PolicyFailed, match="3번째 줄: 0으로 나누었습니다"):
        trial(TOY, space["choose"])
    with pytest.raises(PolicyFailed, match="부르지 못했습니다"):
        trial(TOY, lambda: 0)
    with pytest.raises(InvalidValue, match="함수가 아닙니다"):
        trial(TOY, 3)


# --- 책의 겨루기 ---


@pytest.mark.parametrize("name", TRIALS)
def test_the_first_code_of_the_book_is_code_that_the_page_reads(name):
    assert check_typed(written(name), TRIALS[name].form)


@pytest.mark.parametrize("name", TRIALS)
def test_nothing_beats_the_bound_and_the_score_follows_the_policy(name):
    game = TRIALS[name]
    many = {rival.label: scores(game, rival) for rival in game.rivals}
    assert len(set(map(tuple, many.values()))) == len(many), "책의 정책들은 서로 다릅니다"
    for theirs in many.values():
        assert not game.bound or all(map(int.__le__, many[game.bound], theirs))


@pytest.mark.parametrize("name", TRIALS)
def test_a_policy_cannot_change_the_model_through_what_it_gets(name):
    game, policy = TRIALS[name], function(name)

    def greedy(given, *rest):
        things = given if isinstance(given, list) else []
        answer = policy(given if given is not things else [*given], *rest)
        things.clear()
        return answer

    assert all(game.run(greedy, seed) == game.run(policy, seed) for seed in range(5))


def test_without_a_policy_the_cluster_draws_as_before():
    """기본값이면 난수로 고른 자리이고, 그 난수는 정책이 있어도 그대로 뽑습니다."""
    from ddialab.cluster.simulation import simulate
    from ddialab.cluster.spec import Spec
    from ddialab.core.engine import Engine
    from ddialab.core.events import SEND, EventLog
    from ddialab.stress.load import Poisson

    spec = Spec(Poisson(20), duration=20.0)
    usual, log, engine = simulate(spec, seed=3), EventLog(), Engine(3)
    luck = Engine(3).stream("고르기").random
    Cluster(spec, (), engine, log, True, route=lambda nodes: int(luck() * len(nodes)))
    engine.run(spec.duration)
    assert list(log) == list(usual.log)
    assert log.of_kind(SEND)
