"""릴레이: 어디서 끊겨도 이어서 하고, 저장소를 통째로 잃으면 처음부터 다시 만듭니다."""

import itertools
import os
import signal

import pytest

from composing import backend, database, postgres_url, service, stop_before  # noqa: F401
from ddialab.blocks.log import Log
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.tape import Tape
from ddialab.core.backend import open_redis
from ddialab.core.errors import BackendUnavailable, StorageFailure
from ddialab.core.memory import MemoryStore
from ddialab.service.change import decode
from ddialab.service.drift import drift
from ddialab.service.relay import LOG, OUTBOX, POSITION
from ddialab.service.timeline import KEPT
from ddialab.service.views import CACHE, INDEX, TIMELINE, TRENDING

IDS = range(1, 60)


def write(posts):
    """모든 종류의 쓰기. 확인하기 쉽게 남는 글은 하나입니다."""
    posts.follow("나래", "다온")
    kept, gone = posts.publish("다온", "글 #점심"), posts.publish("다온", "지울 글 #저녁")
    posts.edit(kept.id, "고친 글 #커피")
    posts.delete(gone.id)
    posts.follow("나래", "다온")


def agrees(posts):
    """사본들이 원본과 같고, 비어서 같은 것이 아닙니다."""
    assert drift(posts, IDS) == []
    assert posts.relay.lag == 0
    assert posts.trending() == [("커피", 1)]
    assert [post.text for post in posts.home("나래")] == ["고친 글 #커피"]
    assert posts.search("고친") == [(1, "고친 글 #커피")]


@pytest.fixture
def posts(database, backend):  # noqa: F811
    return service("outbox", database, backend)


def test_views_follow_only_when_the_relay_runs(posts):
    write(posts)
    assert {found.view for found in drift(posts, IDS)} == {INDEX, TIMELINE, TRENDING}
    assert posts.relay.lag == 6
    posts.catch_up()
    agrees(posts)
    assert len(posts.relay.outbox) == 0


def test_the_log_can_be_a_file(database, tmp_path):  # noqa: F811
    with Log(tmp_path / "changes.log") as log:
        posts = service("outbox", database, log=log)
        write(posts)
        posts.catch_up()
        agrees(posts)


def test_interrupted_anywhere_it_goes_on_where_it_was(database):  # noqa: F811
    """단계마다 끊고 새 릴레이로 잇습니다. 끊긴 자리에 따라 로그에 두 번 적힙니다."""
    posts = service("outbox", database)
    write(posts)
    done = list(posts.relay.steps())
    assert {LOG, OUTBOX, CACHE, INDEX, TIMELINE, TRENDING, POSITION} == set(done)
    lengths = set()
    for cut in range(len(done)):
        posts = service("outbox", backend=MemoryStore())
        write(posts)
        for _ in itertools.islice(posts.relay.steps(), cut + 1):
            pass
        again = service("outbox", posts.database, posts.backend, posts.index, log=posts.relay.log)
        again.catch_up()
        agrees(again)
        lengths.add(again.relay.log.end)
    assert lengths == {6, 7}


def test_two_that_take_turns_do_not_reverse_the_events():
    """한쪽이 옮기려고 멈춘 사이에 다른 쪽이 먼저 옮깁니다. 옛 사건을 뒤에 또 적으면 안 됩니다."""
    for first in range(8):
        for second in range(8):
            posts = service("outbox")
            for text in ("처음", "고침", "또 고침"):
                posts.edit(1, text) or posts.publish("다온", text)
            one, other = posts.relay.steps(), posts.relay.steps()
            for _ in itertools.islice(one, first):
                pass
            for _ in itertools.islice(other, second):
                pass
            for _ in itertools.chain(one, other):
                pass
            texts = [decode(record.payload.decode()).text for record in posts.relay.log.read()]
            assert [text for text, _ in itertools.groupby(texts)] == ["처음", "고침", "또 고침"]
            assert drift(posts, [1]) == []


def test_a_new_index_is_built_from_the_log(posts):
    write(posts)
    posts.catch_up()
    posts.index.clear()
    assert {found.view for found in drift(posts, IDS)} == {INDEX}
    posts.catch_up()
    agrees(posts)


def wipe(store):
    """FLUSHALL."""
    if isinstance(store, MemoryStore):
        store._kept.clear()
    else:
        store.clear()


def test_a_wiped_cache_server_is_built_again(posts):
    write(posts)
    posts.catch_up()
    wipe(posts.backend)
    assert {found.view for found in drift(posts, IDS)} == {TIMELINE, TRENDING}
    posts.catch_up()
    agrees(posts)


def test_wiped_while_the_relay_runs_nothing_is_missing(backend):  # noqa: F811
    """사라진 줄 모르고 다음 것만 적용하고 위치를 적으면, 앞의 것은 영영 빠집니다."""
    moments = 0
    for moment in itertools.count():
        posts = service("outbox", backend=backend)
        wipe(backend)
        write(posts)
        posts.catch_up()
        posts.publish("다온", "또 #커피")
        posts.edit(1, "고친 글 #커피 #물")
        steps = posts.relay.steps()
        passed = list(itertools.islice(steps, moment))
        wipe(posts.backend)
        ended = not list(steps)
        posts.catch_up()
        assert drift(posts, IDS) == [], (moment, passed)
        assert posts.trending() == [("커피", 2), ("물", 1)]
        moments += 1
        if ended:
            break
    assert moments > 15


