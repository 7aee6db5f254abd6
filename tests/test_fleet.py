"""진짜 프로세스로 하는 롤링 업그레이드."""

from random import Random

import pytest

from ddialab.core.errors import BackendUnavailable, MissingCapability
from ddialab.core.workspace import Workspace
from ddialab.experiments.evolvability.fleet import Fleet, upgrade_fleet
from ddialab.experiments.evolvability.rolling_upgrade import Taggers
from ddialab.stress.crowd import Traffic


@pytest.fixture
def workspace():
    with Workspace() as workspace:
        yield workspace


@pytest.mark.parametrize("way", ["drop", "preserve"])
def test_no_request_fails_and_only_the_control_loses_fields(workspace, way):
    run = upgrade_fleet(str(workspace.folder / "posts.db"), workspace, way)
    assert run.failed == 0
    assert run.tagged > 0
    assert (run.lost > 0) == (way == "drop")


def test_without_draining_requests_do_fail(workspace):
    """명단에서 빼지 않고 끄면 실패합니다. 위의 0이 저절로 나온 것이 아님을 봅니다."""
    fleet = Fleet(workspace, str(workspace.folder / "posts.db"), "preserve", size=2)
    fleet.rotation[0].process.stop()
    clients = Taggers(Traffic(), Random(1), has_tags=bool)
    answered = [clients.request(fleet, number=n) for n in range(4)]
    for member in fleet.rotation:
        member.process.stop()
    assert sorted(answered) == [False, False, True, True]


def test_a_second_run_in_the_same_folder_does_not_ask_the_ports_of_the_first(workspace):
    """실습의 셀을 다시 실행한 것과 같습니다."""
    for n in range(2):
        fleet = Fleet(workspace, str(workspace.folder / "posts.db"), "drop", size=2)
        assert fleet.publish("소라", "글", id=n)["id"] == n == fleet.read(n)["id"]
        for member in fleet.rotation:
            member.process.stop()


def test_a_replica_that_cannot_start_is_explained(workspace):
    with pytest.raises(BackendUnavailable, match="뜨지 않았습니다"):
        Fleet(workspace, str(workspace.folder / "none" / "posts.db"), "drop")


def test_in_the_browser_it_is_refused(workspace, monkeypatch):
    monkeypatch.setattr("ddialab.core.workspace.IN_BROWSER", True)
    with pytest.raises(MissingCapability, match="브라우저 안에서는"):
        upgrade_fleet(str(workspace.folder / "posts.db"), workspace, "drop")
