"""카오스 실험의 계획들: 모델에도 진짜 서버에도 같은 것을 합니다. 결과의 차례와 수를 견줍니다."""

from __future__ import annotations

from ddialab.cluster.chaos import DEAD, EVERY, PRIMARY, REPLICAS, Experiment, Probe, Step

WRITES = 100
NOTICED = 3.0  # 초. 복제본의 소식이 끊긴 것을 프라이머리가 알고도 남을 시간

STEADY = (
    Probe("프라이머리가 있다", "led"),
    Probe("답한 쓰기를 하나도 잃지 않았다", "missing", 0),
)
UNDO = (
    Step("release", EVERY),
    Step("heal", EVERY),
    Step("resume", EVERY),
    Step("restart", DEAD),
    Step("settle"),
)
HEALTHY = (
    Probe("프라이머리가 있다", "led"),
    Probe("모두 살아 있다", "all_alive"),
    Probe("쓰기를 받는다", "writes"),
)


def _plan(title: str, *method: Step) -> Experiment:
    return Experiment(title, STEADY, method, UNDO, HEALTHY)


HELD_AND_KILLED = _plan(
    "복제를 붙잡고 쓴 다음 프라이머리를 죽인다",
    Step("hold", REPLICAS),
    Step("write", value=WRITES),
    Step("kill", PRIMARY),
    Step("settle"),
)
HELD_LONG = _plan(
    "복제를 붙잡고 쓰다가, 한참 뒤에 또 쓰고 나서 프라이머리를 죽인다",
    Step("hold", REPLICAS),
    Step("write", value=WRITES // 2),
    Step("rest", value=NOTICED),
    Step("write", value=WRITES // 2),
    Step("kill", PRIMARY),
    Step("settle"),
)
PLAIN_KILL = _plan(
    "쓰고 나서 프라이머리를 죽인다",
    Step("write", value=WRITES),
    Step("kill", PRIMARY),
    Step("settle"),
)
POWER_OFF = _plan(
    "복제를 붙잡고 쓴 다음 프라이머리의 컴퓨터를 끈다",
    Step("hold", REPLICAS),
    Step("write", value=WRITES),
    Step("kill", PRIMARY),
    Step("cut", DEAD),
    Step("release", EVERY),
    Step("settle"),
)
RESTARTED_TOO_SOON = _plan(
    "쓰고 나서 프라이머리를 죽이고, 센티널이 알기 전에 다시 켠다",
    Step("write", value=WRITES),
    Step("kill", PRIMARY),
    Step("restart", DEAD),
    Step("settle"),
)
OTHER_WITNESS = _plan(
    "복제본 하나만 받은 쓰기에 답한 다음, 그 복제본과 프라이머리가 함께 사라진다",
    Step("hold", "n2"),
    Step("write", value=WRITES),
    Step("cut", "n3"),
    Step("kill", PRIMARY),
    Step("settle"),
)
MOVED = _plan(
    "복제를 붙잡고 쓴 다음 아무도 죽이지 않고 프라이머리를 옮긴다",
    Step("hold", REPLICAS),
    Step("write", value=WRITES),
    Step("planned_failover", value=False),
    Step("settle"),
)
MOVED_TOGETHER = _plan(
    "복제를 붙잡고 쓴 다음, 복제본이 다 받기를 기다려 프라이머리를 옮긴다",
    Step("hold", REPLICAS),
    Step("write", value=WRITES),
    Step("planned_failover", value=True),
    Step("settle"),
)
EVERY_PLAN = (
    HELD_AND_KILLED,
    HELD_LONG,
    PLAIN_KILL,
    POWER_OFF,
    RESTARTED_TOO_SOON,
    OTHER_WITNESS,
    MOVED,
    MOVED_TOGETHER,
)
