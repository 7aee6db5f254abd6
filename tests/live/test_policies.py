"""정책들은 MicroPython에서도 같은 일에 같은 답을 합니다."""

import json
import random
from importlib import import_module

import micropython
from live.carry import carry
from suite.effort import trials

FLOOR = "ddialab.resilience."
CALLED = {  # 이름: (모듈, 인자들, 부르는 메서드들)
    "fixed": ("retry:Fixed", (1.5, 4), ()),
    "full": ("retry:Backoff", (0.1, 3.0, 9), ()),
    "none": ("retry:Backoff", (0.1, 3.0, 9, "none"), ()),
    "budget": ("retry:Budget", (0.3, 2), ("deposit", "allow")),
    "breaker": ("breaker:Breaker", (2, 1.7), ("allow", "succeeded", "failed")),
    "shedder": ("shedding:Shedder", (3, 1.2), ("admit", "serve")),
    "bucket": ("limiter:TokenBucket", (0.7, 3), ("take",)),
    "quarantine": ("quarantine:Quarantine", (2,), ("allow", "killed", "answered")),
}
SUPERVISOR = "supervisor:Supervisor"
DRIVER = """
def follow(policies, steps):
    answers = []
    for name, method, arguments in steps:
        policy = policies[name]
        answers.append(getattr(policy, method)(*arguments) if method else policy(*arguments))
    return answers
"""


def steps_of(seed: int) -> list[tuple]:
    """아무렇게나 묻고 알리는 일들. 시각은 앞으로만 갑니다."""
    rng, now, steps = random.Random(seed), 0.0, []
    for _ in range(80):
        now += rng.random()
        steps += rng.choice([
            [(name, "", (rng.randint(1, 12), rng.random()))
             for name in ("fixed", "full", "none")],
            [("budget", rng.choice(["deposit", "allow"]), ())],
            [("breaker", rng.choice(["allow", "succeeded", "failed"]), (now,))],
            [("shedder", "admit", (rng.randint(0, 5),)), ("shedder", "serve", (2 * rng.random(),))],
            [("bucket", "take", (now,))],
            [("quarantine", rng.choice(["allow", "killed", "answered"]), (rng.choice("가나"),))],
            [("supervisor", "died", (now, rng.random()))],
        ])  # fmt: skip
    return steps


def made(name_of) -> str:
    """정책들을 만드는 식. ``name_of``는 클래스를 적는 법입니다."""
    pairs = [f"{key!r}: {name_of(path)}{args!r}" for key, (path, args, _) in CALLED.items()]
    full = f"{name_of('retry:Backoff')}(0.1, 3.0, 10**6)"
    return "{" + ", ".join([*pairs, f"'supervisor': {name_of(SUPERVISOR)}({full}, 1.0)"]) + "}"


def class_of(path: str) -> type:
    module, _, name = path.partition(":")
    return getattr(import_module(FLOOR + module), name)


def test_the_policies_answer_alike_in_micropython():
    used = [f"{FLOOR}{path}.{m}" for path, _, ms in CALLED.values() for m in (ms or ("__call__",))]
    used += [f"{FLOOR}{SUPERVISOR}.died"]
    carried = carry(used)
    names = {entry.rpartition(".")[0]: name for entry, name in carried.names.items()}
    there = made(lambda path: names[FLOOR + path])
    plans = [steps_of(seed) for seed in range(trials(200))]
    asks = [f"print(json.dumps(follow({there}, {plan!r})))" for plan in plans]
    said = micropython.run(carried.text + DRIVER, asks)
    assert said.error == ""
    here: dict = {path.partition(":")[2]: class_of(path) for path, _, _ in CALLED.values()}
    here["Supervisor"] = class_of(SUPERVISOR)
    exec(DRIVER, here)
    mine = [here["follow"](eval(made(lambda p: p.partition(":")[2]), here), p) for p in plans]
    assert [json.loads(line) for line in said.lines] == mine
    assert {True, False, None} <= {
        answer for answers in mine for answer in answers if not isinstance(answer, float)
    }
