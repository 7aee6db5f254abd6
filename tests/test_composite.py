"""복합 데이터 시스템: 쓰는 길마다 사본이 맞는지, 나쁜 입력과 없는 서버에 무엇이라고 하는지."""

import itertools
import os
import signal

import pytest

from composing import backend, database, postgres_url, service, stop_before  # noqa: F401
from ddialab.blocks.database import Database
from ddialab.blocks.posts import MAX_TEXT
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.core.backend import open_redis
from ddialab.core.errors import BackendUnavailable, InvalidValue, LabError
from ddialab.core.memory import MemoryStore
from ddialab.service.drift import Drift, drift
from ddialab.service.posts import key_of
from ddialab.service.views import CACHE, INDEX, TIMELINE, TRENDING
from ddialab.service.writes import ANSWER, DATABASE, FILL, WAYS, finish

IDS = range(1, 10)


def settle(posts):
    if posts.relay is not None:
        posts.catch_up()


@pytest.mark.parametrize("way", WAYS)
def test_alone_every_way_keeps_everything_in_step(way, database, backend):  # noqa: F811
    posts = service(way, database, backend)
    posts.publish("다온", "팔로우 전의 글 #아침")
    posts.follow("나래", "다온")
    posts.follow("나래", "다온")
    first = posts.publish("다온", "첫 글 #점심 #커피")
    posts.publish("미르", "남의 글 #점심")
    gone = posts.publish("다온", "지울 글 #점심")
    settle(posts)
    assert [posts.read(first.id) for _ in range(2)] == [first, first]
    assert posts.edit(first.id, "고친 글 #점심").text == "고친 글 #점심"
    assert posts.delete(gone.id)
    settle(posts)
    assert drift(posts, IDS) == []
    assert posts.read(first.id).text == "고친 글 #점심"
    assert posts.read(gone.id) is None
    assert [post.text for post in posts.home("나래")] == ["고친 글 #점심", "팔로우 전의 글 #아침"]
    assert posts.home("미르") == []
    assert posts.search("고친") == [(first.id, "고친 글 #점심")]
    assert posts.search("지울") == []
    assert posts.trending() == [("점심", 2), ("아침", 1)]
    assert posts.trending(1) == [("점심", 2)]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_there_changes_nothing(way):
    posts = service(way)
    assert posts.edit(7, "없는 글") is None
    assert posts.delete(7) is False
    assert posts.read(7) is None
    settle(posts)
    assert drift(posts, IDS) == []
    assert posts.relay is None or posts.relay.log.end == 0


def test_waiting_answers_only_when_the_views_have_followed():
    posts = service("outbox", waits=True)
    posts.follow("나래", "다온")
    posts.publish("다온", "글 #점심")
    posts.read(1)
    posts.edit(1, "고친 글 #저녁")
    assert drift(posts, IDS) == []
    assert posts.read(1).text == "고친 글 #저녁"
    assert posts.relay.lag == 0


def test_every_step_is_told_before_it_is_done():
    told = []
    posts = service("dual", at=told.append)
    posts.publish("다온", "글")
    assert told == [DATABASE, CACHE, INDEX, TIMELINE, TRENDING, ANSWER]
    told.clear()
    posts.backend.delete(key_of(1))
    posts.read(1)
    assert told == [CACHE, DATABASE, FILL]
    told.clear()
    posts.steps.edit(1, "아직")
    assert posts.database.post(1).text == "글"
    assert told == []


# ── 끼어들기 ──────────────────────────────────────────────────────────────────


def stale_set(way):
    """미스를 만난 읽기가 옛 글을 읽고 멈춘 사이에, 고치고, 답합니다. 그다음에 읽은 글."""
    posts = service(way)
    posts.publish("다온", "옛 글")
    settle(posts)
    posts.backend.delete(key_of(1))
    reading = stop_before(posts.steps.read(1), FILL)
    posts.edit(1, "새 글")
    settle(posts)
    assert finish(reading).text == "옛 글"
    return posts.read(1).text


@pytest.mark.parametrize(
    ("way", "text"),
    [("dual", "옛 글"), ("invalidate", "옛 글"), ("lease", "새 글"), ("outbox", "새 글")],
)
def test_the_stale_set_race(way, text):
    assert stale_set(way) == text


@pytest.mark.parametrize("way", ["dual", "invalidate", "lease"])
def test_two_editors_leave_the_index_with_the_older_text(way):
    posts = service(way)
    posts.publish("다온", "처음")
    slow = stop_before(posts.steps.edit(1, "먼저"), INDEX)
    posts.edit(1, "나중")
    finish(slow)
    assert posts.database.post(1).text == "나중"
    assert Drift(INDEX, 1, "먼저", "나중") in drift(posts, IDS)


def test_with_one_log_two_editors_leave_the_newer_text():
    posts = service("outbox")
    posts.publish("다온", "처음")
    first, second = posts.steps.edit(1, "먼저"), posts.steps.edit(1, "나중")
    for steps in (first, second, first, second):
        next(steps, None)
    settle(posts)
    assert drift(posts, IDS) == []
    assert posts.search("나중") == [(1, "나중")]


