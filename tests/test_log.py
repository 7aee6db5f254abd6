import errno
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.log import HEADER, MAGIC, MAX_PAYLOAD, Dropped, Log
from ddialab.core.errors import InvalidValue, StorageFailure
from suite.effort import fuzz, some

payloads = st.lists(st.binary(max_size=60), max_size=12)


def written(folder, contents, **options):
    """``contents``를 적고 닫은 로그 파일과, 기록마다 끝나는 바이트."""
    path, ends = Path(folder) / "log", [len(MAGIC)]
    with Log(path, **{"fsync": "none", **options}) as log:
        for payload in contents:
            log.append(payload)
            ends.append(ends[-1] + HEADER.size + len(payload))
    assert path.stat().st_size == ends[-1]
    return path, ends


def contents(log):
    return [record.payload for record in log.read()]


def test_records_come_back_in_order_with_offsets_and_times(tmp_path):
    clock = iter([1.5, 2.5, 2.5]).__next__
    with Log(tmp_path / "log", clock=clock) as log:
        assert [log.append(payload) for payload in (b"a", b"", b"c")] == [0, 1, 2]
        assert [tuple(record) for record in log.read()] == [
            (0, 1.5, b"a"),
            (1, 2.5, b""),
            (2, 2.5, b"c"),
        ]
        assert contents_between(log, 1, 2) == [b""]
        assert list(log.read(3)) == []


def contents_between(log, start, end):
    return [record.payload for record in log.read(start, end)]


@pytest.mark.parametrize(("start", "end"), [(-1, None), (4, None), (2, 1), (0, 9), ("0", None)])
def test_offsets_outside_the_log_are_refused(tmp_path, start, end):
    path, _ = written(tmp_path, [b"a", b"b", b"c"])
    with Log(path) as log, pytest.raises(InvalidValue):
        log.read(start, end)


@fuzz(800)
@given(payloads, st.data())
def test_any_cut_of_the_tail_recovers_exactly_the_whole_records_before_it(items, data):
    with tempfile.TemporaryDirectory() as folder:
        path, ends = written(folder, items)
        cut = data.draw(st.integers(0, ends[-1]))
        os.truncate(path, cut)
        whole = sum(end <= cut for end in ends[1:])
        with Log(path, fsync="none") as log:
            assert contents(log) == items[:whole]
            log.append("다음".encode())
        with Log(path, fsync="none") as log:
            assert contents(log) == [*items[:whole], "다음".encode()]


def test_a_cut_at_every_byte_of_the_last_record_keeps_the_others_and_names_what_went(tmp_path):
    items = [b"first", "둘째".encode(), b"", b"the last record"]
    path, ends = written(tmp_path, items)
    whole = path.read_bytes()
    for cut in range(ends[-2], ends[-1] + 1):
        path.write_bytes(whole[:cut])
        last = items[3:] if cut == ends[-1] else []
        with Log(path, fsync="none") as log:
            assert contents(log) == items[:3] + last
            torn = 0 if last else cut - ends[-2]
            assert log.dropped == (Dropped(3, ends[-2], torn) if torn else None)
        with Log(path, fsync="none") as log:
            assert (log.end, log.dropped) == (3 + len(last), None), "자른 것은 한 번만 말합니다"


@fuzz(800)
@given(payloads, st.integers(0, 5000))
def test_zeros_after_the_last_record_are_a_torn_tail(items, zeros):
    with tempfile.TemporaryDirectory() as folder:
        path, _ = written(folder, items)
        with path.open("ab") as file:
            file.write(bytes(zeros))
        with Log(path, fsync="none") as log:
            assert contents(log) == items
            assert (log.dropped.size if log.dropped else 0) == zeros


@fuzz(1500)
@given(payloads, st.data())
def test_any_flipped_bit_is_reported_and_nothing_is_dropped(items, data):
    with tempfile.TemporaryDirectory() as folder:
        path, _ = written(folder, items)
        damaged = bytearray(path.read_bytes())
        bit = data.draw(st.integers(0, len(damaged) * 8 - 1))
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(StorageFailure):
            Log(path)
        assert path.read_bytes() == bytes(damaged)


