"""네 가지 기대를 네 가지 확인으로: 서비스 하나를 열어 써 보고, 어긋난 것을 문장으로 돌려줍니다.

서비스는 ``submit(누가, 요청의 번호, 글, 비공개)``, ``read(누가, 게시글의 번호)``,
``page(누가, 누구의)``를 할 수 있으면 무엇이든 됩니다. 어긋난 것이 없으면 빈 리스트입니다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from ddialab.blocks.database import Database
from ddialab.core.engine import seed_of
from ddialab.core.errors import InvalidValue, LabError
from ddialab.service.dataset import writer

SORA, NARAE = "소라", "나래"
FEW, MANY = 60, 600  # 「충분히 빠른가」를 볼 때 한 사람이 올려 둔 글의 수
MORE = 1.5  # 글이 열 배가 되어도 한 페이지에 드는 것은 이만큼까지만 늘 수 있습니다(배)
ODD = ("", "\0", "가\0나", "가" * 100_000, "\ud800", "'; DROP TABLE posts; --", "👩‍👩‍👧‍👦", " ")
QUOTED = "오'하라"  # 이름에 작은따옴표가 든 사람
SLY = "아무도' OR '1'='1"  # 이름인 척하는 SQL

Open = Callable[[Database], Any]


def expected(service: Any, rng: Random) -> list[str]:
    """기대한 기능: 올린 글이 새것부터 그대로 보이고, 지운 글은 보이지 않습니다."""
    write = writer(rng.random)
    posts = [service.submit(SORA, f"글{n}", write()[1]) for n in range(4)]
    gone = posts.pop(rng.randrange(4))
    service.database.mark_deleted(True, "id = ?", (gone.id,))
    wrong = []
    if [service.read(SORA, post.id) for post in posts] != posts:
        wrong.append("올린 글이 그대로 보이지 않습니다.")
    shown = service.page(SORA, SORA)
    if None in shown or gone in shown:
        wrong.append("지운 글의 자리가 남아 있습니다.")
    if [post for post in shown if post] != posts[::-1]:
        wrong.append("새것부터 보이지 않습니다.")
    return wrong


def mistakes(service: Any, rng: Random) -> list[str]:
    """실수와 예상치 못한 사용법: 두 번 눌러도 하나이고, 이상한 글은 그대로 담거나 거절합니다."""
    wrong, text = [], writer(rng.random)()[1]
    first, again = (service.submit(SORA, "한 번", text) for _ in range(2))
    if first.id != again.id:
        wrong.append("「올리기」를 두 번 눌렀더니 게시글이 두 개입니다.")
    if service.submit(SORA, "일부러 또", text).id == first.id:
        wrong.append("같은 글을 일부러 또 올렸더니 버렸습니다.")
    odd = rng.sample(ODD, len(ODD))
    for number, one in enumerate(odd):
        try:
            if service.read(SORA, service.submit(SORA, f"이상한 {number}", one).id).text != one:
                wrong.append(f"{one[:10]!r}가 다르게 담겼습니다.")
        except InvalidValue:
            pass  # 까닭을 말하고 거절하는 것도 답입니다
    service.submit(QUOTED, "이름", text)
    if not any(_asked(lambda: service.page(QUOTED, QUOTED))):
        wrong.append(f"{QUOTED}의 글이 {QUOTED}에게 보이지 않습니다.")
    return wrong


def fast(service: Any, rng: Random) -> list[str]:
    """예상한 데이터에서 충분히 빠른가: 글이 열 배가 되어도 한 페이지에 드는 것은 그대로입니다."""
    costs = page_costs(service, rng)
    if costs[MANY] <= MORE * costs[FEW]:
        return []
    return [f"글이 {FEW}건에서 {MANY}건이 되자 드는 것이 {costs[FEW]}에서 {costs[MANY]}이 됩니다."]


def closed(service: Any, rng: Random) -> list[str]:
    """허가받지 않은 접근: 남의 비공개 글은 번호를 알아도, 이름을 꾸며도 볼 수 없습니다."""
    secret = service.submit(SORA, "비밀", writer(rng.random)()[1], True)
    wrong = []
    if service.read(SORA, secret.id) is None:
        wrong.append("자기 비공개 글도 볼 수 없습니다.")
    if service.read(NARAE, secret.id) is not None:
        wrong.append("번호만 바꾸면 남의 비공개 글이 보입니다.")
    for author in (SORA, SLY):
        if secret in _asked(lambda name=author: service.page(NARAE, name)):
            wrong.append(f"{author!r}의 글을 달라고 하면 남의 비공개 글이 보입니다.")
    return wrong


EXPECTATIONS = {
    "기대한 기능": expected,
    "실수와 예상치 못한 사용법": mistakes,
    "예상한 데이터에서 충분히 빠름": fast,
    "허가받지 않은 접근": closed,
}


def verdicts(open_service: Open, seed: int) -> dict[str, list[str]]:
    """기대마다, 새로 연 서비스에서 어긋난 것들."""
    found = {}
    for name, check in EXPECTATIONS.items():
        with Database.open(":memory:") as database:
            found[name] = check(open_service(database), Random(seed_of(seed, name)))
    return found


def page_costs(service: Any, rng: Random) -> dict[int, int]:
    """글이 `FEW`건, `MANY`건일 때 한 페이지를 여는 데 보낸 문장과 받은 행의 수."""
    write, costs, made = writer(rng.random), {}, 0
    for count in (FEW, MANY):
        rows = [(SORA, write()[1]) for _ in range(count - made)]
        service.database.insert_posts(rows)
        made = count
        with counting(service.database.connection) as seen:
            service.page(NARAE, SORA)
        costs[count] = seen[0]
    return costs


@contextmanager
def counting(connection: Any) -> Iterator[list[int]]:
    """``with`` 안에서 보낸 문장과 받은 행의 수를 셉니다. 시계로 재면 컴퓨터마다 다릅니다."""
    seen, run = [0], connection.run

    def counted(sql: str, parameters: tuple = ()) -> tuple[list[tuple], int]:
        rows, changed = run(sql, parameters)
        seen[0] += 1 + len(rows)
        return rows, changed

    connection.run = counted
    try:
        yield seen
    finally:
        del connection.run  # 본래의 것은 클래스에 있습니다


def _asked(ask: Callable[[], list]) -> list:
    """``ask()``의 답. 거절했으면 비었습니다."""
    try:
        return ask()
    except LabError:
        return []
