"""장면의 토픽: MicroPython에서도 같은 메시지를 같은 차례로 주고, 같은 것을 거절합니다."""

import json
import random

import micropython
from ddialab.blocks.tape import Tape
from ddialab.blocks.topic.topic import Topic
from ddialab.core.errors import LabError
from live.carry import carry
from suite.effort import trials

TOPIC = "ddialab.blocks.topic.topic:Topic"
CONSUMER = "ddialab.blocks.topic.consumer:Consumer"
TAPE = "ddialab.blocks.tape:Tape"
USED = [
    *(f"{TOPIC}.{name}" for name in ("send", "end", "consumer", "committed", "lag", "groups")),
    *(f"{CONSUMER}.{name}" for name in ("poll", "commit", "seek", "position", "close")),
    f"{TAPE}.append",
]
# 답을 하나씩 적습니다. 거절한 것은 까닭까지 같아야 합니다
DRIVER = """
import json
def told(message):
    return [message.partition, message.offset, message.key, message.value.decode()]
def follow(topic, steps, refused):
    answers, members = [], {}
    for name, arguments in steps:
        try:
            if name == "send":
                answers.append(told(topic.send(arguments[0], arguments[1].encode())))
            elif name == "join":
                members[arguments[1]] = topic.consumer(arguments[0], arguments[1])
            elif name in ("end", "committed", "lag"):
                found = getattr(topic, name)(*arguments)
                answers.append(sorted(found.items()) if name == "committed" else found)
            elif arguments[0] in members:
                found = getattr(members[arguments[0]], name)(*arguments[1:])
                if name == "poll":
                    found = [told(message) for message in found]
                answers.append(sorted(found.items()) if name == "commit" else found)
        except refused as error:
            answers.append(str(error))
    return answers + [topic.groups]
"""


def steps_of(seed: int) -> list[tuple]:
    """아무렇게나 보내고 읽고 커밋하고 나가는 일들. 거절할 것도 섞여 있습니다."""
    rng = random.Random(seed)
    steps = []
    for number in range(60):
        member, partition = rng.choice("가나다"), rng.randint(-1, 3)
        steps += [("send", (rng.choice([None, "소라", "나래", "🎉"]), f"글 {number}"))]
        steps += [rng.choice([
            ("join", (rng.choice(["g", "g", ""]), member)), ("poll", (member, rng.randint(0, 9))),
            ("poll", (member, 5)), ("commit", (member,)), ("close", (member,)),
            ("seek", (member, partition, rng.randint(-1, 9))), ("position", (member, partition)),
            ("end", (partition,)), ("committed", ("g",)), ("lag", ("g",)),
        ])]  # fmt: skip
    return steps


def test_the_topic_of_a_scene_answers_alike_in_micropython():
    carried = carry([*USED, "ddialab.core.errors:LabError"])
    topic, tape = (carried.names[f"{name}.{method}"] for name, method in
                   ((TOPIC, "send"), (TAPE, "append")))  # fmt: skip
    refused = carried.names["ddialab.core.errors:LabError"]
    steps = [steps_of(seed) for seed in range(trials(100))]
    asks = [
        f"print(json.dumps(follow({topic}([{tape}() for _ in range(3)]), "
        f"json.loads({json.dumps(one, ensure_ascii=False)!r}), {refused})))"
        for one in steps
    ]
    said = micropython.run(carried.text + DRIVER, asks)
    assert said.error == ""
    here: dict = {}
    exec(DRIVER, here)
    mine = [here["follow"](Topic([Tape(), Tape(), Tape()]), one, LabError) for one in steps]
    assert [json.loads(line) for line in said.lines] == json.loads(json.dumps(mine))
    everything = json.dumps(mine, ensure_ascii=False)
    for answer in ("바뀌었습니다", "이미 있는 소비자", "맡은 파티션이 아닙니다", "모르는 그룹"):
        assert answer in everything, f"이 입력들에는 「{answer}」가 없습니다"
