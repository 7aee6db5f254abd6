"""도전: 사나운 원숭이. 시드대로 센티널과 복제본과 프라이머리를 고장 냅니다."""

from __future__ import annotations

from ddialab.cluster.promise import NAMES
from ddialab.core.engine import Engine
from ddialab.core.scene import Draw
from ddialab.experiments.chaos_monkey.by_hand import ByHand


class Wild(ByHand):
    """센티널 하나, 복제본 하나, 그다음에는 복제본을 모두 붙잡은 채 프라이머리."""

    asks = False
    FAILED = 7  # 실패해도 되는 쓰기
    HELD, TOGETHER = 6.0, 2.0  # 초. 복제본 하나와 둘을 붙잡는 시간
    AWAY = 8.0  # 초. 프라이머리가 끊겨 있는 시간

    def __init__(self, engine: Engine, settings: dict, draw: Draw, end: float):
        super().__init__(engine, settings, draw, settings["quorum"])
        self.need = settings["need"]
        chance = engine.stream("원숭이").random
        engine.at(2.0 + 2.0 * chance(), self._bite_sentinel, int(3 * chance()))
        engine.at(6.0 + 3.0 * chance(), self._bite_replica, NAMES[1 + int(2 * chance())])
        engine.at(18.0 + 2.0 * chance(), self._bite_all)
        engine.at(end, self._judge)

    def _bite_sentinel(self, number: int) -> None:
        self.kill(f"s{number + 1}")
        self.draw("say", f"원숭이가 센티널 s{number + 1}을 죽였습니다.")

    def _bite_replica(self, name: str) -> None:
        self.act("hold", name)
        self.engine.after(self.HELD, self.act, "restore", name)

    def _bite_all(self) -> None:
        for node in self.replicas_of(self.known):
            self.act("hold", node.name)
        self.engine.after(self.TOGETHER, self._bite_primary, self.known)

    def _bite_primary(self, name: str) -> None:
        self.act("cut", name)
        for node in self.replicas_of(name):
            self.act("restore", node.name)
        self.engine.after(self.AWAY, self.act, "restore", name)

    def _judge(self) -> None:
        said = f"잃은 쓰기는 {len(self.lost)}건, 실패한 쓰기는 {self.failed}건입니다."
        if self.known == NAMES[0]:
            said = f"페일오버하지 못했습니다. {said}"
        kept = not self.lost and self.primary is not None
        self.draw("goal", kept and self.failed <= self.FAILED, said)
