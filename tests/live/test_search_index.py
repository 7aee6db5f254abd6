"""장면의 검색 색인: MicroPython에서도 같은 답을 하고, 같은 것을 거절합니다."""

import json
import random

import micropython
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.core.errors import InvalidValue
from live.carry import carry
from suite.effort import trials

PLACE = "ddialab.blocks.search.memory:MemoryIndex"
METHODS = ("put", "put_many", "delete", "find", "text", "version", "latest", "postings", "clear")
LETTERS = "가나다각ㅋabAB09_-*\"'() \n京é🎉…\ud55c"
# 답을 하나씩 적습니다. 거절한 것은 까닭까지 같아야 합니다
DRIVER = """
import json
def follow(index, steps, refused):
    answers = []
    for name, arguments in steps:
        try:
            answers.append(getattr(index, name)(*arguments))
        except refused as error:
            answers.append(str(error))
    return answers + [len(index), index.touched]
"""


def steps_of(seed: int) -> list[tuple]:
    """아무렇게나 넣고 지우고 찾는 일들. 거절할 것도 섞여 있습니다."""
    rng = random.Random(seed)
    some = lambda: "".join(rng.choices(LETTERS, k=rng.randint(0, 9)))  # noqa: E731
    steps = []
    for _ in range(25):
        id, version = rng.randint(-1, 5), rng.randint(0, 3)
        steps += [("put", (id, some(), version)), ("find", (some(), rng.choice([None, 1, 2])))]
        steps += [("delete", (id, version)), ("text", (id,)), ("version", (id,)), ("latest", ())]
    rows = [(id, "가나 " + some()) for id in range(6)]
    return [*steps, ("put_many", (rows,)), ("postings", ("가나",)), ("find", ("나",)),
            ("put_many", ([(1,)],)), ("find", (3,)), ("put", (1, "가" * 10001))]  # fmt: skip


def written(steps: list[tuple]) -> str:
    # MicroPython의 json은 \\uXXXX 둘로 적은 그림 문자를 한 글자로 읽지 않습니다
    return json.dumps(steps, ensure_ascii=False)


def test_the_index_of_a_scene_answers_alike_in_micropython():
    carried = carry([f"{PLACE}.{name}" for name in METHODS])
    wrong = carry(["ddialab.core.errors:InvalidValue"]).names
    index, refused = next(iter(carried.names.values())), next(iter(wrong.values()))
    steps = [steps_of(seed) for seed in range(trials(40))]
    asks = [
        f"print(json.dumps(follow({index}(), json.loads({written(one)!r}), {refused})))"
        for one in steps
    ]
    said = micropython.run(carried.text + DRIVER, asks)
    assert said.error == ""
    here: dict = {}
    exec(DRIVER, here)
    mine = [here["follow"](MemoryIndex(), one, InvalidValue) for one in json.loads(written(steps))]
    assert [json.loads(line) for line in said.lines] == mine
    assert any("찾을 낱말이 없습니다" in str(answer) for answer in mine[0])
