"""클라이언트들의 장부: 무엇에 답받았고, 무엇이 실패했고, 나중에 무엇이 없는지."""

from random import Random

import pytest

from ddialab.blocks.database import Database
from ddialab.core.errors import BackendUnavailable, InvalidValue
from ddialab.service.posts import PostService
from ddialab.stress.crowd import Audit, Crowd, Traffic, audit


@pytest.fixture
def service():
    with Database.open(":memory:") as database:
        yield PostService(database)


def found_in(service):
    return {post.id: post.text for post in service.database.posts()}


def test_what_was_acknowledged_is_there(service):
    crowd = Crowd(Random(1))
    assert all(crowd.request(service) for _ in range(300))
    assert (crowd.requests, crowd.failures) == (300, [])
    assert len(crowd.texts) > 50
    assert audit(crowd.texts, found_in(service)) == Audit([], [], [])


def test_what_is_missing_stale_or_extra_is_told_apart(service):
    crowd = Crowd(Random(2))
    for _ in range(100):
        crowd.request(service)
    service.delete(1)
    service.edit(2, "몰래 고침")
    extra = service.publish("누구", "답하지 않은 글")
    assert audit(crowd.texts, found_in(service)) == Audit([1], [2], [extra.id])


def test_expected_says_what_a_text_should_look_like_now():
    seen = audit({1: "점심", 2: "저녁"}, {1: (1, "점심"), 2: (1, "저녁")}, lambda *post: post)
    assert seen == Audit(lost=[], stale=[2], extra=[])


class Broken:
    """글은 받아 주지만 고치지 못하고, 읽으면 없다고 합니다."""

    def publish(self, author, text):
        return 7

    def edit(self, id, text):
        raise BackendUnavailable("고장")

    def read(self, id):
        return None


def test_failures_are_kept_with_their_times_and_change_nothing():
    crowd, broken = Crowd(Random(3)), Broken()
    done = [crowd.request(broken, now=float(n)) for n in range(60)]
    assert crowd.failures == [float(n) for n, one in enumerate(done) if not one]
    assert len(crowd.failures) > 20
    assert crowd.texts.keys() == {7}
    assert not any(text.startswith("고친") for text in crowd.texts.values())


def test_an_edit_of_nothing_is_a_failure(service):
    crowd = Crowd(Random(4), lambda *_: ("edit", 99, "없는 글"), {99: "있던 글"})
    assert not crowd.request(service)
    assert crowd.texts == {99: "있던 글"}


def test_a_mistake_in_our_own_code_is_not_a_failed_request():
    with pytest.raises(AttributeError):
        Crowd(Random(5)).request(object())


def test_traffic_follows_its_shares_and_touches_only_recent_posts():
    traffic, random = Traffic(publish=0.2, edit=0.5, recent=3), Random(6)
    drawn = [traffic.draw(random, range(50), 1000) for _ in range(4000)]
    kinds = [kind for kind, _, _ in drawn]
    assert kinds.count("publish") == pytest.approx(800, abs=100)
    assert kinds.count("edit") == pytest.approx(2000, abs=130)
    assert {id for kind, id, _ in drawn if kind != "publish"} == {47, 48, 49}
    assert traffic.draw(Random(6), [], 5) == ("publish", 5, "글 5"), "처음에는 쓰기뿐입니다"


@pytest.mark.parametrize(
    "wrong", [{"publish": 0}, {"publish": 0.7, "edit": 0.7}, {"edit": "많이"}, {"recent": 0}]
)
def test_bad_traffic_is_refused(wrong):
    with pytest.raises(InvalidValue):
        Traffic(**wrong)
