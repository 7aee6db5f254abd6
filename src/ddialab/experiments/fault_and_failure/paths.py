"""요청의 길: 기능마다 어느 부품을 어떤 차례로 지나나.

길은 제너레이터입니다. ``yield 부품``은 그 부품에 일을 맡기는 것이고, 돌려받는 값은 답을 받았는지
입니다. 누가 답하는지는 길이 모릅니다. 장면에서는 가상 시계 위의 부품이 줄을 세웠다가 답하고,
`works`에서는 켜져 있는지만 보고 곧바로 답합니다.
"""

from __future__ import annotations

from collections.abc import Iterator

from ddialab.core.errors import check_choice, check_integer

BALANCER, API, CACHE, DB, REPLICA = "lb", "api", "cache", "db", "replica"
INDEX, LOG, WORKER = "index", "log", "worker"
ROLES = (BALANCER, API, CACHE, DB, REPLICA, INDEX, LOG, WORKER)
READ, WRITE, SEARCH, HOME = "read", "write", "search", "home"
FUNCTIONS = {READ: "읽기", WRITE: "쓰기", SEARCH: "검색", HOME: "홈"}
PULLS = 2  # 홈을 캐시 없이 만들 때의 쿼리: 누구를 팔로우하는지, 그들의 최근 글

Has = dict  # {역할: 그 일을 하는 부품들의 이름}. 여럿이면 하나만 답해도 됩니다
Path = Iterator[str]


def any_of(names: tuple) -> Path:
    """하나라도 답하면 됩니다(병렬). 차례로 맡겨 봅니다."""
    for name in names:
        if (yield name):
            return True
    return False


def all_of(names: tuple) -> Path:
    """모두 답해야 합니다(직렬)."""
    for name in names:
        if not (yield name):
            return False
    return True


def read(has: Has, hit: bool) -> Path:
    """게시글 읽기: 캐시에 있으면 그것을, 없으면 복제본이나 DB에서."""
    if (yield from any_of(has[CACHE])) and hit:
        return True
    return (yield from any_of(has[REPLICA] + has[DB]))


def write(has: Has, hit: bool) -> Path:
    """글쓰기: DB에 쓰고 로그에 적어야 「올렸습니다」라고 답합니다."""
    return (yield from any_of(has[DB])) and (yield from any_of(has[LOG]))


def search(has: Has, hit: bool) -> Path:
    """검색: 색인이 답합니다."""
    return (yield from any_of(has[INDEX]))


def home(has: Has, hit: bool) -> Path:
    """홈 타임라인: 캐시에 만들어 둔 것을, 없으면 그 자리에서 만듭니다."""
    if (yield from any_of(has[CACHE])):
        return True
    for _ in range(PULLS):
        if not (yield from any_of(has[REPLICA] + has[DB])):
            return False
    return True


PATHS = {READ: read, WRITE: write, SEARCH: search, HOME: home}


def request(has: Has, function: str, hit: bool = False) -> Path:
    """요청 하나: 로드 밸런서와 API 서버를 지나 기능의 길로."""
    front = (yield from any_of(has[BALANCER])) and (yield from any_of(has[API]))
    return front and (yield from PATHS[function](has, hit))


def works(path: Path, down: tuple = ()) -> bool:
    """``down``이 꺼져 있을 때 이 길의 끝까지 갈 수 있나. 시간은 보지 않습니다."""
    answer = None
    while True:
        try:
            name = path.send(answer)
        except StopIteration as end:
            return bool(end.value)
        answer = name not in down


def installed(counts: dict | None = None) -> Has:
    """역할마다 부품을 ``counts``개 둡니다. 적지 않은 것은 하나이고, 복제본은 없어도 됩니다."""
    counts = counts or {}
    for role, many in counts.items():
        check_choice("역할", role, ROLES)
        check_integer(role, many, 0 if role == REPLICA else 1)
    return {role: tuple([f"{role}{n + 1}" for n in range(counts.get(role, 1))]) for role in ROLES}


def parts_of(has: Has) -> tuple:
    """모든 부품의 이름."""
    return tuple([name for names in has.values() for name in names])


def single_points(has: Has, function: str) -> tuple:
    """그것 하나만 꺼져도 ``function``이 안 되는 부품들: 단일 장애 지점."""
    check_choice("function", function, FUNCTIONS)
    return tuple([one for one in parts_of(has) if not works(request(has, function), (one,))])
