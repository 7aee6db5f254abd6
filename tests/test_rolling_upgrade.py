from math import exp

import pytest

from ddialab.core.errors import InvalidValue
from ddialab.experiments.evolvability.documents import MemoryDocuments
from ddialab.experiments.evolvability.rolling_upgrade import (
    SHARES,
    expected_lost_share,
    mixed_fleet,
    rolling_upgrade,
)
from ddialab.experiments.evolvability.versions import TREATMENTS
from ddialab.stress.crowd import Traffic


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


@pytest.mark.parametrize("way", TREATMENTS)
def test_without_a_database_the_ledger_is_the_same(way, monkeypatch):
    settings = {"nodes": 4, "gap": 2.0, "traffic": Traffic(publish=0.3, edit=0.6)}
    stored = rolling_upgrade(way, 5, **settings).ledger
    module = "ddialab.experiments.evolvability.rolling_upgrade"
    monkeypatch.setattr(f"{module}.Documents", lambda database: MemoryDocuments())
    assert rolling_upgrade(way, 5, **settings).ledger == stored


@pytest.mark.parametrize(
    "call",
    [
        lambda: rolling_upgrade("keep", 1),
        lambda: rolling_upgrade("drop", 1, nodes=1),
        lambda: rolling_upgrade("drop", 1, gap="길게"),
        lambda: mixed_fleet(1.5, "drop", 1),
        lambda: mixed_fleet(0.5, "drop", 1, posts=0),
        lambda: expected_lost_share(-0.1),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidValue):
        call()
