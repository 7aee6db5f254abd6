"""복구 훈련: 가상 시계 위에서 사고를 내고, 세 가지 방법으로 복구해 잃은 쓰기와 걸린 시간을 셉니다.

쓰기, 스냅샷, 로그, 복구는 모두 진짜 코드입니다. 가짜는 시계뿐입니다: 발견이 늦어지는 시간과 큰
데이터를 옮기는 시간을 기다리지 않으려는 것입니다.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from ddialab.blocks.database import Database
from ddialab.blocks.log import Log
from ddialab.blocks.posts import Posts
from ddialab.core.errors import check_choice, check_integer, check_number, check_positive
from ddialab.core.workspace import Workspace
from ddialab.experiments.human_errors import SEEDS
from ddialab.ops.recovery import restore, statements
from ddialab.service.posts import PostService
from ddialab.stress.crowd import Crowd, audit

INTERVALS = (15, 60, 120, 180)  # 분: 스냅샷을 뜨는 간격
NOTICED = 10  # 분: 알아챌 때까지의 시간. 하나만 볼 때
DETECTIONS = (2, NOTICED, 30)
FIRST_POSTS = 20  # 사고 전 스냅샷에 든 게시글의 수
RECOVERIES = ("snapshot", "cut", "skip")
RECOVERY_NAMES = {
    "snapshot": "스냅샷만",
    "cut": "로그를 실수 앞까지",
    "skip": "로그에서 실수만 건너뛰기",
}


@dataclass(frozen=True)
class Policy:
    """운영 정책과 사고의 크기. 시간의 단위는 분입니다.

    ``snapshot_every``마다 스냅샷을 뜨고, 사고는 ``detected_after`` 뒤에 알아챕니다.
    ``data_gb``를 ``copy_gb_per_minute``의 속도로 옮기고, 로그는 쌓일 때보다 ``replay_speedup``배
    빨리 재생합니다.
    """

    snapshot_every: float = 60.0
    detected_after: float = 10.0
    writes_per_minute: float = 1.0
    data_gb: float = 100.0
    copy_gb_per_minute: float = 5.0
    replay_speedup: float = 20.0

    def __post_init__(self):
        check_number("detected_after", self.detected_after, 0)
        check_positive("snapshot_every", self.snapshot_every)
        check_positive("writes_per_minute", self.writes_per_minute)
        check_positive("data_gb", self.data_gb)
        check_positive("copy_gb_per_minute", self.copy_gb_per_minute)
        check_positive("replay_speedup", self.replay_speedup)

    def rto(self, log_minutes: float) -> float:
        """알아채기, 옮기기, 로그 ``log_minutes``분어치 재생하기에 드는 시간의 합(분)."""
        copying = self.data_gb / self.copy_gb_per_minute
        return self.detected_after + copying + log_minutes / self.replay_speedup


@dataclass(frozen=True)
class Accident:
    """사고 하나의 결과: 답한 쓰기의 수, 방법(`RECOVERIES`)마다 잃은 쓰기(건)와 복구 시간(분)."""

    acknowledged: int
    lost: dict[str, int]
    rto: dict[str, float]


def delete_and_recover(policy: Policy, seed: int, database: Posts | None = None) -> Accident:
    """사고 하나를 내고 세 방법으로 복구합니다. 같은 ``seed``면 같은 결과입니다.

    사고는 두 스냅샷 사이의 아무 때나 나고, 쓰기는 알아챌 때까지 계속 들어옵니다(포아송 과정).
    ``database``는 빈 게시글 테이블이며 끝나면 닫습니다. 없으면 파일 없는 SQLite입니다.
    """
    random, clock = Random(check_integer("seed", seed)), _Clock()
    with Workspace() as workspace:
        log = Log(workspace.folder / "posts.log", fsync="none", clock=clock)
        with log, database or Database.open(":memory:") as database:
            database.log = log
            posts = database.insert_posts([("처음", f"글 {n}") for n in range(FIRST_POSTS)])
            users = Crowd(random, texts={post.id: post.text for post in posts})
            snapshot = database.snapshot(workspace.folder / "posts.snapshot")
            mistake = random.uniform(0, policy.snapshot_every)
            _write_until(mistake, users, database, clock, policy)
            database.execute("DELETE FROM posts")
            _write_until(mistake + policy.detected_after, users, database, clock, policy)
            return _recover(policy, database, snapshot, log, users.texts, mistake)


def accidents(policy: Policy, seeds: Iterable[int] = SEEDS) -> list[Accident]:
    """같은 정책으로 시드마다 사고를 하나씩 냅니다. 실수한 때와 글이 들어온 때가 다릅니다."""
    return [delete_and_recover(policy, seed) for seed in seeds]


def expected_lost(policy: Policy, way: str) -> float:
    """잃는 쓰기 수의 기댓값. 사고가 아무 때나 나므로 마지막 스냅샷은 평균 반 주기 전입니다."""
    minutes = {
        "snapshot": policy.snapshot_every / 2 + policy.detected_after,
        "cut": policy.detected_after,
        "skip": 0.0,
    }
    return policy.writes_per_minute * minutes[check_choice("way", way, RECOVERIES)]


def expected_rto(policy: Policy, way: str) -> float:
    """복구 시간의 기댓값(분)."""
    minutes = log_minutes(policy, policy.snapshot_every / 2)
    return policy.rto(minutes[check_choice("way", way, RECOVERIES)])


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _write_until(end: float, users: Crowd, database: Database, clock: _Clock, policy: Policy):
    service, gap = PostService(database), users.random.expovariate
    while (moment := clock.now + gap(policy.writes_per_minute)) < end:
        clock.now = moment
        users.publish(service, f"{moment:.3f}분의 글")
    clock.now = end


def _recover(policy, database, snapshot, log, texts, mistake) -> Accident:
    offset = statements(log)[0].offset
    arguments = {
        "snapshot": (None, {}),
        "cut": (log, {"until": offset}),
        "skip": (log, {"skip": {offset}}),
    }
    lost, minutes = {}, log_minutes(policy, mistake)
    for way, (source, options) in arguments.items():
        with restore(database, snapshot, source, **options) as restored:
            seen = audit(texts, {post.id: post.text for post in restored.posts()})
            lost[way] = len(seen.lost) + len(seen.stale)
    return Accident(len(texts), lost, {way: policy.rto(minutes[way]) for way in RECOVERIES})


def log_minutes(policy: Policy, since_snapshot: float) -> dict[str, float]:
    """방법마다 재생할 로그의 길이(분)."""
    return {
        "snapshot": 0.0,
        "cut": since_snapshot,
        "skip": since_snapshot + policy.detected_after,
    }
