from math import exp
from statistics import mean, stdev

import pytest

from ddialab.blocks.database import Database
from ddialab.core.errors import InvalidValue
from ddialab.ops.upgrade import (
    NEW,
    OLD,
    Documents,
    Node,
    Traffic,
    expected_lost_share,
    mixed_fleet,
    rolling_upgrade,
)

SEEDS = range(40)
SMALL = {"nodes": 4, "rate": 20.0, "gap": 4.0, "traffic": Traffic(publish=0.3, edit=0.6)}


@pytest.fixture(scope="module")
def upgrades():
    ways = ("drop", "refuse", "preserve", "wait")
    return {way: [rolling_upgrade(way, seed, **SMALL) for seed in SEEDS] for way in ways}


def test_the_control_loses_fields_while_every_request_succeeds(upgrades):
    for upgrade in upgrades["drop"]:
        assert upgrade.failed == 0
        assert len(upgrade.ledger.lost) > 0


@pytest.mark.parametrize("way", ["preserve", "wait"])
def test_the_cure_loses_nothing_and_fails_nothing(upgrades, way):
    for upgrade in upgrades[way]:
        assert upgrade.failed == 0
        assert upgrade.ledger.lost == {}
        assert len(upgrade.ledger.tagged) > 0


def test_refusing_trades_lost_fields_for_failed_requests(upgrades):
    for upgrade in upgrades["refuse"]:
        assert upgrade.ledger.lost == {}
        assert upgrade.failed == len(upgrade.ledger.refused) > 0


def test_waiting_pays_with_a_later_feature(upgrades):
    for soon, late in zip(upgrades["preserve"], upgrades["wait"], strict=True):
        assert min(late.ledger.tagged.values()) >= max(late.upgraded.values())
        assert len(late.ledger.tagged) < len(soon.ledger.tagged)


def test_both_versions_really_served_at_the_same_time(upgrades):
    """업그레이드가 순식간이면 두 판이 함께 살지 않고, 대조군도 우연히만 잃습니다."""
    upgrade = upgrades["drop"][0]
    first, last = min(upgrade.upgraded.values()), max(upgrade.upgraded.values())
    assert len(upgrade.upgraded) == SMALL["nodes"]
    assert last - first > SMALL["gap"]
    assert all(first <= time <= last + 1 for time in upgrade.ledger.lost.values())


def test_the_format_does_not_matter(upgrades):
    for way in ("drop", "preserve"):
        avro = rolling_upgrade(way, 3, format="avro", **SMALL).ledger
        assert avro == upgrades[way][3].ledger


def test_the_same_seed_gives_the_same_upgrade(upgrades):
    again = rolling_upgrade("drop", 5, **SMALL)
    assert again.ledger == upgrades["drop"][5].ledger != upgrades["drop"][6].ledger
    assert again.run.log.digest() == upgrades["drop"][5].run.log.digest()


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 0.9])
def test_the_lost_share_matches_the_closed_form(share):
    values = [mixed_fleet(share, "drop", seed, posts=60).lost_share for seed in SEEDS]
    error = stdev(values) / len(values) ** 0.5
    assert mean(values) == pytest.approx(expected_lost_share(share), abs=3.5 * error)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_one_version_alone_loses_nothing(share):
    """두 끝에서는 아무 일도 없으므로, 판 하나씩만 시험해서는 이 버그를 볼 수 없습니다."""
    assert mixed_fleet(share, "drop", 1, posts=40).lost == {}
    assert expected_lost_share(share) == 0


@pytest.mark.parametrize("way", ["preserve", "refuse", "wait"])
def test_a_cured_mixed_fleet_loses_nothing_at_any_share(way):
    for share in (0.25, 0.5, 0.75):
        assert mixed_fleet(share, way, 2, posts=40).lost == {}


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