@fuzz(600)
@given(payloads, st.data())
def test_a_zeroed_hole_before_the_last_record_is_reported(items, data):
    items = [b"first", *items, b"last"]
    with tempfile.TemporaryDirectory() as folder:
        path, ends = written(folder, items)
        first = data.draw(st.sampled_from(ends[:-2]))
        damaged = bytearray(path.read_bytes())
        damaged[first : ends[-2]] = bytes(ends[-2] - first)
        path.write_bytes(damaged)
        with pytest.raises(StorageFailure):
            Log(path)


@fuzz(600)
@given(st.lists(st.one_of(st.binary(max_size=20), st.integers(0, 5)), max_size=20))
def test_append_and_truncate_behave_like_a_list(steps):
    model = []
    with tempfile.TemporaryDirectory() as folder:
        with Log(Path(folder) / "log", fsync="none") as log:
            for step in steps:
                if isinstance(step, bytes):
                    model.append(step)
                    assert log.append(step) == len(model) - 1
                else:
                    log.truncate(min(step, len(model)))
                    del model[step:]
                assert contents(log) == model
        with Log(Path(folder) / "log") as log:
            assert contents(log) == model


def test_damage_after_opening_is_found_when_reading(tmp_path):
    path, ends = written(tmp_path, [b"one", b"two"])
    with Log(path) as log:
        data = bytearray(path.read_bytes())
        data[ends[1] - 1] ^= 1
        path.write_bytes(data)
        with pytest.raises(StorageFailure, match="깨졌습니다"):
            list(log.read())


class Disk:
    """``room``바이트만 더 쓸 수 있는 디스크. 모자라면 반쪽만 쓰고 ENOSPC를 냅니다."""

    def __init__(self, file, room):
        self._file, self.room = file, room

    def __getattr__(self, name):
        return getattr(self._file, name)

    def write(self, data):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        count = self._file.write(data[: self.room])
        self.room -= count
        return count


@fuzz(600)
@given(payloads, st.binary(min_size=1, max_size=60), st.data())
def test_a_full_disk_keeps_what_was_acknowledged_and_shows_no_half_record(items, extra, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        with Log(path, fsync="none") as log:
            for item in items:
                log.append(item)
            room = data.draw(st.integers(0, HEADER.size + len(extra) - 1))
            disk = log._file = Disk(log._file, room)
            with pytest.raises(StorageFailure, match="가득 참"):
                log.append(extra)
            assert contents(log) == items
            disk.room = 10**6  # 자리가 나면 그대로 다시 씁니다
            assert log.append(b"again") == len(items)
        with Log(path) as log:
            assert contents(log) == [*items, b"again"]


def test_a_half_record_that_cannot_be_cut_now_is_cut_before_the_next_write(tmp_path):
    class Stuck(Disk):
        stuck = True

        def truncate(self, size):
            if self.stuck:
                raise OSError(errno.EIO, "I/O error")
            return self._file.truncate(size)

    with Log(tmp_path / "log") as log:
        log.append(b"kept")
        disk = log._file = Stuck(log._file, HEADER.size + 5)
        with pytest.raises(StorageFailure):
            log.append(b"long record")
        assert contents(log) == [b"kept"]
        disk.room = 10**6
        with pytest.raises(StorageFailure):  # 찌꺼기 위에 짧은 기록을 쓰면 뒤가 깨져 보입니다
            log.append(b"x")
        disk.stuck = False
        log.append(b"x")
    with Log(tmp_path / "log") as log:
        assert contents(log) == [b"kept", b"x"]


@pytest.mark.parametrize("policy", ["always", "group"])
def test_after_a_failed_fsync_nothing_more_is_acknowledged(tmp_path, monkeypatch, policy):
    """운영체제는 못 내려보낸 페이지를 버리고, 다음 fsync에는 성공했다고 답할 수 있습니다."""

    def fail(descriptor):
        raise OSError(errno.EIO, "I/O error")

    path = tmp_path / "log"
    with Log(path, fsync=policy, group=1) as log:
        log.append(b"kept")
        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(StorageFailure):
            log.append(b"lost")
        monkeypatch.undo()
        for again in (lambda: log.append(b"more"), log.sync):
            with pytest.raises(StorageFailure, match="fsync가 실패한 로그"):
                again()
        assert (contents(log), log.durable) == ([b"kept"], 1)
    with Log(path) as log:
        assert log.append(b"more") == 1


def test_an_interrupt_in_the_middle_leaves_no_half_record(tmp_path):
    class Interrupted(Disk):
        def write(self, data):
            self._file.write(data[:-1])
            raise KeyboardInterrupt

    with Log(tmp_path / "log") as log:
        real, log._file = log._file, Interrupted(log._file, 0)
        with pytest.raises(KeyboardInterrupt):
            log.append(b"a long half record" * 9)
        log._file = real
        log.append(b"whole")
    with Log(tmp_path / "log") as log:
        assert contents(log) == [b"whole"]


@pytest.mark.parametrize(
    ("policy", "durable", "synced"), [("always", 7, 7), ("group", 6, 2), ("none", 0, 0)]
)
def test_fsync_policies_differ_in_what_power_loss_would_take(
    tmp_path, monkeypatch, policy, durable, synced
):
    calls = []
    with Log(tmp_path / "log", fsync=policy, group=3) as log:
        monkeypatch.setattr(os, "fsync", calls.append)
        for _ in range(7):
            log.append(b"x")
        assert (log.durable, len(calls), log.end) == (durable, synced, 7)
        log.sync()
        assert log.durable == 7
        log.truncate(5)
        assert log.durable == 5


KILLED = """
import os, sys
from ddialab.blocks.log import Log
log = Log(sys.argv[1], fsync="always")
while True:
    log.append(b"record %d" % log.end)
    os.write(1, b"%d\\n" % log.end)
"""


@pytest.mark.proof
@pytest.mark.parametrize("seen", some(range(1, 300, 5)))
def test_kill_9_loses_no_acknowledged_record(tmp_path, seen):
    """적는 도중에 죽여도 답한 기록은 남습니다"""
    path = tmp_path / "log"
    process = subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE)
    for _ in range(seen):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    acknowledged = int(rest[-1]) if rest else seen
    with Log(path) as log:
        assert acknowledged <= log.end <= acknowledged + 1
        assert contents(log) == [b"record %d" % n for n in range(log.end)]


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs는 리눅스에만 있습니다.")
def test_a_really_full_file_system(tmp_path):
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], check=False
    )
    if done.returncode:
        pytest.skip("tmpfs를 붙일 권한이 없습니다.")
    try:
        log, acknowledged = Log(tmp_path / "log"), []
        with pytest.raises(StorageFailure, match="가득 참"):
            acknowledged.extend(log.append(b"x" * 1000) for _ in range(1000))
        log.close()
        with Log(tmp_path / "log") as log:
            assert log.end == len(acknowledged) > 30
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_two_writers_cannot_share_a_file(tmp_path):
    pytest.importorskip("fcntl")
    with Log(tmp_path / "log"), pytest.raises(StorageFailure, match="이미 열어"):
        Log(tmp_path / "log")
    Log(tmp_path / "log").close()


