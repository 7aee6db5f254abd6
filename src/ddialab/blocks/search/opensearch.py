"""OpenSearch: 독자가 띄운 검색 서버. 제품의 클라이언트로 이야기합니다.

낱말을 나누는 일을 서버의 분석기(analyzer)에 맡깁니다. 한국어의 조사와 어미를 떼는 nori가 있으면
nori, 없으면 한글을 두 글자씩 자르는 cjk입니다. 그래서 다른 엔진과 답이 다를 수 있습니다. cjk는
홀로 선 한 글자만 한 글자로 적으므로 「큐를」은 「큐를」로만 찾아지고, 「나누다」의 바이그램은
「나눈다」에 없습니다. nori는 「큐」와 「를」을 나누어 조사를 버리고, 「나누는」에서 어미를 떼어
어간 「나누」를 적으므로 둘 다 찾습니다. 그 대신 낱말의 가운데는 사전이 나눈 곳에서만 찾습니다.

독자의 서버입니다. 이름이 ``ddialab-``으로 시작하는, 우리가 만든 색인 하나만 읽고 고칩니다.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ddialab.blocks.posts import check_text
from ddialab.blocks.search import refusal
from ddialab.blocks.search.index import Entry, SearchIndex
from ddialab.blocks.search.terms import composed
from ddialab.core.address import shown_url, unquoted
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability, check_choice
from ddialab.core.search_address import read_opensearch_url
from ddialab.core.workspace import IN_BROWSER, OUTSIDE

ANALYZERS = ("nori", "cjk")  # 앞의 것부터 사용합니다
ANSWER_TIMEOUT = 60.0  # 초. 서버가 샤드를 기다리는 시간(30초)보다 깁니다
BATCH = 1000  # 한 번에 보내는 게시글의 수
OLDEST = (7, 10)  # 별칭에만 쓰는 요청(require_alias)을 알아듣는 Elasticsearch의 버전
PAGE = 10_000  # 한 번에 받는 번호의 수: 서버가 허락하는 가장 큰 값(max_result_window)
NAME = r"ddialab-[a-z0-9-]{1,60}"
LIVE = {"term": {"live": True}}


class OpenSearch(SearchIndex):
    """``url``의 서버에 만든 검색 색인 하나. `put`이 돌아왔으면 검색에 보입니다.

    ``index``를 적지 않으면 새 이름으로 만들어 닫을 때 지웁니다. 적으면 그 이름으로 만들거나 이어서
    사용하고 `drop`으로만 지웁니다. ``analyzer``는 nori나 cjk이고, 없으면 서버에 있는 것을 고릅니다.
    연결할 수 없거나 사용할 수 없는 서버면 `BackendUnavailable`.
    """

    def __init__(self, url: str, index: str | None = None, analyzer: str | None = None):
        _require_network()
        self.index = _new_name() if index is None else _own_name(index)
        if analyzer is not None:
            check_choice("analyzer", analyzer, ANALYZERS)
        # 쓸 때는 별칭으로. 색인의 이름으로 쓰면, 누가 색인을 지웠을 때 서버가 멋대로 새로 만듭니다
        self._door = f"{self.index}-write"
        self.where = f"OPENSEARCH_URL={shown_url(unquoted(url))}"
        self._client: Any = _connect(read_opensearch_url(url))
        self._release = None
        try:
            product = self._product()
            self.analyzer = self._made_with() or self._make(analyzer)
        except BaseException:
            self.close()
            raise
        self.name = f"{product} ({self.analyzer})"
        if index is None:
            # 닫지 않고 끝나도 지웁니다. 강제로 죽으면 남습니다
            self._release = weakref.finalize(self, _remove, self._client, self.index, os.getpid())

    def latest(self) -> int:
        """지운 것까지, 색인이 기억하는 가장 높은 버전. 아무것도 없으면 0."""
        body = {"sort": [{"version": "desc"}], "size": 1, "_source": False}
        hits = self._hits(body)
        return hits[0]["sort"][0] if hits else 0

    def clear(self) -> None:
        """색인을 새로 만듭니다. 문서를 하나씩 지우면 서버가 지운 버전을 잠시 기억합니다."""
        with self._explained():
            self._open().indices.delete(index=self.index, ignore_unavailable=True)
        self._make(self.analyzer)

    def drop(self) -> None:
        """색인을 서버에서 지우고 닫습니다."""
        if self._client is not None:
            with self._explained():
                self._client.indices.delete(index=self.index, ignore_unavailable=True)
        self.close()

    def close(self) -> None:
        """연결을 닫습니다. 스스로 지은 이름의 색인은 지웁니다. 두 번 불러도 됩니다."""
        client, self._client = self._client, None
        if self._release is not None:
            self._release()
        if client is not None:
            client.close()

    def __len__(self) -> int:
        with self._explained():
            return self._open().count(index=self.index, body={"query": LIVE})["count"]

    def analyze(self, text: str) -> list[str]:
        """서버의 분석기가 ``text``에서 색인에 적는 것들."""
        body = {"analyzer": self.analyzer, "text": composed(check_text("text", text))}
        with self._explained():
            return [one["token"] for one in self._open().indices.analyze(body=body)["tokens"]]

    # ── 서버와 색인 ──

    def _product(self) -> str:
        """제품과 버전. 사용할 수 없는 서버면 `BackendUnavailable`."""
        with self._explained():
            about = self._client.info()
        version = about.get("version") if isinstance(about, dict) else None
        number = str(version.get("number", "")) if isinstance(version, dict) else ""
        release = re.match(r"(\d+)\.(\d+)", number)
        if not release or not re.fullmatch(r"[\w.-]{1,30}", number):
            raise refusal.other_server(self.where)
        product = "OpenSearch" if version.get("distribution") == "opensearch" else "Elasticsearch"
        self.where = f"{self.where}({product} {number})"
        if product == "Elasticsearch" and tuple(map(int, release.groups())) < OLDEST:
            raise refusal.too_old(self.where)
        with self._explained():
            health = self._client.cluster.health(ignore=403)  # 물어볼 권한은 없어도 됩니다
        if health.get("status") == "red":
            raise refusal.red(self.where)
        return f"{product} {number}"

    def _made_with(self) -> str | None:
        """이미 있는 색인의 분석기. 색인이 없으면 None."""
        with self._explained():
            found = self._client.indices.get(index=self.index, ignore=404).get(self.index)
            if found is None:
                return None
            if self._door not in found["aliases"]:  # 별칭을 두기 전의 코드가 만든 색인
                self._client.indices.put_alias(index=self.index, name=self._door)
            return found["mappings"]["properties"]["text"]["analyzer"]

    def _make(self, analyzer: str | None) -> str:
        analyzer = analyzer or next(filter(self._has, ANALYZERS), ANALYZERS[-1])
        with self._explained():
            settings = {**_settings(analyzer), "aliases": {self._door: {}}}
            made = self._client.indices.create(index=self.index, body=settings)
        if not made.get("shards_acknowledged", True):
            self.drop()
            raise refusal.no_room(self.where)
        return analyzer

    def _has(self, analyzer: str) -> bool:
        body = {"analyzer": analyzer, "text": "큐"}
        with self._explained():
            return "tokens" in self._client.indices.analyze(body=body, ignore=400)

    # ── 넣고 찾기 ──

    def _write(self, entries: list[Entry]) -> int:
        client, count = self._open(), 0
        with self._explained():
            for start in range(0, len(entries), BATCH):
                body = [line for entry in entries[start : start + BATCH] for line in _lines(entry)]
                answer = client.bulk(body=body, index=self._door, require_alias=True)
                count += sum(self._accepted(item["index"]) for item in answer["items"])
            client.indices.refresh(index=self.index)
        return count

    def _accepted(self, item: dict) -> bool:
        if item["status"] not in (200, 201, 409):
            raise refusal.unavailable(self.where, item["status"], item["error"])
        return item["status"] != 409  # 더 높은 버전이 이미 있음

    def _find(self, query: str, limit: int | None) -> list[int]:
        match = {"match": {"text": {"query": query, "operator": "and"}}}
        asked = {
            "query": {"bool": {"must": match, "filter": LIVE}},
            "sort": [{"id": "desc"}],
            "_source": False,
        }
        found: list[int] = []
        while limit is None or len(found) < limit:
            size = PAGE if limit is None else min(PAGE, limit - len(found))
            page = [int(hit["_id"]) for hit in self._hits({**asked, "size": size})]
            found += page
            if len(page) < size:
                break
            asked["search_after"] = [page[-1]]
        return found

    def _hits(self, body: dict) -> list[dict]:
        with self._explained():
            return self._open().search(index=self.index, body=body)["hits"]["hits"]

    def _held(self, id: int) -> Entry | None:
        with self._explained():
            answer = self._open().get(index=self.index, id=str(id), ignore=404)
            if "found" not in answer:
                raise refusal.unavailable(self.where, 404, answer.get("error"))
        if not answer["found"]:
            return None
        source = answer["_source"]
        return Entry(id, answer["_version"], source.get("typed", source.get("text")))

    def _open(self):
        if self._client is None:
            raise BackendUnavailable(
                f"{self.where}: 이미 닫은 검색 색인입니다.", todo="OpenSearch로 다시 여세요."
            )
        return self._client

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """클라이언트의 오류를 독자의 말로 바꿉니다."""
        from opensearchpy.exceptions import OpenSearchException, TransportError

        try:
            yield
        except TransportError as error:
            raise refusal.unavailable(self.where, error.status_code, _told(error)) from None
        except OpenSearchException as error:  # JSON이 아닌 답
            raise refusal.unavailable(self.where, "N/A", str(error)) from None
        except (KeyError, TypeError):  # 규약에 어긋난 답
            raise refusal.other_server(self.where) from None


def _require_network() -> None:
    if IN_BROWSER:
        raise MissingCapability(
            "브라우저 안에서는 검색 서버에 연결할 수 없습니다.",
            "컴퓨터에 설치한 파이썬이 있어야 합니다.",
            OUTSIDE,
        )


def _connect(url: str):
    import logging

    from opensearchpy import OpenSearch as Client

    logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # 오류는 우리가 말합니다
    options = dict(parse_qsl(urlsplit(url).query))
    return Client(
        [url.partition("?")[0]],
        timeout=ANSWER_TIMEOUT,
        max_retries=0,
        verify_certs=options.get("verify_certs", "true") == "true",
        ssl_show_warn=False,
        **({"ca_certs": options["ca_certs"]} if "ca_certs" in options else {}),
    )


def _told(error) -> object:
    """서버가 말한 것. 서버에 닿지 못했으면 그 까닭입니다."""
    return error.info if error.info else error.error


def _settings(analyzer: str) -> dict:
    fields = {
        "id": {"type": "long"},
        "version": {"type": "long"},  # 문서의 _version으로는 찾거나 정렬할 수 없습니다
        "live": {"type": "boolean"},
        "text": {"type": "text", "analyzer": analyzer},
    }
    return {
        "settings": {"number_of_shards": 1, "number_of_replicas": 0},
        "mappings": {"dynamic": False, "properties": fields},
    }


def _lines(entry: Entry) -> tuple[dict, dict]:
    """한꺼번에 넣는 요청(bulk)의 두 줄. 지운 것도 문서로 남아야 버전을 오래 기억합니다."""
    version = {"version": entry.version, "version_type": "external_gte"}
    document = {"id": entry.id, "version": entry.version, "live": entry.text is not None}
    if entry.text is not None:
        document["text"] = composed(entry.text)
        if document["text"] != entry.text:  # 적은 그대로 돌려줄 것. 찾는 데는 쓰지 않습니다
            document["typed"] = entry.text
    return {"index": {"_id": str(entry.id), **version}}, document


def _new_name() -> str:
    return f"ddialab-{uuid.uuid4().hex[:12]}"


def _own_name(index: str) -> str:
    if isinstance(index, str) and re.fullmatch(NAME, index):
        return index
    raise InvalidValue(
        f"index={index!r}: 쓸 수 없는 색인의 이름입니다.",
        "ddialab-으로 시작하고 소문자와 숫자와 -만 있는 이름이어야 합니다.",
        "서버에 있는 남의 색인과 섞이지 않게 하려는 것입니다.",
    )


def _remove(client, index: str, pid: int) -> None:
    from opensearchpy.exceptions import OpenSearchException

    if os.getpid() == pid:  # fork로 갈라진 자식은 부모의 색인을 지우지 않습니다
        with contextlib.suppress(OpenSearchException):  # 서버가 먼저 사라졌을 수 있습니다
            client.indices.delete(index=index, ignore_unavailable=True)