def test_a_reader_that_dies_with_the_lease_does_not_stop_the_others():
    now = 0.0
    posts = service("lease", backend=MemoryStore(lambda: now))
    posts.publish("다온", "글")
    stop_before(posts.steps.read(1), FILL).close()
    assert posts.read(1).text == "글", "캐시에 두지 못할 뿐, 읽을 수는 있습니다"
    assert posts.cache.get(key_of(1)) is None
    now = 11.0
    posts.read(1)
    assert posts.cache.get(key_of(1))["text"] == "글"


# ── 어긋남을 찾는 것 ──────────────────────────────────────────────────────────


def test_every_kind_of_drift_is_found():
    posts = service("lease")
    posts.follow("나래", "다온")
    posts.publish("다온", "글 #점심")
    posts.read(1)
    posts.database.update(1, "몰래 #저녁")
    posts.database.insert_post("다온", "몰래 쓴 글")
    assert drift(posts, IDS) == [
        Drift(CACHE, 1, "글 #점심", "몰래 #저녁"),
        Drift(INDEX, 1, "글 #점심", "몰래 #저녁"),
        Drift(INDEX, 2, None, "몰래 쓴 글"),
        Drift(TIMELINE, "나래", [1], [2, 1]),
        Drift(TRENDING, "저녁", 0, 1),
        Drift(TRENDING, "점심", 1, 0),
    ]


def test_what_was_deleted_behind_the_service_is_found_too():
    posts = service("lease")
    posts.publish("다온", "글 #점심")
    posts.read(1)
    posts.database.delete(1)
    assert drift(posts, IDS) == [
        Drift(CACHE, 1, "글 #점심", None),
        Drift(INDEX, 1, "글 #점심", None),
        Drift(TRENDING, "점심", 1, 0),
    ]


# ── 나쁜 입력 ─────────────────────────────────────────────────────────────────

BAD_TEXTS = {
    "길다": "가" * (MAX_TEXT + 1),
    "비었다": "",
    "NUL": "앞\0뒤",
    "UTF-8이 아니다": b"\xed\xa0\x80".decode(errors="surrogatepass"),
    "바이트": "글".encode(),
    "None": None,
    "수": 3,
}
BAD_IDS = [None, "1", 1.0, True, -1, 2**63, 10**30, "1; DROP TABLE posts", float("nan"), [1]]


def refused(call, *arguments):
    with pytest.raises(InvalidValue) as caught:
        call(*arguments)
    assert caught.value.accepted
    return caught.value


def everything(posts):
    """밖에서 볼 수 있는 모든 것."""
    kept = dict(posts.backend._kept) if isinstance(posts.backend, MemoryStore) else None
    seen = posts.database.posts(include_deleted=True), posts.follows.everyone(), posts.trending()
    outbox = posts.steps.outbox
    return *seen, posts.index.latest(), None if outbox is None else len(outbox), kept


@pytest.fixture(params=["dual", "outbox"])
def posts(request, database):  # noqa: F811
    opened = service(request.param, database)
    opened.publish("다온", "글 #점심")
    settle(opened)
    return opened


