"""판정: 정해 둔 때부터 보낸 요청의 결과를 기능마다 셉니다."""

from __future__ import annotations

from ddialab.experiments.fault_and_failure.paths import FUNCTIONS

LEAST = 3  # 기능마다 이만큼은 보고 판정합니다
FAULT = "결함에 그칩니다. 네 기능이 모두 됩니다"
PARTIAL = "장애가 됩니다. 몇 기능만 멈춥니다"
TOTAL = "장애가 됩니다. 네 기능이 모두 멈춥니다"
FATES = (FAULT, PARTIAL, TOTAL)


class Tally:
    """시각 ``since``부터 보낸 요청의 [실패, 모두]를 기능마다."""

    def __init__(self, since: float):
        self.since = since
        self.seen = {name: [0, 0] for name in FUNCTIONS}

    def add(self, function: str, since: float, good: bool) -> None:
        """``since``에 보낸 요청 하나의 결과."""
        if since >= self.since:
            self.seen[function][0] += not good
            self.seen[function][1] += 1

    def enough(self) -> bool:
        """모든 기능을 판정할 만큼 보았나."""
        return all(total >= LEAST for _, total in self.seen.values())

    def stopped(self) -> list[str]:
        """멈춘 기능들: 요청의 절반 넘게 제때 옳은 답을 받지 못했습니다."""
        return [name for name, (bad, total) in self.seen.items() if 2 * bad > total]

    def fate(self) -> str:
        """결함에 그쳤나, 장애가 되었나."""
        stopped = len(self.stopped())
        return TOTAL if stopped == len(FUNCTIONS) else PARTIAL if stopped else FAULT

    def told(self) -> str:
        """멈춘 기능들을 말하는 문장."""
        stopped = ", ".join([FUNCTIONS[name] for name in self.stopped()])
        return f"멈춘 기능: {stopped}." if stopped else "네 기능이 모두 제때 답합니다."
