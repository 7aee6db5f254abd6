"""부탁은 남이 만든 주소에서도 옵니다: 나쁜 부탁에도 페이지의 모델은 커널과 같은 답을 합니다."""

import json

import micropython
from ddialab.core.scene import Host
from ddialab.experiments.hardware_faults import scenes
from live import models


def opening(seed=1, at=(1, 1), actions=(), scene="by-hand") -> str:
    asked = {"do": "open", "scene": scene, "seed": seed, "at": at, "actions": actions}
    return json.dumps(asked, ensure_ascii=False)


# 앞의 것이 뒤의 것에 이어지므로, 나쁜 부탁이 하던 것을 건드리면 끝의 답들이 달라집니다
REQUESTS = [
    '{"do": "run", "to": 5}',
    opening(actions=[[3000, "kill", "n1"]]),
    '{"do": "run", "to": 5000}',
    *("", "[]", "{}", "null", "3", '"x"', '{"do": "open",', '{"do": ["open"]}', '{"do": "kill"}'),
    *(opening(seed=seed) for seed in (True, 1.5, 1e99, "7", None, [1], {})),
    *(opening(at=at) for at in ([9, 0], [0], None, {}, [True, 0], [0.5, 0], "ab", [-1, 0])),
    *(opening(actions=[line]) for line in ([1], [5, "kill", "zz"], [5, 6, 7], [-1, "kill", "n1"])),
    *(opening(actions=[line]) for line in ([9e9, "kill", "n1"], [5, "rate", 9], [1, None, None])),
    opening(actions=[[9, "kill", "n1"], [3, "kill", "n1"]]),
    opening(actions=[[1, "kill", "n1"]] * 65),
    opening(scene="<b>"),
    *('{"do": "run", "to": 1e400}', '{"do": "run", "to": "5"}', '{"do": "run", "to": 50}'),
    *(
        '{"do": "act", "name": "kill", "target": null}',
        '{"do": "act", "name": "rate", "target": 9}',
    ),
    '{"do": "act", "name": "power", "target": "B"}',
    '{"do": "run", "to": 99999999}',
    opening(seed=-(2**70)),
    '{"do": "run", "to": 20000}',
]


def test_it_answers_and_refuses_as_the_kernel_does():
    host = Host({"by-hand": scenes.TOY})
    calls = [f"print(answer({request!r}))" for request in REQUESTS]
    said = micropython.run(models.model("by-hand"), calls)
    assert said.error == ""
    for request, reply in zip(REQUESTS, said.lines, strict=True):
        assert json.loads(reply) == json.loads(host.answer(request)), request
