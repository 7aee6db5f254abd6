"""같은 클러스터를 SimPy로: 속도의 상대이자, 통계가 맞는지 견줄 상대(oracle).

`ddialab.cluster.model`의 한 갈래만 옮겼습니다: 로드 밸런서가 아무 복제본이나 고르고, 시간 초과나
거절이 나면 안 가 본 복제본에 재시도하며, 복제본은 ``crash``로 죽었다 살아납니다. 헬스 체크는
없고 사건도 적지 않습니다.
"""

import math
import random

import simpy

REFUSED = "refuse"


class Node:
    """줄 하나와 워커 하나를 가진 복제본."""

    def __init__(self, env):
        self.env, self.alive = env, True
        self.queue, self.current = simpy.Store(env), None
        self.worker = env.process(self.work())

    def work(self):
        while True:
            try:
                self.current = None
                self.current = yield self.queue.get()
                demand, answer = self.current
                yield self.env.timeout(demand)
                if not answer.triggered:
                    answer.succeed("ok")
            except simpy.Interrupt:
                pass

    def crash(self, at, duration):
        yield self.env.timeout(at - self.env.now)
        self.alive = False
        dropped, self.queue.items = [self.current, *self.queue.items], []
        for job in dropped:
            if job and not job[1].triggered:
                job[1].succeed(REFUSED)
        if self.current:
            self.worker.interrupt()
        yield self.env.timeout(duration)
        self.alive = True


def simulate(spec, plan, seed):
    """``spec``과 ``plan``대로 돌려, 끝난 요청의 응답 시간 목록(실패는 NaN)을 돌려줍니다."""
    env, draw, responses = simpy.Environment(), random.Random(seed), []
    nodes = {name: Node(env) for name in spec.nodes}
    for fault in plan:
        env.process(nodes[fault.target].crash(fault.time, fault.duration))

    def request():
        born, untried = env.now, list(nodes.values())
        for _ in range(1 + spec.retries):
            node = untried.pop(int(draw.random() * len(untried)))
            if not node.alive:
                continue
            answer = env.event()
            node.queue.put((draw.expovariate(1 / spec.service), answer))
            yield answer | env.timeout(spec.timeout)
            if answer.triggered and answer.value == "ok":
                responses.append(env.now - born)
                return
            if not answer.triggered:
                answer.succeed("timeout")  # 늦은 답은 버립니다
        responses.append(math.nan)

    def clients():
        while True:
            yield env.timeout(draw.expovariate(spec.load.rate))
            env.process(request())

    env.process(clients())
    env.run(spec.duration)
    return responses
