"""OpenSearch: 독자의 서버에서 우리 색인만 만지고, 거절하는 서버의 까닭을 말합니다."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import opensearchpy
import pytest

from ddialab.blocks.search import opensearch, refusal
from ddialab.blocks.search.opensearch import OpenSearch
from ddialab.core.errors import BackendUnavailable, InvalidValue, LabError, StorageFailure
from opensearch_server import opensearch_url  # noqa: F401

SECRET = "s3cr3t"


def sentences(error: LabError) -> str:
    """세 문장이 다 있고 비밀번호는 없는 오류의 글."""
    assert error.problem
    assert error.accepted
    assert error.todo
    assert SECRET not in str(error)
    return str(error)


# ── 진짜 서버 ──────────────────────────────────────────────────────────────────


@pytest.fixture
def admin(opensearch_url):  # noqa: F811
    """서버를 띄운 독자의 클라이언트."""
    client = opensearchpy.OpenSearch([opensearch_url])
    yield client
    client.close()


@pytest.fixture
def index(opensearch_url):  # noqa: F811
    made = OpenSearch(opensearch_url)
    yield made
    made.drop()


def test_nothing_but_our_own_index_is_asked_for(opensearch_url, admin, monkeypatch):  # noqa: F811
    name = "posts"
    admin.index(name, {"text": "독자의 글", "id": 1}, id="1", refresh=True)
    asked = []
    perform = opensearchpy.Transport.perform_request

    def note(self, method, url, **more):
        asked.append(f"{method} {url}")
        return perform(self, method, url, **more)

    monkeypatch.setattr(opensearchpy.Transport, "perform_request", note)
    index = OpenSearch(opensearch_url)
    index.put(1, "우리의 글", 1)
    index.put_many([(2, "글 둘", 1), (3, "글 셋", 1)])
    index.delete(3, 2)
    assert index.find("글") == [2, 1], "독자의 글은 보이지 않습니다"
    assert (len(index), index.text(1), index.latest()) == (2, "우리의 글", 2)
    index.clear()
    index.drop()
    monkeypatch.undo()
    ours = ("GET /", "GET /_cluster/health", "POST /_analyze")
    assert [one for one in asked if one not in ours and f"/{index.index}" not in one] == []
    assert not [one for one in asked if "*" in one or "_all" in one or "," in one]
    assert admin.get(name, "1")["_source"] == {"text": "독자의 글", "id": 1}
    assert admin.get(name, "1")["_version"] == 1
    admin.indices.delete(name)


@pytest.mark.parametrize("name", ["posts", "ddialab-*", "ddialab-", "ddialab-a,posts", "ddialab-A",
                                  "_all", "*", "", 3, "ddialab-가"])  # fmt: skip
def test_a_name_that_could_be_somebody_elses_is_refused(name):
    with pytest.raises(InvalidValue, match="ddialab-") as told:
        OpenSearch("http://127.0.0.1:1", index=name)
    sentences(told.value)


def test_the_index_we_named_ourselves_goes_when_closed(opensearch_url, admin):  # noqa: F811
    index = OpenSearch(opensearch_url)
    index.put(1, "글")
    assert admin.indices.exists(index.index)
    index.close()
    index.close()
    assert not admin.indices.exists(index.index)
    for action in (lambda: index.put(1, "글"), lambda: index.find("글"), index.latest, index.clear):
        with pytest.raises(BackendUnavailable, match="이미 닫"):
            action()


FORGOTTEN = """
import sys
from ddialab.blocks.search.opensearch import OpenSearch
index = OpenSearch(sys.argv[1])
index.put(1, "글")
print(index.index)
"""


def test_an_index_that_nobody_closed_goes_with_the_kernel(opensearch_url, admin):  # noqa: F811
    argv = [sys.executable, "-c", FORGOTTEN, opensearch_url]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ddialab-")
    assert not admin.indices.exists(done.stdout.strip())


def test_a_named_index_is_found_again_as_it_was_made(opensearch_url, admin):  # noqa: F811
    fresh = f"{opensearch._new_name()}-again"
    with OpenSearch(opensearch_url, index=fresh, analyzer="cjk") as index:
        index.put(1, "큐를 읽기", 3)
    with OpenSearch(opensearch_url, index=fresh) as index:
        assert (index.analyzer, index.version(1), index.find("큐를")) == ("cjk", 3, [1])
        assert not index.put(1, "옛것", 2)
    index = OpenSearch(opensearch_url, index=fresh)
    index.drop()
    assert not admin.indices.exists(fresh)


def test_the_name_says_product_version_and_analyzer(opensearch_url, admin):  # noqa: F811
    number = admin.info()["version"]["number"]
    for analyzer in ("nori", "cjk"):
        with OpenSearch(opensearch_url, analyzer=analyzer) as index:
            assert index.name == f"OpenSearch {number} ({analyzer})"
    with OpenSearch(opensearch_url) as index:
        assert index.analyzer == "nori"
    with pytest.raises(InvalidValue, match="nori, cjk"):
        OpenSearch(opensearch_url, analyzer="standard")


def test_a_server_whose_disk_is_full_keeps_what_it_has(index, admin):
    index.put(1, "캐시를 읽기")
    settings = {"index.blocks.read_only_allow_delete": True}  # 서버가 스스로 거는 것
    admin.indices.put_settings(settings, index=index.index)
    with pytest.raises(StorageFailure, match="디스크가 가득 차서") as told:
        index.put(2, "캐시를 쓰기")
    sentences(told.value)
    assert index.find("캐시") == [1]
    admin.indices.put_settings({"index.blocks.read_only_allow_delete": None}, index=index.index)
    assert index.put(2, "캐시를 쓰기")


def test_an_index_that_someone_removed_is_not_made_again(index, admin):
    index.put(1, "캐시")
    admin.indices.delete(index.index)
    for action in (lambda: index.put(2, "글"), lambda: index.find("글"), lambda: index.text(1)):
        with pytest.raises(BackendUnavailable, match="색인이 없어졌습니다") as told:
            action()
        sentences(told.value)
    assert not admin.indices.exists(index.index)


def test_an_index_that_goes_in_the_middle_of_a_batch_is_not_made_again(index, admin, monkeypatch):
    monkeypatch.setattr(opensearch, "BATCH", 1)
    bulk, sent = opensearchpy.OpenSearch.bulk, []

    def then_removed(self, **asked):
        answer = bulk(self, **asked)
        sent.append(answer)
        admin.indices.delete(index.index, ignore_unavailable=True)  # 다음 것을 보내기 전에
        return answer

    monkeypatch.setattr(opensearchpy.OpenSearch, "bulk", then_removed)
    with pytest.raises(BackendUnavailable, match="색인이 없어졌습니다") as told:
        index.put_many([(1, "글 하나"), (2, "글 둘")])
    sentences(told.value)
    assert len(sent) == 2, "둘째를 보내서야 알았습니다"
    assert admin.indices.get(f"{index.index}*", ignore=404) == {}, "매핑이 없는 색인도 없습니다"


def test_an_index_made_before_the_alias_is_still_written_to(opensearch_url, admin):  # noqa: F811
    name = f"{opensearch._new_name()}-old"
    admin.indices.create(name, opensearch._settings("cjk"))
    index = OpenSearch(opensearch_url, index=name)
    assert index.put(1, "큐를 읽기")
    assert (index.find("큐를"), index.analyzer) == ([1], "cjk")
    index.drop()
    assert not admin.indices.exists(name)


# ── 거절하는 서버 ──────────────────────────────────────────────────────────────

OPEN = {"version": {"distribution": "opensearch", "number": "2.19.1"}, "tagline": "OpenSearch"}
ELASTIC = {"version": {"number": "8.15.0", "build_flavor": "default"}, "tagline": "You Know"}
OLD = {"version": {"number": "7.9.3"}}  # 별칭에만 쓰는 요청을 모릅니다


def refused(kind: str, reason: str = "") -> dict:
    return {"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind,
                      "reason": reason}}  # fmt: skip


@pytest.fixture
def fake(monkeypatch):
    """``fake({"GET /": (상태, 답), …})``: 그렇게 답하는 서버의 주소. 없는 것은 200과 {}입니다."""
    monkeypatch.setattr(opensearch, "ANSWER_TIMEOUT", 5.0)
    servers = []

    def start(answers: dict) -> str:
        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                name = re.sub("^/ddialab-[^/]*", "/index", self.path.partition("?")[0])
                status, body = answers.get(f"{self.command} {name}", (200, {}))
                text = body if isinstance(body, str) else json.dumps(body)
                self.send_response(status)
                kind = "text/html" if isinstance(body, str) else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text.encode())

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, *_):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://admin:{SECRET}@127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


REFUSALS = {
    "another web server": ({"GET /": (200, "<html>hi</html>")}, "OpenSearch가 아닌 서버"),
    "an error page": ({"GET /": (404, "<html>no</html>")}, "OpenSearch가 아닌 서버"),
    "another api": ({"GET /": (200, {"version": "1"})}, "OpenSearch가 아닌 서버"),
    "a wrong password": ({"GET /": (401, "Unauthorized")}, "비밀번호가 맞지 않거나"),
    "an old product": ({"GET /": (200, OLD)}, r"Elasticsearch 7\.9\.3\): 너무 오래된"),
    "a red cluster": (
        {"GET /": (200, OPEN), "GET /_cluster/health": (200, {"status": "red"})}, "상태가 red"
    ),
    "no leader": (
        {"GET /": (503, refused("cluster_manager_not_discovered_exception"))}, "상태가 red"
    ),
    "no permission": (
        {"GET /": (200, OPEN), "PUT /index": (403, refused("security_exception", "no permissions")),
         "GET /index": (404, refused("index_not_found_exception"))}, "권한이 없습니다"
    ),
    "no room for a shard": (
        {"GET /": (200, OPEN), "PUT /index": (200, {"shards_acknowledged": False})}, "담을 노드"
    ),
    "too many shards": (
        {"GET /": (200, OPEN), "PUT /index": (400, refused(
            "validation_exception", "this action would add [1] total shards, but this cluster "
            "currently has [1000]/[1000] maximum shards open"))}, "샤드 한도"
    ),
    "a busy server": (
        {"GET /": (200, OPEN), "PUT /index": (429, refused("circuit_breaking_exception"))}, "바쁘"
    ),
    "a server that may only be read": (
        {"GET /": (200, OPEN), "PUT /index": (403, refused(
            "cluster_block_exception", "blocked by: [FORBIDDEN/6/cluster read-only (api)];"))},
        "쓰기를 막아",
    ),
    "a full disk": (
        {"GET /": (200, OPEN), "PUT /index": (403, refused(
            "index_create_block_exception",
            "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)]"))}, "디스크가",
    ),
    "another product that refuses": (
        {"GET /": (200, ELASTIC), "PUT /index": (400, refused("media_type_header_exception"))},
        r"Elasticsearch 8\.15\.0\): 요청을 거절했습니다\(400, media_type_header_exception\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_a_server_that_refuses_is_explained(fake, name):
    answers, said = REFUSALS[name]
    with pytest.raises((BackendUnavailable, StorageFailure), match=said) as told:
        OpenSearch(fake(answers))
    assert "127.0.0.1" in sentences(told.value)


def test_another_product_that_lets_us_is_named(fake):
    made = {"shards_acknowledged": True}
    answers = {"GET /": (200, ELASTIC), "PUT /index": (200, made),
               "POST /_analyze": (400, refused("illegal_argument_exception"))}  # fmt: skip
    with OpenSearch(fake(answers)) as index:
        assert index.name == "Elasticsearch 8.15.0 (cjk)", "nori가 없는 서버"


def test_one_refused_document_is_not_silent(fake):
    item = {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": "…"}}
    answers = {"GET /": (200, OPEN), "PUT /index": (200, {}),
               "POST /index/_bulk": (200, {"items": [{"index": item}]})}  # fmt: skip
    refused_one = pytest.raises(BackendUnavailable, match="400, mapper_parsing_exception")
    with OpenSearch(fake(answers)) as index, refused_one:
        index.put(1, "글")


def test_an_answer_of_another_shape_is_explained(fake):
    answers = {"GET /": (200, OPEN), "PUT /index": (200, {}), "POST /index/_bulk": (200, {})}
    with OpenSearch(fake(answers)) as index:
        for action in (lambda: index.put(1, "글"), lambda: index.find("글"), lambda: len(index)):
            with pytest.raises(BackendUnavailable, match="OpenSearch가 아닌 서버"):
                action()


def test_a_server_that_does_not_answer(fake, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(opensearch, "ANSWER_TIMEOUT", 0.2)
    url = fake({"GET /": Slow(gate)})
    with pytest.raises(BackendUnavailable, match="제때 답하지 않습니다") as told:
        OpenSearch(url)
    gate.set()
    sentences(told.value)


class Slow(tuple):
    """문이 열릴 때까지 답하지 않습니다."""

    def __new__(cls, gate):
        made = super().__new__(cls, (200, OPEN))
        made.gate = gate
        return made

    def __iter__(self):
        self.gate.wait(60)
        return super().__iter__()


def test_a_server_that_is_not_there(fake):
    port = int(fake({}).rpartition(":")[2])
    with pytest.raises(BackendUnavailable, match="TLS로 답하지 않습니다") as told:
        OpenSearch(f"https://admin:{SECRET}@127.0.0.1:{port}")
    sentences(told.value)
    with pytest.raises(BackendUnavailable, match="받는 서버가 없음") as told:
        OpenSearch(f"http://admin:{SECRET}@127.0.0.1:1")
    assert "make opensearch" in sentences(told.value)


@pytest.mark.parametrize("url", ["localhost:9200", "redis://localhost", f"http://a:{SECRET}@b@c"])
def test_a_wrong_address_is_refused_before_anything_is_asked(url):
    with pytest.raises(BackendUnavailable, match="주소를 읽을 수 없습니다") as told:
        OpenSearch(url)
    sentences(told.value)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("[Errno -2] Name or service not known", "호스트를 찾지 못했습니다"),
        ("CERTIFICATE_VERIFY_FAILED] self-signed certificate", "verify_certs=false"),
        ("CERTIFICATE_VERIFY_FAILED] certificate has expired", "TLS로 연결하지"),
        ("('Connection aborted.', RemoteDisconnected('closed'))", "연결하자마자"),
        (f"password {SECRET} leaked by the library", "OpenSearch가 아닌 서버"),
    ],
)
def test_a_connection_that_fails_is_explained(told, said):
    assert said in sentences(refusal.unavailable("OPENSEARCH_URL=http://h:9200", "N/A", told))
