"""데이터셋: 시드 하나에서 늘 똑같이 나오는 한국어 게시글들.

작성자도 이야깃거리도 인기에 쏠려 있고(지프 분포), 해시태그는 글 속에 있습니다. 문장은 작은 문법이
만듭니다: 때, 곳, 한 일, 덧붙이는 말. 조사는 앞말의 받침을 봅니다.
뽑는 함수(`writer`)는 책의 페이지 안에서도 그대로 돕니다.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ddialab.core.engine import rounded, seed_of
from ddialab.core.errors import check_integer

POSTS = 100_000
DAYS = 365  # 게시글이 쌓인 날수
SKEW = 1.0  # 작성자와 이야깃거리가 인기에 쏠린 정도(지프 분포의 지수)
TAGGED, TWICE = 0.7, 0.2  # 해시태그를 다는 글의 비율, 그 가운데 하나 더 다는 비율
PLACED, DATED = 0.6, 0.5  # 곳과 때를 말하는 글의 비율

# 해시태그마다 (이야깃거리, 한 일). 인기 있는 것이 앞에 있습니다
TOPICS = (
    ("점심", ("김치찌개", "제육볶음", "비빔밥", "냉면", "칼국수", "돈가스"), ("먹었다", "골랐다")),
    ("커피", ("아메리카노", "라떼", "드립 커피", "녹차", "유자차"), ("마셨다", "시켰다")),
    ("퇴근", ("버스", "지하철", "막차", "택시"), ("기다렸다", "놓쳤다", "탔다")),
    ("고양이", ("고양이", "새끼 고양이", "옆집 고양이"), ("만났다", "찍었다", "불렀다")),
    ("개발", ("로그", "쿼리", "캐시", "색인", "배포"), ("고쳤다", "들여다봤다", "미뤘다")),
    ("산책", ("공원", "강변", "골목길", "뒷산"), ("걸었다", "한 바퀴 돌았다")),
    ("독서", ("소설", "시집", "만화책", "여행기"), ("읽었다", "빌렸다", "다 읽었다")),
    ("운동", ("달리기", "수영", "요가", "팔굽혀펴기"), ("했다", "시작했다", "빼먹었다")),
    ("영화", ("공포 영화", "옛날 영화", "만화 영화"), ("봤다", "예매했다")),
    ("요리", ("된장국", "김밥", "떡볶이", "계란말이"), ("만들었다", "태웠다", "나눠 먹었다")),
    ("음악", ("새 앨범", "기타", "옛 노래", "피아노"), ("들었다", "연습했다")),
    ("날씨", ("소나기", "첫눈", "무지개", "안개"), ("만났다", "한참 봤다")),
    ("게임", ("바둑", "퍼즐", "오목"), ("뒀다", "다시 시작했다")),
    ("공부", ("영어", "통계", "자료구조"), ("복습했다", "벼락치기했다")),
    ("여행", ("바다", "온천", "시골 마을"), ("보고 왔다", "떠올렸다")),
    ("식물", ("몬스테라", "다육이", "상추"), ("옮겨 심었다", "돌봤다")),
)
MORE_TAGS = ("일상", "오늘", "추천", "기록", "주말")
TIMES = ("오늘", "어제", "아침에", "저녁에", "주말에", "방금", "오랜만에", "비 오는 날")
PLACES = ("회사 앞", "집 근처", "학교 앞", "역 앞", "동네", "시장 옆", "친구네")
REMARKS = (
    "생각보다 괜찮았다.", "다음에 또 해야지.", "조금 피곤하다.", "기분이 좋다.",
    "역시 이거다.", "시간 가는 줄 몰랐다.", "다들 어떻게 하는지 궁금하다.", "오래 기억날 것 같다.",
)  # fmt: skip
MOODS = ("느긋한", "졸린", "씩씩한", "조용한", "배고픈", "수줍은", "부지런한", "엉뚱한")
ANIMALS = ("고래", "여우", "수달", "참새", "두루미", "다람쥐", "거북이", "너구리")
NUMBERS = 16  # 별명마다 붙는 번호의 수. 작성자는 모두 8 × 8 × 16명입니다

Pick = Callable[[], int]
Uniform = Callable[[], float]


class Written(NamedTuple):
    """게시글 하나: 번호(1부터), 작성자, 글, 올린 날(0부터 `DAYS` 앞까지)."""

    id: int
    author: str
    text: str
    day: int


def dataset(count: int = POSTS, seed: int = 0) -> Iterator[Written]:
    """게시글 ``count``건을 번호와 날짜의 차례로. 같은 시드면 글자까지 같습니다.

    시드가 같으면 ``dataset(10)``의 글은 ``dataset(20)``의 앞 열 건과 같습니다. 날짜는 ``count``건이
    `DAYS`일에 고르게 퍼지도록 나눕니다.
    """
    check_integer("count", count, 0)
    write = writer(random.Random(seed_of(check_integer("seed", seed), "게시글")).random)
    for n in range(count):
        author, text = write()
        yield Written(n + 1, author, text, n * DAYS // count)


def writer(uniform: Uniform) -> Callable[[], tuple[str, str]]:
    """부를 때마다 (작성자, 글) 하나를 짓는 함수. ``uniform()``은 [0, 1)의 수를 뽑습니다."""
    author = ranked(len(MOODS) * len(ANIMALS) * NUMBERS, uniform)
    topic = ranked(len(TOPICS), uniform)

    def write() -> tuple[str, str]:
        tag, things, verbs = TOPICS[topic()]
        return nickname(author()), sentence(tag, things, verbs, uniform)

    return write


def ranked(keys: int, uniform: Uniform) -> Pick:
    """부를 때마다 순위(0부터) 하나를 지프 분포로 뽑는 함수. 절반씩 좁혀 찾으므로 빠릅니다."""
    ends, total = [], 0.0
    for rank in range(1, keys + 1):
        total += rounded(rank**-SKEW)
        ends.append(total)

    def pick() -> int:
        goal, low, high = uniform() * total, 0, keys - 1
        while low < high:
            middle = (low + high) // 2
            if goal < ends[middle]:
                high = middle
            else:
                low = middle + 1
        return low

    return pick


def share(word: str) -> float:
    """``word``가 든 글의 비율(기댓값). 조사와 빈칸이 없는 말이면 문법을 따라 정확히 셉니다."""
    weights = [(rank + 1) ** -SKEW for rank in range(len(TOPICS))]
    missing = [
        weight * _missing(word, *topic) for weight, topic in zip(weights, TOPICS, strict=True)
    ]
    return 1 - math.fsum(missing) / math.fsum(weights)


def _missing(word: str, tag: str, things: Sequence[str], verbs: Sequence[str]) -> float:
    """이야깃거리가 정해졌을 때 글에 ``word``가 없을 확률. 글의 토막들은 서로 독립입니다."""
    said = (1 - DATED * _part(word, TIMES)) * (1 - PLACED * _part(word, PLACES))
    said *= (1 - _part(word, things)) * (1 - _part(word, verbs)) * (1 - _part(word, REMARKS))
    tagged = TAGGED * (word not in tag) * (1 - TWICE * _part(word, MORE_TAGS))
    return said * (1 - TAGGED + tagged)


def _part(word: str, choices: Sequence[str]) -> float:
    return sum(word in choice for choice in choices) / len(choices)


def nickname(rank: int) -> str:
    """인기 순위가 ``rank``인 작성자의 별명."""
    number, rest = rank // (len(MOODS) * len(ANIMALS)), rank % (len(MOODS) * len(ANIMALS))
    return f"{MOODS[rest % len(MOODS)]}{ANIMALS[rest // len(MOODS)]}{number + 1}"


def sentence(tag: str, things: Sequence[str], verbs: Sequence[str], uniform: Uniform) -> str:
    """글 하나: 때와 곳(있으면), 한 일, 덧붙이는 말, 해시태그."""
    when = f"{_one(TIMES, uniform)} " if uniform() < DATED else ""
    where = f"{_one(PLACES, uniform)}에서 " if uniform() < PLACED else ""
    did = f"{with_particle(_one(things, uniform))} {_one(verbs, uniform)}."
    tags = [tag] if uniform() < TAGGED else []
    if tags and uniform() < TWICE:
        tags.append(_one(MORE_TAGS, uniform))
    return " ".join([f"{when}{where}{did}", _one(REMARKS, uniform), *(f"#{one}" for one in tags)])


def with_particle(word: str) -> str:
    """``word``에 조사 「을」이나 「를」을 받침대로 붙입니다."""
    return word + ("을" if (ord(word[-1]) - ord("가")) % 28 else "를")


def _one(choices: Sequence[str], uniform: Uniform) -> str:
    return choices[int(uniform() * len(choices))]
