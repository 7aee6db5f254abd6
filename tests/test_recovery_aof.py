import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.backend import open_redis
from ddialab.core.errors import StorageFailure
from ddialab.ops.aof import commands, incremental_files, undo_flushall, wait_until_written
from suite.effort import fuzz, some
from waiting import wait_until

words = st.lists(
    st.one_of(st.binary(max_size=12), st.just(b"$8\r\nFLUSHALL\r\n")), min_size=1, max_size=4
).filter(lambda found: found[0].upper() not in (b"FLUSHALL", b"FLUSHDB"))


def resp(parts):
    body = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"*%d\r\n%s" % (len(parts), body)


def aof_folder(tmp_path, *increments):
    """가짜 서버 폴더: 바탕 하나와 증분 여럿을 가리키는 목록."""
    where = tmp_path / "appendonlydir"
    where.mkdir()
    lines = ["file a.1.base.rdb seq 1 type b"]
    for number, data in enumerate(increments, 1):
        (where / f"a.{number}.incr.aof").write_bytes(data)
        lines.append(f"file a.{number}.incr.aof seq {number} type i")
    (where / "a.manifest").write_text("\n".join(lines) + "\n")
    return tmp_path


@fuzz(1000)
@given(st.lists(words, max_size=6), st.integers(0, 40))
def test_commands_are_read_back_whatever_their_bytes_and_wherever_the_tail_is_cut(items, cut):
    data = b"".join(resp(item) for item in items)
    found = list(commands(data[: max(0, len(data) - cut)]))
    whole = sum(command.end <= len(data) - cut for command in commands(data))
    assert [command.words for command in found] == items[:whole]


@fuzz(600)
@given(before=st.lists(words, max_size=4), after=st.lists(words, max_size=4))
def test_only_the_flush_is_cut_out(tmp_path_factory, before, after):
    """값에 FLUSHALL이라는 글자가 들어 있어도 명령만 도려냅니다."""
    folder = tmp_path_factory.mktemp("aof")
    parts = [b"".join(resp(item) for item in items) for items in (before, after)]
    data = parts[0] + resp([b"flushall"]) + parts[1]
    undo = undo_flushall(aof_folder(folder, data))
    assert undo.file.read_bytes() == parts[0] + parts[1]
    assert (undo.position, undo.after) == (len(parts[0]), len(after))
    assert (folder / "appendonlydir/a.1.incr.aof.before-undo").read_bytes() == data


def test_the_last_flush_is_undone_even_in_an_older_piece(tmp_path):
    first = resp([b"FLUSHALL"]) + resp([b"SET", b"a", b"1"])
    second = b"#TS:1700000000\r\n" + resp([b"flushdb", b"async"]) + resp([b"SET", b"b", b"2"])
    third = resp([b"SET", b"c", b"3"])
    undo = undo_flushall(aof_folder(tmp_path, first, second, third))
    assert undo.file.name == "a.2.incr.aof"
    assert undo.command == "FLUSHDB ASYNC"
    assert undo.file.read_bytes() == b"#TS:1700000000\r\n" + resp([b"SET", b"b", b"2"])


def test_only_the_last_of_several_flushes_in_one_piece_is_undone(tmp_path):
    """전에 일부러 비운 것까지 되살리면 안 됩니다."""
    meant, kept = resp([b"FLUSHALL"]), resp([b"SET", b"a", b"1"])
    undo = undo_flushall(aof_folder(tmp_path, meant + kept + resp([b"FLUSHALL"])))
    assert undo.file.read_bytes() == meant + kept


def test_a_torn_last_command_stays_for_the_server_to_judge(tmp_path):
    torn = resp([b"SET", b"a", b"1"])[:-4]
    undo = undo_flushall(aof_folder(tmp_path, resp([b"FLUSHALL"]) + torn))
    assert undo.file.read_bytes() == torn


def test_without_a_flush_nothing_is_changed(tmp_path):
    folder = aof_folder(tmp_path, resp([b"SET", b"a", b"1"]))
    with pytest.raises(StorageFailure, match="다시 쓰여"):
        undo_flushall(folder)
    names = [path.name for path in sorted((folder / "appendonlydir").iterdir())]
    assert names == ["a.1.incr.aof", "a.manifest"]


@pytest.mark.parametrize("data", [b"garbage\r\n", b"*1\r\n$3\r\nSETxx", b"*x\r\n", b"*1\r\n+3\r\n"])
def test_a_broken_aof_is_reported_and_left_alone(tmp_path, data):
    folder = aof_folder(tmp_path, data)
    with pytest.raises(StorageFailure, match="형식이 어긋납니다"):
        undo_flushall(folder)
    assert incremental_files(folder)[0].read_bytes() == data


def test_a_folder_without_aof_is_explained(tmp_path):
    with pytest.raises(StorageFailure, match="manifest"):
        undo_flushall(tmp_path)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """AOF를 켠 진짜 서버를 같은 폴더에 몇 번이고 띄웁니다."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    opened = []

    def start():
        opened.append(open_redis(persist=True, folder=tmp_path))
        return opened[-1]

    yield start
    for backend in opened:
        backend.close()


def crash(backend):
    """답한 것을 파일에 적은 뒤에 죽입니다. 그 전이면 everysec은 답한 것을 잃기도 합니다."""
    wait_until_written(backend.client)
    backend.process.send_signal(signal.SIGKILL)
    backend.close()


@pytest.mark.proof
@pytest.mark.parametrize("likes", some(range(9, 409, 20)))
def test_a_real_server_gets_its_data_back_with_the_writes_after_the_flush(server, tmp_path, likes):
    """진짜 서버를 죽였다가 FLUSHALL을 도려내고 다시 켭니다"""
    first = server()
    for n in range(likes):
        first.client.incrby(f"likes:{n}", n)
    first.client.set("trap", "*1\r\n$8\r\nFLUSHALL\r\n")
    assert first.client.flushall()
    first.client.incr("likes:7")
    first.client.set("after", "kept")
    assert first.client.dbsize() == 2
    crash(first)

    control = server()  # 고치지 않고 다시 켜면 FLUSHALL까지 되살아납니다
    assert control.client.dbsize() == 2
    crash(control)

    undo = undo_flushall(tmp_path)
    assert undo.after >= 2
    fixed = server()
    assert fixed.client.dbsize() == likes + 2
    assert fixed.client.get(f"likes:{likes - 1}") == str(likes - 1)
    assert fixed.client.get("likes:7") == "8"
    assert fixed.client.get("after") == "kept"


def test_after_a_rewrite_a_real_history_is_gone(server, tmp_path):
    backend = server()
    backend.client.set("a", 1)
    backend.client.flushall()
    backend.client.bgrewriteaof()
    wait_for_rewrite(backend.client)
    crash(backend)
    with pytest.raises(StorageFailure, match="다시 쓰여"):
        undo_flushall(tmp_path)


def test_what_is_answered_but_not_yet_written_is_waited_for():
    """fsync가 밀린 서버의 버퍼는 비기 전에 답부터 합니다."""
    lengths = [66, 33, 0]

    class Busy:
        def info(self, section):
            return {"aof_buffer_length": lengths.pop(0)}

    wait_until_written(Busy())
    assert lengths == []


def wait_for_rewrite(client):
    def busy():
        info = client.info("persistence")
        return info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]

    wait_until(lambda: not busy(), "AOF 다시 쓰기가 끝남")
