"""테스트들이 함께 쓰는 서버 하나: 진짜 서버 없이, 붙들고 놓는 것만 봅니다."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

import holding
from holding import ROOT, alive
from waiting import wait_until

FAKE = """
import contextlib, pathlib, sys
sys.path.insert(0, {tests!r})
import holding
from ddialab.core.errors import LabError as Error
@contextlib.contextmanager
def running(*_):
    yield "http://fake"
def equip():
    {equip}
holding.hold(pathlib.Path({folder!r}), equip, running)
"""


def holder(folder: Path, equip: str = "pass"):
    """``folder``의 서버를 함께 쓰는 함수. 서버는 붙들기만 하는 프로세스입니다."""
    script = folder.parent / f"{folder.name}.py"
    script.write_text(
        FAKE.format(tests=str(ROOT / "tests"), folder=str(folder), equip=equip), encoding="utf-8"
    )
    return partial(holding.shared, folder, "가짜", str(script))


def test_the_server_ends_when_the_last_one_leaves(tmp_path):
    folder = tmp_path / "server"
    shared = holder(folder)
    with shared() as url, shared() as same:
        assert url == same == "http://fake"
        started = len((folder / "log").read_text())
    wait_until(lambda: not alive(folder), "붙들던 프로세스가 끝남")
    with shared():  # 그 뒤에 온 사람에게는 새로 띄웁니다
        assert len((folder / "log").read_text()) == started


def test_many_who_come_at_once_start_one(tmp_path):
    folder = tmp_path / "server"
    shared = holder(folder, equip=f"open({str(tmp_path / 'starts')!r}, 'a').write('1')")
    barrier, urls = threading.Barrier(6), []

    def come():
        with shared() as url:
            urls.append(url)
            barrier.wait(60)

    threads = [threading.Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(urls) == 6
    assert (tmp_path / "starts").read_text() == "1"


def test_what_is_missing_skips_and_what_is_broken_fails(tmp_path):
    missing = holder(tmp_path / "a", equip="raise Error('Java가 없습니다.')")
    with pytest.raises(pytest.skip.Exception, match="Java가 없습니다"), missing():
        pass
    broken = holder(tmp_path / "b", equip="raise SystemExit('고장')")
    with pytest.raises(AssertionError, match="고장"), broken():
        pass
