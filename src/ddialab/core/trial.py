"""겨루기: 독자가 쓴 정책을 책의 정책들과 같은 모델에서, 같은 시드들로 돌려 비교합니다.

정책은 보통의 값(수, 문자열, 튜플)만 받는 함수 하나입니다. 그래서 모델의 속을 볼 수 없습니다.
이 코드는 커널에서도, 책의 페이지 안에서도 그대로 돕니다.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ddialab.core.errors import InvalidValue

SEEDS = 40
LONGEST = 40  # 오류에 적을 값의 글자 수
LARGEST = 10**9  # 이보다 큰 정수는 오류에 적지 않습니다

Policy = Callable[..., Any]

WHY = {  # 오류의 이름마다: 무엇을 했나, 무엇이면 되나
    "NameError": ("없는 이름을 썼습니다", "받은 인자와 그 위에서 정한 이름만 쓸 수 있습니다."),
    "IndexError": ("없는 칸을 읽었습니다", "0부터 len(…) - 1까지의 칸만 있습니다."),
    "KeyError": ("없는 키를 읽었습니다", "있는지 먼저 보거나 get으로 읽으세요."),
    "AttributeError": ("그 값에 없는 메서드를 썼습니다", "받은 값은 수, 문자열, 튜플뿐입니다."),
    "TypeError": ("타입이 맞지 않습니다", "받은 값이 무엇인지 인자의 설명을 보세요."),
    "ZeroDivisionError": ("0으로 나누었습니다", "나누는 수가 0이 아닐 때만 나눌 수 있습니다."),
    "RuntimeError": ("함수가 자기를 너무 깊이 불렀습니다", "되풀이는 for로 적으세요."),
    "RecursionError": ("함수가 자기를 너무 깊이 불렀습니다", "되풀이는 for로 적으세요."),
}
MINE = "내 정책"
FIX = "그 줄을 고치고 다시 실행하세요."


class Result(NamedTuple):
    """시드 하나의 결과. ``score``는 적을수록 좋은 수, ``note``는 어디서 그렇게 되었는지입니다."""

    score: int
    note: str


class Rival(NamedTuple):
    """책의 정책 하나. ``make(seed)``가 그 시드에서 쓸 정책을 만듭니다."""

    label: str
    make: Callable[[int], Policy]


@dataclass(frozen=True)
class Trial:
    """겨루기의 설명. ``run(policy, seed)``이 모델을 한 번 돌려 `Result`를 냅니다.

    독자의 함수는 ``function(arguments)`` 꼴이고, ``counted``는 점수가 세는 것입니다.
    ``bound``는 누구도 넘을 수 없는, 견줄 기준으로만 둔 정책의 이름표입니다.
    """

    name: str
    function: str
    arguments: str
    counted: str
    unit: str
    run: Callable[[Policy, int], Result]
    rivals: tuple
    bound: str = ""

    @property
    def form(self) -> str:
        """독자의 함수가 갖출 꼴."""
        return f"{self.function}({self.arguments})"


class PolicyFailed(InvalidValue):
    """독자의 정책을 실행할 수 없습니다. ``line``은 그 텍스트의 몇 번째 줄인지(모르면 0)입니다."""

    def __init__(self, problem: str, accepted: str = "", todo: str = "", line: int = 0):
        super().__init__(problem, accepted, todo)
        self.line = line


def asked(trial: Trial, policy: Policy, line_of: Callable[[Exception], int]) -> Policy:
    """``policy``를 부르되, 거기서 난 오류를 `PolicyFailed`로 바꿉니다."""

    def ask(*given: Any) -> Any:
        try:
            return policy(*given)
        except MemoryError:
            raise
        except Exception as error:
            raise failed(trial, error, line_of(error)) from None

    return ask


def failed(trial: Trial, error: Exception, line: int) -> PolicyFailed:
    """``line``번째 줄에서 난 오류를 세 문장으로 말합니다. ``line``이 0이면 부르지도 못했습니다."""
    kind = type(error).__name__
    if not line:
        return PolicyFailed(
            f"{trial.function} 함수를 부르지 못했습니다({kind}: {error}).",
            f"{trial.form} 꼴로, 적힌 만큼의 인자를 받아야 합니다.",
            "def 줄을 고치고 다시 실행하세요.",
        )
    rest = "오류가 났습니다", f"{trial.function} 함수는 오류 없이 값 하나를 돌려주어야 합니다."
    what, accepted = WHY.get(kind, rest)
    return PolicyFailed(f"{line}번째 줄: {what}({kind}: {error}).", accepted, FIX, line)


def check_place(name: str, value: Any, many: int) -> int:
    """정책이 고른 자리 ``value``가 0부터 ``many`` - 1까지의 정수이면 돌려줍니다."""
    if type(value) is int and 0 <= value < many:
        return value
    said = f"{name} 함수가 돌려준 값={shown(value)}"
    if type(value) is int:
        problem, todo = f"{said}: 범위를 벗어났습니다.", "0에서 시작하는 자리를 돌려주세요."
    else:
        problem = f"{said}: 정수가 아닙니다."
        todo = "return이 빠진 길이 없는지, 자리 대신 값을 돌려주는지 보세요."
    accepted = f"0 이상 {many - 1} 이하의 정수, 곧 고른 것이 몇 번째인지(첫째가 0)여야 합니다."
    raise PolicyFailed(problem, accepted, todo)


def shown(value: Any) -> str:
    """오류에 적을 ``value``. 길면 자르고, 담는 것이면 타입만 적습니다."""
    if type(value) is int and not -LARGEST < value < LARGEST:
        return "아주 큰 수"
    if value is not None and not isinstance(value, (bool, str, float, int)):
        return type(value).__name__
    text = repr(value[:LONGEST] if isinstance(value, str) else value)
    return f"{text[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else text


# --- 견주기 ---


def scores(trial: Trial, rival: Rival) -> list[int]:
    """책의 정책 ``rival``이 시드마다 받은 점수."""
    return [trial.run(rival.make(seed), seed).score for seed in range(SEEDS)]


class Verdict(NamedTuple):
    """견준 결과. ``rows``는 (이름표, 평균, 내가 시드마다 이기고 비기고 진 수)들입니다."""

    rows: list
    said: list


def verdict(trial: Trial, mine: Sequence[Result], others: Sequence[Sequence[int]]) -> Verdict:
    """내 정책의 결과 ``mine``을 책의 점수 ``others``(``trial.rivals``의 순서)와 견줍니다."""
    own = [result.score for result in mine]
    rows = [(MINE, mean(own), "")]
    for rival, theirs in zip(trial.rivals, others, strict=True):
        rows.append((rival.label, mean(theirs), record(own, theirs)))
    return Verdict(rows, [average(trial, own, others), worst(trial, mine, others)])


def record(own: Sequence[int], theirs: Sequence[int]) -> str:
    """내가 시드마다 이기고 비기고 진 수."""
    gaps = [a - b for a, b in zip(own, theirs, strict=True)]
    won, tied = sum(int(gap < 0) for gap in gaps), sum(int(gap == 0) for gap in gaps)
    return f"{won}승 {tied}무 {len(gaps) - won - tied}패"


def mean(many: Sequence[int]) -> str:
    return f"{total(many) / len(many):.1f}"


def total(many: Sequence[int]) -> int:
    return sum(int(one) for one in many)


def average(trial: Trial, own: Sequence[int], others: Sequence[Sequence[int]]) -> str:
    """평균으로 책의 정책 몇을 앞섰는지."""
    rivals = beatable(trial, others)
    ahead = sum(int(total(own) < total(theirs)) for _, theirs in rivals)
    said = f"책의 정책 {len(rivals)}개 가운데 {ahead}개를 앞섭니다."
    if ahead == len(rivals):
        said = "책의 정책을 모두 앞섭니다."
    elif not ahead:
        said = "책의 정책을 하나도 앞서지 못합니다."
    return (
        f"시드 {len(own)}개의 평균은 {trial.counted} {mean(own)}{trial.unit}입니다. "
        f"평균으로는 {said}"
    )


def worst(trial: Trial, mine: Sequence[Result], others: Sequence[Sequence[int]]) -> str:
    """가장 크게 진 시드와, 거기서 무슨 일이 있었는지."""
    gap, seed, label, theirs = 0, 0, "", 0
    for rival, many in beatable(trial, others):
        for place, one in enumerate(many):
            if mine[place].score - one > gap:
                gap, seed, label, theirs = mine[place].score - one, place, rival, one
    if not gap:
        return "어느 시드에서도 책의 정책에 지지 않았습니다."
    score, note = mine[seed]
    compared = f"{label} {theirs}{trial.unit}, {MINE} {score}{trial.unit}"
    return f"가장 크게 진 곳은 시드 {seed}입니다. {compared}. {note}"


def beatable(trial: Trial, others: Sequence[Sequence[int]]) -> list[tuple]:
    """이길 수 있는 책의 정책들: (이름표, 점수들)."""
    pairs = zip(trial.rivals, others, strict=True)
    return [(rival.label, theirs) for rival, theirs in pairs if rival.label != trial.bound]
