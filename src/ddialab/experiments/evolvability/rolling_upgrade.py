"""롤링 업그레이드: 복제본을 하나씩 새 버전으로 바꾸는 동안, 두 버전이 같은 게시글을 읽고 고칩니다.

게시글은 `Documents`에 한 건씩 들어 있고, 어느 버전의 복제본이든 읽고 고칠 수 있습니다. 두 버전이
필드를 어떻게 다루는지는 `ddialab.experiments.evolvability.versions`에 있습니다.

클러스터, 부하, 재부팅은 `ddialab.cluster.model`의 것이고 시계만 가상입니다. 쓰고 읽는 일은 진짜
데이터베이스와 진짜 `Codec`이 합니다.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from ddialab.blocks.database import Database
from ddialab.cluster.simulation import Run, simulate
from ddialab.cluster.spec import Spec
from ddialab.core.engine import seed_of
from ddialab.core.errors import check_integer, check_number
from ddialab.core.events import REPLY, UP
from ddialab.experiments.evolvability.documents import Documents
from ddialab.experiments.evolvability.versions import NEW, OLD, VersionedPosts
from ddialab.ops.schema import POSTS, Codec
from ddialab.service.posts import PostService
from ddialab.stress.crowd import AUTHOR, Crowd, Traffic
from ddialab.stress.faults import reboots
from ddialab.stress.load import Poisson

SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)  # 섞인 채 지낼 때 새 버전의 비율


@dataclass
class TagLedger:
    """태그의 장부: 게시글마다 {번호: 시각}을 기록합니다.

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


class Taggers(Crowd):
    """태그를 달아 글을 쓰는 클라이언트들. 요청의 번호가 새 게시글의 번호가 됩니다.

    고칠 때마다 태그가 아직 있는지 ``has_tags(번호)``로 봅니다.
    """

    def __init__(self, traffic: Traffic, random: Random, has_tags: Callable[[int], bool]):
        super().__init__(random, traffic.draw)
        self.ledger, self._has_tags = TagLedger(refused=self.failures), has_tags

    def publish(self, service: PostService, text: str, id: int) -> bool:
        post = service.publish(AUTHOR, text, id=id, tags=["맛집"])
        self.texts[id], self.ledger.published[id] = text, self.now
        if post.get("tags"):
            self.ledger.tagged[id] = self.now
        return True

    def edit(self, service: PostService, id: int, text: str) -> bool:
        done, ledger = super().edit(service, id, text), self.ledger
        if done and id in ledger.tagged and id not in ledger.lost and not self._has_tags(id):
            ledger.lost[id] = self.now
        return done


@dataclass(frozen=True)
class Upgrade:
    """롤링 업그레이드 한 번의 결과. ``upgraded``는 {복제본: 새 버전으로 뜬 시각(초)}입니다."""

    run: Run
    upgraded: dict[str, float]
    ledger: TagLedger

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
        site = _Site(Documents(database), traffic or Traffic(), random, way, format)
        site.serve(run, upgraded)
    return Upgrade(run, upgraded, site.clients.ledger)


def quick_upgrade(way: str, seed: int, *, format: str = "json") -> Upgrade:
    """여러 번 되풀이하는 짧은 배포. 복제본과 요청이 적은 대신 고치기가 잦습니다."""
    traffic = Traffic(publish=0.3, edit=0.6)
    return rolling_upgrade(way, seed, nodes=5, rate=20.0, gap=2.0, traffic=traffic, format=format)


class _Site:
    """두 버전의 서비스와 그 클라이언트들."""

    def __init__(self, documents, traffic: Traffic, random: Random, way: str, format: str):
        def codec(version, unknown):
            return Codec(POSTS, version, format, unknown)

        old, self.posts = (VersionedPosts(documents, v, way, codec) for v in (OLD, NEW))
        self.old, self.new, self.way = PostService(old), PostService(self.posts), way
        judge = VersionedPosts(documents, NEW, "preserve", codec)  # 새 버전의 눈으로 봅니다
        self.clients = Taggers(traffic, random, lambda id: bool(judge.post(id)["tags"]))

    def serve(self, run: Run, upgraded: dict[str, float]) -> None:
        """클러스터가 답한 요청을 차례로, 그때 그 복제본의 버전으로 처리합니다."""
        complete = len(upgraded) == len(run.spec.nodes)
        everyone = max(upgraded.values()) if complete else math.inf
        for event in run.log.of_kind(REPLY):
            if self.way == "wait" and event.time >= everyone:
                self.posts.tagging = True
            fresh = event.time >= upgraded.get(event.node, math.inf)
            self.clients.request(self.new if fresh else self.old, event.time, event.request)


def mixed_fleet(
    share: float,
    way: str,
    seed: int,
    *,
    posts: int = 60,
    traffic: Traffic | None = None,
    format: str = "json",
) -> TagLedger:
    """새 버전의 비율이 ``share``에 멈춰 선 채 게시글 ``posts``건이 다 식을 때까지 돌립니다.

    요청마다 복제본을 아무렇게나 고르므로 새 버전이 받을 확률이 ``share``입니다. 식은
    게시글이란 「갓 쓴 글」로 머무는 동안을 다 지난 것이며, 그것만 셉니다. 시각 자리에는 요청의
    순서를 기록합니다.
    """
    check_number("share", share, 0, 1)
    traffic, random = traffic or Traffic(), Random(seed_of(check_integer("seed", seed), "섞인 판"))
    needed = check_integer("posts", posts, 1) + 2 * traffic.recent
    with Database.open(":memory:") as database:
        site = _Site(Documents(database), traffic, random, way, format)
        while len(site.clients.ledger.published) < needed:
            service = site.new if random.random() < share else site.old
            number = site.clients.requests
            site.clients.request(service, float(number), number)
    return _settled(site.clients.ledger, traffic.recent)


def _settled(ledger: TagLedger, recent: int) -> TagLedger:
    """처음과 끝의 ``recent``건을 뺀 장부: 그 게시글들은 고칠 기회가 남들보다 많거나 적었습니다."""
    kept = set(list(ledger.published)[recent:-recent])
    parts = (ledger.published, ledger.tagged, ledger.lost)
    published, tagged, lost = ({id: t for id, t in part.items() if id in kept} for part in parts)
    return TagLedger(published, tagged, lost, ledger.refused)


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
