"""롤링 업그레이드: 복제본을 하나씩 새 버전으로 바꾸는 동안, 두 버전이 같은 게시글을 읽고 고칩니다.

게시글은 `Documents`에 한 건씩 들어 있고, 어느 버전의 복제본이든 읽고 고칠 수 있습니다. 새 버전(2)은
게시글에 태그를 달지만 옛 버전(1)은 태그를 모릅니다. 옛 버전이 새 게시글을 고쳐 쓸 때 어떻게
하는지가 `WAYS`입니다.

클러스터, 부하, 재부팅은 `ddialab.cluster.model`의 것이고 시계만 가상입니다. 쓰고 읽는 일은 진짜
데이터베이스와 진짜 `Codec`이 합니다.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from ddialab.blocks.database import Database
from ddialab.cluster.simulation import Run, simulate
from ddialab.cluster.spec import Spec
from ddialab.core.engine import seed_of
from ddialab.core.errors import InvalidValue, check_choice, check_integer, check_number
from ddialab.core.events import REPLY, UP
from ddialab.ops.schema import POSTS, Codec, LossyDowngrade
from ddialab.stress.faults import reboots
from ddialab.stress.load import Poisson

OLD, NEW = 1, 2  # 두 버전
WAYS = ("drop", "refuse", "preserve", "wait")
WAY_NAMES = {"drop": "버림", "refuse": "거절", "preserve": "지킴", "wait": "기다림"}
UNKNOWN_OF = {"drop": "drop", "refuse": "refuse", "preserve": "preserve", "wait": "drop"}
SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)  # 섞인 채 지낼 때 새 버전의 비율


@dataclass(frozen=True)
class Traffic:
    """요청의 모양: 쓰기와 고치기의 비율. 나머지는 읽기입니다.

    고치기는 갓 쓴 게시글 ``recent``건 가운데 하나를 고릅니다. 글을 올리고 곧 오타를 고치는 것과
    같습니다.
    """

    publish: float = 0.3
    edit: float = 0.3
    recent: int = 10

    def __post_init__(self):
        for name in ("publish", "edit"):
            if not 0 < check_number(name, getattr(self, name), 0, 1) < 1:
                raise InvalidValue(f"{name}={getattr(self, name)!r}", "0과 1 사이의 수여야 합니다.")
        check_number("publish + edit", self.publish + self.edit, 0, 1)
        check_integer("recent", self.recent, 1)

    def operation(self, random: Random) -> str:
        """요청 하나가 무엇인지: publish, edit, read 가운데 하나."""
        point = random.random()
        if point < self.publish:
            return "publish"
        return "edit" if point < self.publish + self.edit else "read"


class Documents:
    """번호마다 바이트 하나: 버전이 다른 프로그램들의 공용 테이블. 고치기는 원자적입니다."""

    def __init__(self, database: Database):
        self._run = database._run
        # SQLite는 모르는 타입 이름도 받아 바이트를 그대로 담습니다
        self._run("CREATE TABLE IF NOT EXISTS documents (id BIGINT PRIMARY KEY, body BYTEA)")

    def insert(self, id: int, body: bytes) -> None:
        """새로 씁니다. 같은 요청이 두 번 와도 한 건입니다."""
        sql = "INSERT INTO documents (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
        self._run(sql, (id, body))

    def get(self, id: int) -> bytes:
        """``id``의 바이트. 없으면 `InvalidValue`."""
        rows, _ = self._run("SELECT body FROM documents WHERE id = ?", (id,))
        if not rows:
            raise InvalidValue(f"id={id}: 없는 게시글입니다.", "이미 쓴 게시글의 번호여야 합니다.")
        return bytes(rows[0][0])

    def change(self, id: int, rewrite: Callable[[bytes], bytes]) -> None:
        """읽고 고쳐 씁니다. 그사이 남이 고쳤으면 처음부터 다시 합니다(compare-and-set)."""
        changed = 0
        while not changed:
            before = self.get(id)
            sql = "UPDATE documents SET body = ? WHERE id = ? AND body = ?"
            _, changed = self._run(sql, (rewrite(before), id, before))


class Node:
    """게시글 서비스의 복제본 하나. ``version``버전의 프로그램이 실행됩니다.

    ``way``는 `WAYS` 가운데 하나입니다. ``tagging``이 거짓이면 새 버전도 아직 태그를 쓰지 않습니다.
    """

    def __init__(self, documents: Documents, version: int, way: str, format: str = "json"):
        unknown = UNKNOWN_OF[check_choice("way", way, WAYS)]
        self.documents, self.version = documents, version
        self.codec = Codec(POSTS, version, format, unknown)
        # 아직 태그를 쓰지 않는 새 버전은 옛 버전의 모양으로 씁니다
        self._plain = Codec(POSTS, OLD, format, unknown)
        self.tagging = version == NEW and way != "wait"

    def publish(self, id: int, author: str, text: str, tags: Sequence[str] = ()) -> bool:
        """새 글을 씁니다. 태그까지 썼는지 돌려줍니다."""
        values = {"id": id, "author": author, "text": text}
        if self.tagging:
            self.documents.insert(id, self.codec.encode(values | {"tags": list(tags)}))
        else:
            self.documents.insert(id, self._plain.encode(values))
        return self.tagging

    def edit(self, id: int, text: str) -> None:
        """게시글의 내용만 고칩니다. 태그는 건드릴 생각이 없습니다."""
        self.documents.change(id, lambda body: self.codec.rewrite(body, text=text))

    def read(self, id: int) -> dict:
        return self.codec.decode(self.documents.get(id)).values


@dataclass
class Ledger:
    """클라이언트의 장부: 게시글마다 {번호: 시각}을 기록합니다.

    ``published``는 썼다는 답을, ``tagged``는 태그까지 달았다는 답을 받은 게시글입니다. ``lost``는
    그 태그가 사라진 게시글, ``refused``는 거절당한 고치기의 시각들입니다.
    """

    published: dict[int, float] = field(default_factory=dict)
    tagged: dict[int, float] = field(default_factory=dict)
    lost: dict[int, float] = field(default_factory=dict)
    refused: list[float] = field(default_factory=list)

    @property
    def lost_share(self) -> float:
        """쓴 게시글 가운데 태그를 잃은 것의 비율."""
        return len(self.lost) / len(self.published) if self.published else 0.0


class Clients:
    """요청을 하나씩 만들어 복제본에 보내고, 답을 장부에 기록합니다."""

    def __init__(self, documents: Documents, traffic: Traffic, random: Random, format: str):
        self.documents, self.traffic, self.random = documents, traffic, random
        self._judge = Codec(POSTS, NEW, format)
        self.ledger = Ledger()
        self._ids: list[int] = []

    def request(self, node: Node, number: int, now: float) -> bool:
        """요청 하나. 성공했는지 돌려줍니다. ``number``가 새 게시글의 번호가 됩니다."""
        kind = self.traffic.operation(self.random)
        if kind == "publish" or not self._ids:
            self._publish(node, number, now)
            return True
        recent = self._ids[-self.traffic.recent :]
        id = recent[self.random.randrange(len(recent))]
        if kind == "read":
            node.read(id)
            return True
        return self._edit(node, id, number, now)

    def _publish(self, node: Node, number: int, now: float) -> None:
        tagged = node.publish(number, "소라", f"글 {number}", ["맛집"])
        self._ids.append(number)
        self.ledger.published[number] = now
        if tagged:
            self.ledger.tagged[number] = now

    def _edit(self, node: Node, id: int, number: int, now: float) -> bool:
        try:
            node.edit(id, f"고친 글 {number}")
        except LossyDowngrade:
            self.ledger.refused.append(now)
            return False
        ledger = self.ledger
        if id in ledger.tagged and id not in ledger.lost and not self._has_tags(id):
            ledger.lost[id] = now
        return True

    def _has_tags(self, id: int) -> bool:
        """새 버전의 눈으로 저장된 게시글을 봅니다."""
        return bool(self._judge.decode(self.documents.get(id)).values["tags"])


@dataclass(frozen=True)
class Upgrade:
    """롤링 업그레이드 한 번의 결과. ``upgraded``는 {복제본: 새 버전으로 뜬 시각(초)}입니다."""

    run: Run
    upgraded: dict[str, float]
    ledger: Ledger

    @property
    def failed(self) -> int:
        """실패한 요청: 클러스터가 실패한 것과, 복제본이 거절한 것."""
        return self.run.failed + len(self.ledger.refused)


def rolling_upgrade(
    way: str,
    seed: int,
    *,
    nodes: int = 6,
    rate: float = 30.0,
    gap: float = 7.0,
    traffic: Traffic | None = None,
    format: str = "json",
) -> Upgrade:
    """``nodes``대를 ``gap``초마다 하나씩 비우고 새 버전으로 다시 켭니다. 요청은 초당 ``rate``건.

    요청마다 어느 복제본이 언제 답했는지는 클러스터의 시뮬레이션이 정하고, 그 순서대로 진짜
    데이터베이스에 쓰고 읽습니다. 같은 ``seed``면 같은 결과입니다.
    """
    duration = check_number("gap", gap, 0.1) * (check_integer("nodes", nodes, 2, 50) + 2)
    spec = Spec(Poisson(rate), racks=("A",) * nodes, duration=duration, service=0.02, retries=2)
    plan = reboots(spec.nodes, gap, gap / 3, gap)
    run = simulate(spec, plan, seed)
    upgraded = {event.node: event.time for event in run.log.of_kind(UP)}
    random = Random(seed_of(seed, "업그레이드"))
    with Database.open(":memory:") as database:
        clients = Clients(Documents(database), traffic or Traffic(), random, format)
        _serve(run, upgraded, clients, way, format)
    return Upgrade(run, upgraded, clients.ledger)


def quick_upgrade(way: str, seed: int, *, format: str = "json") -> Upgrade:
    """여러 번 되풀이하는 짧은 배포. 복제본과 요청이 적은 대신 고치기가 잦습니다."""
    traffic = Traffic(publish=0.3, edit=0.6)
    return rolling_upgrade(way, seed, nodes=5, rate=20.0, gap=2.0, traffic=traffic, format=format)


def _serve(run: Run, upgraded: dict[str, float], clients: Clients, way: str, format: str) -> None:
    """클러스터가 답한 요청을 차례로, 그때 그 복제본의 버전으로 처리합니다."""
    old, new = (Node(clients.documents, version, way, format) for version in (OLD, NEW))
    everyone = max(upgraded.values(), default=math.inf)
    if len(upgraded) < len(run.spec.nodes):
        everyone = math.inf
    for event in run.log.of_kind(REPLY):
        if way == "wait" and event.time >= everyone:
            new.tagging = True
        node = new if event.time >= upgraded.get(event.node, math.inf) else old
        clients.request(node, event.request, event.time)


def mixed_fleet(
    share: float,
    way: str,
    seed: int,
    *,
    posts: int = 60,
    traffic: Traffic | None = None,
    format: str = "json",
) -> Ledger:
    """새 버전의 비율이 ``share``에 멈춰 선 채 게시글 ``posts``건이 다 식을 때까지 돌립니다.

    요청마다 복제본을 아무렇게나 고르므로 새 버전이 받을 확률이 ``share``입니다. 식은
    게시글이란 「갓 쓴 글」로 머무는 동안을 다 지난 것이며, 그것만 셉니다. 시각 자리에는 요청의
    순서를 기록합니다.
    """
    check_number("share", share, 0, 1)
    traffic, random = traffic or Traffic(), Random(seed_of(check_integer("seed", seed), "섞인 판"))
    needed = check_integer("posts", posts, 1) + 2 * traffic.recent
    with Database.open(":memory:") as database:
        clients = Clients(Documents(database), traffic, random, format)
        old, new = (Node(clients.documents, version, way, format) for version in (OLD, NEW))
        number = 0
        while len(clients.ledger.published) < needed:
            clients.request(new if random.random() < share else old, number, float(number))
            number += 1
    return _settled(clients.ledger, traffic.recent)


def _settled(ledger: Ledger, recent: int) -> Ledger:
    """처음과 끝의 ``recent``건을 뺀 장부: 그 게시글들은 고칠 기회가 남들보다 많거나 적었습니다."""
    kept = set(list(ledger.published)[recent:-recent])
    parts = (ledger.published, ledger.tagged, ledger.lost)
    published, tagged, lost = ({id: t for id, t in part.items() if id in kept} for part in parts)
    return Ledger(published, tagged, lost, ledger.refused)


def expected_lost_share(share: float, traffic: Traffic | None = None) -> float:
    """새 버전의 비율이 ``share``일 때, 쓴 게시글 가운데 태그를 잃을 것의 비율(``drop``).

    게시글이 새 버전으로 쓰여 태그를 달 확률이 s입니다. 그것이 「갓 쓴 글」로 머무는 동안 새 글이
    W건 들어오고, 그사이에 옛 버전의 고치기를 만나지 않을 확률은 ``(1 + m(1-s)/W)**-W``입니다
    (m은 하나가 받는 고치기의 평균 = edit / publish). W가 크면 ``exp(-m(1-s))``에 가깝습니다.
    """
    traffic = traffic or Traffic()
    edits = traffic.edit / traffic.publish
    harm = edits * (1 - check_number("share", share, 0, 1))
    return share * (1 - (1 + harm / traffic.recent) ** -traffic.recent)
