from math import exp

import pytest

from ddialab.blocks.database import Database
from ddialab.core.errors import InvalidValue
from ddialab.experiments.evolvability.rolling_upgrade import (
    NEW,
    OLD,
    SHARES,
    Documents,
    Node,
    Traffic,
    expected_lost_share,
    mixed_fleet,
    rolling_upgrade,
)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_one_version_alone_loses_nothing(share):
    """두 끝에서는 아무 일도 없으므로, 버전 하나씩만 테스트해서는 이 버그를 볼 수 없습니다."""
    assert mixed_fleet(share, "drop", 1).lost == {}
    assert expected_lost_share(share) == 0


@pytest.mark.parametrize("way", ["preserve", "refuse", "wait"])
def test_a_cured_mixed_fleet_loses_nothing_at_any_share(way):
    for share in SHARES:
        assert mixed_fleet(share, way, 2).lost == {}


def test_the_closed_form_tends_to_the_exponential():
    wide = Traffic(publish=0.3, edit=0.3, recent=10_000)
    assert expected_lost_share(0.5, wide) == pytest.approx(0.5 * (1 - exp(-0.5)), rel=1e-3)


def test_an_edit_that_meets_another_edit_starts_over():
    """두 복제본이 같은 글을 읽고 차례로 덮어쓰면 앞의 것이 사라집니다."""
    documents = Documents(Database.open(":memory:"))
    documents.insert(1, b"a")
    seen = []

    def rewrite(body):
        if not seen:
            documents.change(1, lambda other: other + b"!")  # 읽고 쓰는 사이에 남이 고칩니다
        seen.append(body)
        return body + b"?"

    documents.change(1, rewrite)
    assert documents.get(1) == b"a!?"
    assert seen == [b"a", b"a!"]


def test_the_same_request_twice_writes_one_post():
    documents = Documents(Database.open(":memory:"))
    node = Node(documents, NEW, "preserve")
    node.publish(1, "소라", "점심", ["맛집"])
    node.publish(1, "소라", "점심", ["맛집"])
    assert node.read(1)["tags"] == ["맛집"]
    assert Node(documents, OLD, "preserve").read(1) == {"id": 1, "author": "소라", "text": "점심"}


@pytest.mark.parametrize(
    "call",
    [
        lambda: rolling_upgrade("keep", 1),
        lambda: rolling_upgrade("drop", 1, nodes=1),
        lambda: rolling_upgrade("drop", 1, gap="길게"),
        lambda: mixed_fleet(1.5, "drop", 1),
        lambda: mixed_fleet(0.5, "drop", 1, posts=0),
        lambda: expected_lost_share(-0.1),
        lambda: Traffic(publish=0),
        lambda: Traffic(publish=0.7, edit=0.7),
        lambda: Documents(Database.open(":memory:")).get(9),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidValue):
        call()
