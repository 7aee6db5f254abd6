"""지표: 백분위수, 가용성과 그 구간, 고장의 산수.

자료는 1차원 시퀀스면 무엇이든 됩니다. 비었거나 NaN이 섞였으면 `InvalidValue`를 냅니다.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist, fmean, stdev

from ddialab.core.errors import InvalidValue, check_integer, check_number, check_positive

MINUTES_PER_YEAR = 365 * 24 * 60


def percentile(values: Iterable[float], p: float | Iterable[float]) -> float | list[float]:
    """``values``의 ``p``번째 백분위수(0–100). ``p``가 여럿이면 리스트를 돌려줍니다.

    선형 보간법(Hyndman & Fan 1996의 7번, NumPy의 기본값)입니다. 어림 없이 모든 값을 정렬합니다.
    """
    ordered = sorted(_check_values("values", values))
    wanted = list(p) if isinstance(p, Iterable) else [p]
    found = [quantile(ordered, check_number("p", one, 0, 100) / 100) for one in wanted]
    return found if isinstance(p, Iterable) else found[0]


def quantile(ordered: Sequence[float], q: float) -> float:
    """정렬한 값들에서 ``q``(0–1)의 자리. 두 값 사이면 가까운 쪽에서부터 보간합니다.

    확인하지 않습니다: 값이 하나 이상이고 이미 정렬되어 있어야 합니다.
    """
    below, part = divmod((len(ordered) - 1) * q, 1)
    low, high = ordered[int(below)], ordered[math.ceil(below + part)]
    step = high - low  # 가까운 끝에서 재야 그 끝에서 정확히 그 값이 됩니다
    return low + step * part if part < 0.5 else high - step * (1 - part)


def availability(
    succeeded: int, total: int, confidence: float = 0.95
) -> tuple[float, float, float]:
    """``(가용성, 아래 끝, 위 끝)``: 요청 ``total``개 가운데 ``succeeded``개가 성공했을 때.

    구간은 Wilson 점수 구간입니다(E. B. Wilson 1927, JASA 22(158) 209–212). 실패가 0개여도
    폭이 0이 되지 않습니다. 요청들이 서로 독립이라고 보므로, 장애 한 번에 몰려서 실패하는
    요청들에는 너무 좁습니다. 그때는 실행을 되풀이해 `mean_interval`을 쓰세요.
    """
    n = check_integer("total", total, 1)
    k = check_integer("succeeded", succeeded, 0, n)
    z, p = _z(confidence), k / n
    center = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if k == 0 else center - half  # 양 끝은 식의 값이 정확히 0과 1입니다
    high = 1.0 if k == n else center + half
    return p, low, high


def count_interval(mean: float, confidence: float = 0.95) -> tuple[int, int]:
    """평균이 ``mean``인 포아송 분포에서 개수가 ``confidence``의 확률로 드는 ``(아래, 위)``.

    ``mean``이 700 이하이면 분포를 더해서, 그보다 크면 정규분포로 어림해서 구합니다.
    """
    mean = check_number("mean", mean, 0)
    tail = (1 - _check_confidence(confidence)) / 2
    if mean > 700:  # exp(-mean)이 0으로 떨어지기 전에 갈아탑니다
        half = _z(confidence) * math.sqrt(mean)
        return math.floor(mean - half), math.ceil(mean + half)
    return _poisson_quantile(mean, tail), _poisson_quantile(mean, 1 - tail)


def mean_interval(values: Iterable[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """``(평균, 아래 끝, 위 끝)``: 서로 독립인 실행 둘 이상의 평균과 정규 근사 구간."""
    data = _check_values("values", values)
    if len(data) < 2:
        raise InvalidValue(
            f"values에 값이 {len(data)}개뿐입니다.", "구간을 구하려면 둘 이상이어야 합니다."
        )
    mean, half = fmean(data), _z(confidence) * stdev(data) / math.sqrt(len(data))
    return mean, mean - half, mean + half


def downtime_minutes(availability: float) -> float:
    """가용성이 이만큼일 때 1년(365일)에 멈추는 시간(분). 0.999면 525.6분입니다."""
    return (1 - check_number("availability", availability, 0, 1)) * MINUTES_PER_YEAR


def nines(availability: float) -> float:
    """9의 개수: 0.99는 2, 0.999는 3. 가용성 1은 무한대입니다."""
    lost = 1 - check_number("availability", availability, 0, 1)
    return math.inf if lost == 0 else -math.log10(lost)


def steady_availability(mttf: float, mttr: float) -> float:
    """고장과 복구를 되풀이하는 구성 요소 하나가 살아 있는 시간의 비율 ``mttf / (mttf + mttr)``.

    두 값의 단위는 같아야 합니다. 수명과 복구 시간의 분포 모양과는 상관이 없습니다.
    """
    check_positive("mttf", mttf)
    return mttf / (mttf + check_number("mttr", mttr, 0))


def mirror_loss(mttf: float, repair: float, duration: float) -> float:
    """미러링한 디스크 두 개가 ``duration`` 안에 함께 사라질 확률. 세 시간의 단위는 같습니다.

    첫 디스크는 비율 ``2/mttf``로 죽고, 다시 복제하는 ``repair`` 동안 나머지도 죽을 확률이
    ``p = 1 - exp(-repair/mttf)``입니다. 그래서 데이터를 잃기까지의 평균은
    ``mttf + mttf/(2p)``이고, 그 시간을 지수분포로 봅니다. ``repair``가 짧으면 잘 알려진
    ``mttf**2 / (2 * repair)``에 가깝습니다.
    """
    check_positive("mttf", mttf)
    check_positive("duration", duration)
    p = -math.expm1(-check_number("repair", repair, 0) / mttf)
    return 0.0 if p == 0 else -math.expm1(-duration / (mttf + mttf / (2 * p)))


def series(availabilities: Iterable[float]) -> float:
    """모두 살아 있어야 하는 시스템의 가용성(직렬). 결함이 서로 독립이라고 봅니다."""
    return math.prod(_check_probabilities(availabilities))


def parallel(availabilities: Iterable[float]) -> float:
    """하나만 살아 있으면 되는 시스템의 가용성(병렬). 결함이 서로 독립이라고 봅니다."""
    return 1 - math.prod(1 - one for one in _check_probabilities(availabilities))


def majority(n: int) -> int:
    """``n``대의 과반."""
    return check_integer("n", n, 1) // 2 + 1


def k_of_n(k: int, n: int, availability: float) -> float:
    """``n``대 가운데 ``k``대 이상 살아 있을 확률(이항분포). 정족수는 흔히 ``k = majority(n)``."""
    n = check_integer("n", n, 1)
    k = check_integer("k", k, 0, n)
    a = check_number("availability", availability, 0, 1)
    terms = (math.comb(n, i) * a**i * (1 - a) ** (n - i) for i in range(k, n + 1))
    return min(1.0, math.fsum(terms))


def _check_values(name: str, values: Iterable[float]) -> list[float]:
    try:
        data = [] if isinstance(values, str) else [float(value) for value in values]
    except (TypeError, ValueError):
        raise InvalidValue(
            f"{name}={values!r}: 숫자로 읽을 수 없습니다.", "숫자의 시퀀스여야 합니다."
        ) from None
    if not data:
        raise InvalidValue(f"{name}가 비어 있습니다.", "값이 하나 이상인 1차원 시퀀스여야 합니다.")
    if not all(map(math.isfinite, data)):
        raise InvalidValue(
            f"{name}에 NaN이나 무한대가 있습니다.",
            "모두 유한한 수여야 합니다.",
            "실패한 요청을 먼저 걸러 내세요.",
        )
    return data


def _check_probabilities(values: Iterable[float]) -> list[float]:
    data = _check_values("availabilities", values)
    return [check_number("availability", value, 0, 1) for value in data]


def _check_confidence(confidence: float) -> float:
    return check_positive("confidence", confidence, below=1)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + _check_confidence(confidence)) / 2)


def _poisson_quantile(mean: float, q: float) -> int:
    k, term = 0, math.exp(-mean)
    total = term
    while total < q:
        k += 1
        term *= mean / k
        total += term
        if term == 0:
            break
    return k
