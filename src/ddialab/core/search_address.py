"""OpenSearch의 주소(``OPENSEARCH_URL``)를 읽습니다. 규칙은 `core.address`의 것입니다."""

from __future__ import annotations

import os.path
import re
from urllib.parse import unquote

from ddialab.core.address import (
    ENCODE,
    HIDDEN,
    UNSEEN,
    fault_of_hosts,
    shown_url,
    unfilled,
    unquoted,
)
from ddialab.core.errors import BackendUnavailable

FIX = "OPENSEARCH_URL을 고치고 커널을 다시 시작하세요."
FORM = "http://주소:포트, https://사용자:비밀번호@주소:포트(TLS) 꼴이어야 합니다."
PORTS = {"http": 9200, "https": 443}  # 포트를 적지 않았을 때. 클라이언트도 이렇게 읽습니다


def read_opensearch_url(typed: str) -> str:
    """OpenSearch의 주소: 종류는 소문자로, 포트는 늘 적고, 끝의 /는 떼어 돌려줍니다.

    ``?ca_certs=파일``(믿을 인증서)과 ``?verify_certs=false``(인증서를 확인하지 않음)만 그대로
    둡니다. 읽을 수 없으면 `BackendUnavailable`.
    """
    url = unquoted(typed)
    if fault := unfilled(url) or _fault(url):
        why, todo = fault
        raise BackendUnavailable(
            f"OPENSEARCH_URL={shown_url(url)}: 주소를 읽을 수 없습니다({why}).",
            FORM,
            f"{todo} {FIX}".strip(),
        )
    scheme, _, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    host, _, options = place.partition("?")
    host, scheme = host.rstrip("/"), scheme.lower()
    port = "" if re.search(r":\d+$", host) else f":{PORTS[scheme]}"
    return f"{scheme}://{login}{at}{host.rstrip(':')}{port}{'?' * bool(options)}{options}"


def search_summary(typed: str | None) -> str:
    """검색 색인을 둘 곳을 알려 주는 말. ``typed``는 독자가 적은 주소이고, 없으면 None입니다."""
    if typed is None:
        return "SQLite의 전문 검색 (파이썬 안)"
    read_opensearch_url(typed)  # 읽을 수 없으면 여기서 말합니다
    return f"{shown_url(unquoted(typed))} (직접 지정한 서버). 시뮬레이션은 메모리 (파이썬 안)"


def _fault(url: str) -> tuple[str, str] | None:
    """OpenSearch의 주소에서 (틀린 까닭, 할 일). 맞으면 None입니다."""
    scheme, found, rest = url.partition("://")
    if not found or scheme.lower() not in PORTS:
        return _not_opensearch(url)
    login, _, place = rest.rpartition("@")
    if re.search(rf"[@/?#\[\]\s{UNSEEN}]", login):
        return f"@가 둘 이상이거나 @ 앞에 / ? # [ ] 나 빈칸이 있음, {HIDDEN}", ENCODE
    if re.search(rf"[\s{UNSEEN}]|%(?![0-9A-Fa-f]{{2}})", rest):
        return f"빈칸이나 보이지 않는 글자, 뒤에 16진수가 없는 %가 있음, {HIDDEN}", ENCODE
    hosts, path, options = re.fullmatch(r"([^/?]*)(/[^?]*)?(?:\?(.*))?", place).groups()
    if "," in hosts:
        return "호스트가 둘 이상임", "서버 하나의 주소만 적으세요."
    if not re.match(r"[^:]|::", hosts):
        return "호스트가 없음", "://와 포트 사이에 서버의 이름이나 주소를 적으세요."
    if fault := fault_of_hosts(hosts):
        return f"호스트나 포트가 틀림, {HIDDEN}", fault[1]
    if (path or "/").strip("/"):
        return "주소 끝에 색인의 이름이나 경로가 있음", "호스트와 포트까지만 적으세요."
    return _fault_of_options(scheme.lower(), options or "")


def _not_opensearch(url: str) -> tuple[str, str]:
    """어느 도구의 주소인지 짚고, 어떻게 적을지."""
    why = "http://나 https://로 시작하지 않음"
    for pattern, meant, todo in (
        (r"[\s=:'\"]https?://", f"{why}, 앞에 다른 말이 있음",
         "curl이나 OPENSEARCH_URL= 같은 말은 빼고 http부터 적으세요."),
        (r"^postgres", "PostgreSQL의 주소임", "DATABASE_URL에 적으세요."),
        (r"^(?:redis|valkey)", "Redis의 주소임", "REDIS_URL에 적으세요."),
        (r"^(?:opensearch|elasticsearch|elastic|es)[\w+]*:", why,
         "앞을 http://(TLS이면 https://)로 바꾸세요."),
        (r"^[\w.-]+:[A-Za-z0-9+/]{16,}=*$", f"클라우드 ID(cloud id)임, {HIDDEN}",
         "서비스의 화면에서 https://로 시작하는 주소(endpoint)를 찾으세요."),
        (r"^(?:[\w.-]+|\[[0-9A-Fa-f:]+\])(?::\d+)?/?$", why,
         "앞에 http://(TLS이면 https://)를 붙이세요."),
        (r"^https?(?!://)[:：/\\]", "http 뒤가 ://가 아님", "http://로 시작하게 고치세요."),
    ):  # fmt: skip
        if re.search(pattern, url, re.IGNORECASE):
            return meant, todo
    return why, ""


def _fault_of_options(scheme: str, options: str) -> tuple[str, str] | None:
    if "&amp;" in options:
        return "? 뒤에 &amp;가 있음", "HTML에서 복사한 글자입니다. &amp;를 &로 바꾸세요."
    for key, _, value in (option.partition("=") for option in options.split("&") if option):
        if not re.fullmatch(r"\w{1,40}", key):
            return f"? 뒤를 읽을 수 없음, {HIDDEN}", ENCODE
        if key not in ("ca_certs", "verify_certs"):
            return f"모르는 옵션 {key}", "이 옵션을 빼세요."
        if scheme != "https":
            return f"{key}는 TLS의 옵션", "https://로 적거나 이 옵션을 빼세요."
        if key == "verify_certs" and value not in ("true", "false"):
            return "verify_certs에 모르는 값이 있음", "true나 false로 적으세요."
        if key == "ca_certs" and not os.path.isfile(unquote(value)):
            shown = unquote(value) if re.fullmatch(r"[\w./%~-]+", value) else "…"
            return f"ca_certs={shown}: 그런 파일이 없음", "파일의 경로를 절대 경로로 적으세요."
    return None