def test_an_index_lost_while_the_relay_runs_is_whole_again(posts):
    """사라진 줄 모르고 다음 것을 적용하면, 그 버전이 위치가 되어 앞의 것은 영영 빠집니다."""
    write(posts)
    posts.catch_up()
    posts.publish("다온", "또 #커피")
    posts.edit(1, "고친 글 #물")
    steps = stop_before(posts.relay.steps(), INDEX)
    posts.index.clear()
    assert list(steps).count(INDEX) == posts.relay.log.end
    assert drift(posts, IDS) == []


def test_the_run_that_notices_the_loss_also_makes_good():
    """인기 태그를 적용하고 위치를 적기 전에 잃으면, 그 자리에서 처음부터 다시 만듭니다."""
    posts = service("outbox")
    write(posts)
    posts.catch_up()
    posts.publish("다온", "또 #커피")
    steps = stop_before(posts.relay.steps(), TRENDING)
    assert next(steps) == POSITION
    wipe(posts.backend)
    assert list(steps).count(TRENDING) == posts.relay.log.end
    assert posts.trending() == [("커피", 2)]


def test_killed_while_it_builds_again_it_builds_once_more():
    """다시 만드는 도중에 끊겨도, 새 릴레이가 이어서 하거나 처음부터 합니다."""
    for cut in range(60):
        posts = service("outbox")
        write(posts)
        posts.catch_up()
        posts.publish("다온", "또 #커피")
        steps = stop_before(posts.relay.steps(), TRENDING)
        wipe(posts.backend)
        for _ in itertools.islice(steps, cut):
            pass
        again = service("outbox", posts.database, posts.backend, posts.index, log=posts.relay.log)
        again.catch_up()
        assert drift(again, IDS) == []
        assert again.trending() == [("커피", 2)]


class Down(MemoryIndex):
    """가끔 답하지 않는 검색 서버."""

    up = False

    def __getattribute__(self, name):
        if name in ("put", "delete", "latest") and not Down.up:
            raise BackendUnavailable("검색 서버가 답하지 않습니다.")
        return super().__getattribute__(name)


def test_a_search_server_that_is_down_holds_up_only_the_search(database):  # noqa: F811
    posts = service("outbox", database, index=Down())
    Down.up = True
    write(posts)
    posts.catch_up()
    posts.read(1)
    Down.up = False
    posts.edit(1, "또 고친 글 #물")
    with pytest.raises(BackendUnavailable):
        posts.catch_up()
    assert {found.view for found in drift(posts, IDS)} == {INDEX}
    assert posts.read(1).text == "또 고친 글 #물"
    Down.up = True
    posts.catch_up()
    assert drift(posts, IDS) == []
    assert posts.relay.lag == 0


def test_a_cache_server_that_dies_loses_no_acknowledged_write(monkeypatch, tmp_path):
    """쓰기는 데이터베이스만 있으면 됩니다. 캐시 서버가 (텅 비어) 돌아오면 다시 만듭니다."""
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    index, log = MemoryIndex(), Tape()
    with open_redis() as server:
        posts = service("outbox", backend=server, index=index, log=log)
        write(posts)
        posts.catch_up()
        os.kill(server.process.pid, signal.SIGKILL)
        while server.process.poll() is None:
            pass
        assert posts.edit(1, "서버가 없을 때 #물").text == "서버가 없을 때 #물"
        for asked in (posts.catch_up, lambda: posts.read(1), lambda: posts.home("나래")):
            with pytest.raises(BackendUnavailable, match=r"Valkey|Redis"):
                asked()
        assert posts.search("서버가") == [(1, "서버가 없을 때 #물")], "색인은 따라왔습니다"
    with open_redis() as server:
        again = service("outbox", posts.database, server, index, log=log)
        again.catch_up()
        assert drift(again, IDS) == []
        assert again.trending() == [("물", 1)]


def test_a_log_that_lost_its_end_is_refused(posts):
    """로그가 사본보다 짧으면, 새 사건의 위치를 이미 적용한 줄로 압니다."""
    write(posts)
    posts.catch_up()
    again = service("outbox", posts.database, posts.backend, posts.index, log=Tape())
    again.edit(1, "새 로그")
    with pytest.raises(StorageFailure, match=r"6번.*1번") as caught:
        again.catch_up()
    assert caught.value.accepted
    assert caught.value.todo


def test_deleting_from_a_full_timeline_lets_the_older_post_in(posts):
    posts.follow("나래", "다온")
    posts.follow("나래", "미르")
    for n in range(KEPT):
        posts.publish("다온", f"글 {n}")
        posts.publish("미르", f"글 {n}")
    posts.catch_up()
    for id in (2 * KEPT, 2 * KEPT - 3, 3):
        posts.delete(id)
        posts.catch_up()
        assert drift(posts, IDS) == []
    assert len(posts.home("나래")) == KEPT


def test_a_crowd_that_follows_late_sees_what_was_there(posts):
    posts.publish("다온", "하나")
    posts.follow("나래", "다온")
    posts.publish("다온", "둘")
    posts.catch_up()
    assert [post.text for post in posts.home("나래")] == ["둘", "하나"]
    assert drift(posts, IDS) == []