def test_a_closed_log_says_so_and_closes_twice(tmp_path):
    log = Log(tmp_path / "log")
    log.close()
    log.close()
    with pytest.raises(StorageFailure, match="닫힌"):
        log.append(b"x")


def test_other_files_and_missing_folders_are_left_alone(tmp_path):
    (tmp_path / "note").write_text("중요한 메모")
    with pytest.raises(StorageFailure, match="로그 파일이 아니"):
        Log(tmp_path / "note")
    assert (tmp_path / "note").read_text() == "중요한 메모"
    with pytest.raises(StorageFailure, match="폴더가 없음"):
        Log(tmp_path / "no" / "log")
    with pytest.raises(StorageFailure, match="폴더임"):
        Log(tmp_path)


@pytest.mark.parametrize("payload", ["글", None, 3, bytes(MAX_PAYLOAD + 1)])
def test_only_bytes_of_a_sane_size_are_written(tmp_path, payload):
    with Log(tmp_path / "log") as log:
        with pytest.raises(InvalidValue, match="bytes"):
            log.append(payload)
        assert log.end == 0


@pytest.mark.parametrize("options", [{"fsync": "sometimes"}, {"group": 0}, {"group": "3"}])
def test_bad_options_are_refused_before_a_file_appears(tmp_path, options):
    with pytest.raises(InvalidValue):
        Log(tmp_path / "log", **options)
    assert not (tmp_path / "log").exists()


def test_where_files_cannot_be_locked_it_still_works(tmp_path, monkeypatch):
    """브라우저의 fcntl에는 아무것도 없습니다."""
    monkeypatch.setitem(sys.modules, "fcntl", ModuleType("fcntl"))
    with Log(tmp_path / "log") as log:
        log.append("글".encode())
        assert log.end == 1