@pytest.mark.parametrize("bad", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_bad_text_is_refused_and_leaves_nothing(posts, bad):
    before = everything(posts)
    for call, *arguments in (
        (posts.publish, "다온", bad),
        (posts.publish, bad, "글"),
        (posts.edit, 1, bad),
        (posts.follow, bad, "다온"),
        (posts.follow, "다온", bad),
        (posts.home, bad),
    ):
        told = refused(call, *arguments)
        assert repr(bad)[:20] in told.problem
        assert str(told).encode(), "오류 문장은 적을 수 있어야 합니다"
    assert everything(posts) == before
    settle(posts)
    assert drift(posts, IDS) == []


@pytest.mark.parametrize("bad", BAD_IDS, ids=repr)
def test_a_bad_id_is_refused_and_leaves_nothing(posts, bad):
    before = everything(posts)
    for call, *arguments in ((posts.read, bad), (posts.edit, bad, "글"), (posts.delete, bad)):
        assert "id=" in refused(call, *arguments).problem
    assert everything(posts) == before


def test_the_longest_text_and_any_letters_are_kept_everywhere(database, backend):  # noqa: F811
    """이모지, 줄바꿈, 따옴표, 제어 문자, 서로게이트 쌍의 글자: 어디를 거쳐도 그대로입니다."""
    posts = service("outbox", database, backend)
    texts = [
        "😀" * MAX_TEXT,
        "'\"\\\n\r\t\x01\x7f\u2028\ufeff\U0010ffff",
        "#점심" * 2500,
        "e\u0301",
    ]
    posts.follow("😀\n'", "다온")
    for text in texts:
        post = posts.publish("다온", text)
        posts.catch_up()
        assert [posts.read(post.id).text for _ in range(2)] == [text, text]
        assert posts.index.text(post.id) == text
    assert [post.text for post in posts.home("😀\n'")] == texts[::-1]
    assert drift(posts, IDS) == []


def test_an_unknown_way_and_a_missing_relay_are_explained():
    told = refused(service, "이중 쓰기")
    assert "dual, invalidate, lease, outbox" in told.accepted
    for way in WAYS[:-1]:
        assert "outbox" in refused(service(way).catch_up).todo
    posts = service("outbox", log=None)
    posts.publish("다온", "글")
    assert "log" in refused(posts.catch_up).todo


# ── 없는 서버 ─────────────────────────────────────────────────────────────────


class Dying:
    """캐시 서버를 띄우고, 정한 단계에서 죽입니다."""

    def __init__(self, way, database, step):  # noqa: F811
        self.backend, self.index = open_redis(), MemoryIndex()
        self.posts = service(way, database, self.backend, self.index)
        self.posts.follow("나래", "다온")
        self.posts.publish("다온", "옛 글 #점심")
        settle(self.posts)
        self.posts.read(1)
        self.posts.at = lambda told: self.kill() if told == step else None

    def kill(self):
        process = self.backend.process
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            while process.poll() is None:
                pass


@pytest.fixture
def local(monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DDIALAB_BACKEND", "local")


@pytest.mark.parametrize("way", ["dual", "invalidate", "lease"])
def test_a_cache_server_that_dies_in_a_write_is_told_to_the_writer(way, local):
    """답하지 못했지만 데이터베이스에는 이미 있습니다. 다시 하면 되는지는 길마다 다릅니다."""
    with Database.open(":memory:") as database:  # noqa: F811
        dying = Dying(way, database, CACHE)
        with pytest.raises(BackendUnavailable) as caught:
            dying.posts.edit(1, "새 글 #저녁")
        assert caught.value.todo
        assert dying.posts.database.post(1).text == "새 글 #저녁"
        dying.backend.close()
        with open_redis() as fresh:
            again = service(way, database, fresh, dying.index)
            found = drift(again, IDS)
            assert Drift(INDEX, 1, "옛 글 #점심", "새 글 #저녁") in found
            assert {one.view for one in found} == {INDEX, TIMELINE, TRENDING}


@pytest.mark.parametrize("step", [DATABASE, ANSWER])
def test_with_the_outbox_the_write_is_acknowledged_and_the_views_follow_later(step, local):
    with Database.open(":memory:") as database:  # noqa: F811
        dying = Dying("outbox", database, step)
        assert dying.posts.edit(1, "새 글 #저녁").text == "새 글 #저녁"
        with pytest.raises(BackendUnavailable):
            dying.posts.catch_up()
        dying.backend.close()
        with open_redis() as fresh:
            log = dying.posts.relay.log
            again = service("outbox", database, fresh, dying.index, log=log)
            again.catch_up()
            assert drift(again, IDS) == []
            assert again.read(1).text == "새 글 #저녁"
            assert again.trending() == [("저녁", 1)]


class Refusing(MemoryIndex):
    """``left``번 답하고 나면 없는 검색 서버."""

    def __init__(self):
        super().__init__()
        self.left = -1

    def _write(self, entries):
        if self.left == 0:
            raise BackendUnavailable("검색 서버가 답하지 않습니다.", todo="서버를 켜세요.")
        self.left -= 1
        return super()._write(entries)


@pytest.mark.parametrize("way", WAYS)
def test_a_search_server_that_is_not_there(way):
    index = Refusing()
    posts = service(way, index=index)
    posts.publish("다온", "글")
    settle(posts)
    index.left = 0
    if way == "outbox":
        assert posts.edit(1, "고친 글").text == "고친 글"
        with pytest.raises(BackendUnavailable):
            posts.catch_up()
    else:
        with pytest.raises(BackendUnavailable):
            posts.edit(1, "고친 글")
    assert posts.read(1).text == "고친 글"
    assert drift(posts, IDS) == [Drift(INDEX, 1, "글", "고친 글")]
    index.left = -1
    settle(posts)
    assert bool(drift(posts, IDS)) == (way != "outbox")


def test_a_database_that_is_not_there_acknowledges_nothing():
    posts = service("outbox")
    posts.publish("다온", "글")
    posts.database.close()
    for call, *arguments in ((posts.publish, "다온", "글"), (posts.edit, 1, "글")):
        with pytest.raises(LabError):
            call(*arguments)


def test_names_do_not_collide_in_the_cache_server(backend):  # noqa: F811
    """이름이 우리의 키처럼 생겨도 남의 자리에 쓰지 않습니다."""
    posts = service("outbox", backend=backend)
    names = ["trending", "position:timeline", "post:1", "1", ":", "timeline:나래", "나래"]
    for one, other in itertools.pairwise(names):
        posts.follow(one, other)
    for name in names:
        posts.publish(name, f"글 #{name}")
    posts.catch_up()
    assert drift(posts, IDS) == []
    assert posts.relay.log.end == 2 * len(names) - 1
