"""한 사람이 쏟아붓는 동안 다른 사람들이 겪는 응답 시간: 한도가 없을 때와 사람마다 있을 때."""

import http.client
import sys
import time
from collections.abc import Iterator
from functools import partial

from benchmarks.promise import Promise, Unmeasured
from ddialab.blocks.database import Database
from ddialab.blocks.posts import MAX_TEXT
from ddialab.core.errors import MissingCapability
from ddialab.core.metrics import percentile
from ddialab.core.workspace import LOOPBACK, Workspace
from ddialab.experiments.abuse.flooded import BURST, FLOODER, GO, HEAVY, open_held
from ddialab.ops.access import GuardedValkey
from ddialab.service.edge import start
from ddialab.service.front import MOST
from ddialab.service.http import port_of

PEOPLE = 100  # 저마다 한도(BURST)까지 읽는 다른 사람들
WIDE = "가" * MAX_TEXT  # 쏟아붓는 사람이 찾는 글. 한 페이지가 1.5 MB입니다
FASTER = 2  # 사람마다 한도를 두면 p99가 이만큼은 짧아야 합니다
POUR = """
import http.client, sys, threading
def pour():
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
        try:
            while True:
                connection.request("GET", sys.argv[2], headers={"Authorization": sys.argv[3]})
                connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()
for _ in range(5):
    threading.Thread(target=pour).start()
print("started", flush=True)
"""


def promises() -> Iterator[Promise]:
    try:
        quiet, none, each = (
            p99(*case) for case in (("none", False), ("none", True), ("each", True))
        )
    except MissingCapability as missing:
        raise Unmeasured(missing.problem) from None
    told = f"{none * 1e3:.1f} → {each * 1e3:.1f} ms (조용할 때 {quiet * 1e3:.1f} ms)"
    yield Promise(
        "쏟아붓는 동안 다른 사람의 p99", told, f"{FASTER}분의 1 이하", each * FASTER <= none
    )


def p99(mode: str, pouring: bool) -> float:
    """``mode``의 한도를 둔 서버에서 다른 사람들이 겪은 응답 시간의 p99(초)."""
    names = [FLOODER, *(f"reader-{n}" for n in range(PEOPLE))]
    tokens = {name: f"token-of-{name}" for name in names}
    with GuardedValkey() as valkey, Workspace() as home:
        with Database.open(home.folder / "posts.db") as database:
            database.insert_posts([(HEAVY, WIDE)] * MOST)
        (home.folder / GO).touch()
        login = {"port": valkey.port, "password": valkey.passwords["app"]}
        process = start(home, "http.log", open_held, mode=mode, tokens=tokens, **login)
        port = process.wait_until_ready(partial(port_of, process), "게시글 서버가")
        if pouring:
            argv = [sys.executable, "-c", POUR, port, f"/authors/{HEAVY}"]
            pour = home.run([*argv, f"Bearer {tokens[FLOODER]}"], log="pour.log")
            pour.wait_until_ready(lambda: pour.log.read_text() or None, "쏟아붓는 쪽이")
        return percentile([one for name in names[1:] for one in asked(port, tokens[name])], 99)


def asked(port: int, token: str) -> list[float]:
    """``token``의 주인이 글 하나를 한도까지 읽는 데 든 시간들(초)."""
    connection, taken = http.client.HTTPConnection(LOOPBACK, port), []
    for _ in range(BURST):
        before = time.perf_counter()
        connection.request("GET", "/posts/1", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"다른 사람이 {answer.status}을 받았습니다.")
        taken.append(time.perf_counter() - before)
    connection.close()
    return taken
