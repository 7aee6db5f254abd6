"""OPENSEARCH_URL: 닿는지, 어느 제품인지, 한국어 분석기가 있는지. 만들지 않고 묻기만 합니다."""

from __future__ import annotations

import base64
import http.client
import json
import re
import ssl
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from ddialab.core.errors import BackendUnavailable
from ddialab.core.search_address import read_opensearch_url
from ddialab.doctor.finding import Finding, bad, good, misread, warn
from ddialab.doctor.outside import Link, Unreachable, connect, why, wrap

FORM = "OPENSEARCH_URL=http://주소:9200"
OLDEST = (7, 10)  # 별칭에만 쓰는 요청(require_alias)을 알아듣는 Elasticsearch의 버전
MEANINGS = {  # HTTP의 상태: (무엇이 잘못됐나, 할 일)
    401: (
        "사용자 이름이나 비밀번호가 맞지 않거나 빠졌습니다",
        "OPENSEARCH_URL=https://사용자:비밀번호@주소:포트",
    ),
    403: ("이 사용자에게 허락되지 않은 요청입니다", "이름이 ddialab-인 색인의 권한을 받으세요"),
    429: ("바빠서 요청을 받지 않습니다", "잠시 뒤에 make doctor를 다시 치세요"),
    503: ("아직 준비되지 않았습니다", "잠시 뒤에 make doctor를 다시 치세요"),
}


class Reply(NamedTuple):
    """HTTP의 상태와 답. JSON이 아니면 ``body``는 빈 사전입니다."""

    status: int
    body: dict[str, Any]


def check(url: str) -> Finding:
    """``url``의 서버에 물어본 결과 한 줄. 비밀번호는 나오지 않습니다."""
    try:
        parts = urlsplit(read_opensearch_url(url))
    except BackendUnavailable as error:
        return misread(error)
    where = f"OPENSEARCH_URL({parts.hostname}:{parts.port})"
    try:
        with _connected(parts) as link:
            return _look(Talk(link, parts), where)
    except Unreachable as error:
        return bad(f"{where}: {error}", _remedy(str(error), parts.scheme))
    except (http.client.HTTPException, ConnectionError):
        return bad(f"{where}: HTTP로 답하지 않습니다", _remedy("TLS", parts.scheme))
    except OSError as error:
        return bad(f"{where}: {why(error)}", "서버의 기록을 보세요")


def _connected(parts) -> Link:
    link = connect(parts.hostname, parts.port)
    if parts.scheme != "https":
        return link
    try:
        return wrap(link, parts.hostname, _context(parts.query))
    except (Unreachable, OSError):
        link.close()
        raise


def _context(query: str) -> ssl.SSLContext:
    """주소의 ? 뒤에 적은 대로 믿는 TLS."""
    options = {key: values[0] for key, values in parse_qs(query).items()}
    context = ssl.create_default_context(cafile=options.get("ca_certs"))
    if options.get("verify_certs") == "false":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Talk:
    """이미 연결한 소켓 하나로 여러 번 묻습니다. 프록시의 설정은 보지 않습니다."""

    def __init__(self, link: Link, parts):
        self._http = http.client.HTTPConnection(parts.hostname, parts.port)
        self._http.sock = link
        self._headers = {"Content-Type": "application/json"}
        if parts.username or parts.password:
            login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()

    def ask(self, path: str, body: dict | None = None) -> Reply:
        sent = None if body is None else json.dumps(body)
        self._http.request("GET" if body is None else "POST", path, sent, self._headers)
        answer = self._http.getresponse()
        try:
            read = json.loads(answer.read(1 << 20))
        except ValueError:
            read = {}
        return Reply(answer.status, read if isinstance(read, dict) else {})


def _look(talk: Talk, where: str) -> Finding:
    about = talk.ask("/")
    if about.status in MEANINGS:
        what, todo = MEANINGS[about.status]
        return bad(f"{where}: {what}", todo)
    name, version = _product(about)
    if not name:
        return bad(f"{where}: OpenSearch가 아닌 웹 서버입니다", f"주소와 포트를 확인하세요: {FORM}")
    if name == "Elasticsearch" and version < OLDEST:
        return bad(f"{where}: {_called(about)}, 너무 낡았습니다", "make opensearch로 띄우세요")
    if talk.ask("/_cluster/health").body.get("status") == "red":
        return bad(
            f"{where}: {_called(about)}, 읽지 못하는 색인이 있습니다(red)",
            "서버의 기록을 보고 그 색인을 되살리거나 지우세요",
        )
    if talk.ask("/_analyze", {"analyzer": "nori", "text": "큐"}).status == 200:
        return good(f"{where}: {_called(about)}, 한국어 분석기 nori가 있습니다")
    return warn(
        f"{where}: {_called(about)}, 한국어 분석기 nori가 없어 cjk를 사용합니다",
        "nori로 보려면 make opensearch로 띄우거나 analysis-nori 플러그인을 설치하세요",
    )


def _product(about: Reply) -> tuple[str, tuple[int, ...]]:
    """(제품의 이름, 버전의 앞 두 자리). 검색 서버가 아니면 빈 이름입니다."""
    version = about.body.get("version")
    number = version.get("number") if isinstance(version, dict) else None
    found = re.match(r"(\d+)\.(\d+)", number) if isinstance(number, str) else None
    if about.status != 200 or not found:
        return "", ()
    ours = version.get("distribution") == "opensearch"
    return "OpenSearch" if ours else "Elasticsearch", (int(found[1]), int(found[2]))


def _called(about: Reply) -> str:
    number = re.sub(r"[^\w.-]", "", about.body["version"]["number"])[:20]
    return f"{_product(about)[0]} {number}"


def _remedy(why_not: str, scheme: str) -> str:
    if "인증서" in why_not:
        return (
            "OPENSEARCH_URL 끝에 ?ca_certs=/경로/ca.pem을 붙이세요. 내 서버면 ?verify_certs=false"
        )
    if "TLS" in why_not:
        other = "http" if scheme == "https" else "https"
        return f"OPENSEARCH_URL을 {other}://로 적거나 포트를 확인하세요"
    return f"make opensearch로 띄우거나 주소를 고치세요: {FORM}"
