"""검색 서버가 거절한 까닭을 독자의 말로: 까닭마다 한 문장, 그리고 할 일."""

from __future__ import annotations

import re

from ddialab.core.address import ENCODE, INSIDE_ONLY
from ddialab.core.errors import BackendUnavailable, StorageFailure
from ddialab.core.search_address import FIX, FORM

ACCEPTED = "켜져 있고 쓰기를 받는 OpenSearch 서버여야 합니다."
RED = "클러스터의 상태가 red입니다(읽고 쓸 수 없는 색인이 있음)"
HEALTHY = "GET /_cluster/health의 상태가 green이나 yellow가 된 뒤에 셀을 다시 실행하세요."
WAIT = "잠시 뒤에 셀을 다시 실행하세요."
SPACE = "서버의 디스크를 비우고 다시 하세요. 서버는 자리가 나면 스스로 쓰기를 다시 받습니다."

# (오류에 든 말, 까닭, 할 일). 앞의 것부터 봅니다. 상태 번호는 맨 앞에 있습니다
CAUSES = (
    (
        r"^401",
        "사용자 이름이나 비밀번호가 맞지 않거나 빠졌습니다",
        f"https://사용자:비밀번호@호스트:포트 꼴로 적으세요. {ENCODE} {FIX}",
    ),
    (
        r"disk usage exceeded|flood.stage|read.only.allow.delete|FORBIDDEN/1[02]",
        "디스크가 가득 차서 서버가 색인을 읽기 전용으로 바꾸었습니다",
        SPACE,
    ),
    (
        r"cluster_block_exception|read.only|FORBIDDEN/",
        "관리자가 쓰기를 막아 둔 서버입니다(read_only)",
        f"서버의 관리자에게 문의하세요. {FIX}",
    ),
    (
        r"^403",
        "이 사용자는 색인을 만들거나 읽고 쓸 권한이 없습니다",
        f"서버의 관리자에게 이름이 ddialab-으로 시작하는 색인의 권한을 달라고 하세요. {FIX}",
    ),
    (
        r"index_not_found|no such index",
        "색인이 없어졌습니다(다른 곳에서 지웠을 수 있습니다)",
        "첫 셀부터 다시 실행하면 새로 만들어 채웁니다.",
    ),
    (
        r"maximum.*shards|max_shards_per_node",
        "서버에 색인을 더 만들 수 없습니다(샤드 한도)",
        "쓰지 않는 색인을 지우거나 cluster.max_shards_per_node를 늘리세요.",
    ),
    (
        r"^429|es_rejected|rejected_execution|circuit_breaking|Data too large",
        "서버가 바쁘거나 메모리가 모자라 요청을 받지 않습니다",
        WAIT,
    ),
    (
        r"^503|master_not_discovered|cluster_manager_not_discovered|no_shard_available"
        r"|all shards failed|unavailable_shards",
        RED,
        HEALTHY,
    ),
    (
        r"(?i)self.signed|unable to get local issuer",
        "TLS 인증서를 믿을 수 없습니다(자체 서명했거나 모르는 기관의 것)",
        "주소 끝에 ?ca_certs=인증서_파일을 붙이세요. "
        "직접 띄운 서버면 ?verify_certs=false도 됩니다.",
    ),
    (
        r"(?i)WRONG_VERSION_NUMBER|record layer|UNEXPECTED_EOF",
        "이 포트는 TLS로 답하지 않습니다",
        f"https:// 대신 http://로 적으세요. {FIX}",
    ),
    (
        r"(?i)certificate|SSLError|\[SSL",
        "TLS로 연결하지 못했습니다",
        f"인증서와 포트를 확인하세요. {FIX}",
    ),
    (
        r"(?i)Name or service not known|nodename nor|No address|name resolution|getaddrinfo",
        "그런 이름의 호스트를 찾지 못했습니다",
        f"호스트의 철자를 확인하세요. {INSIDE_ONLY} {FIX}",
    ),
    (r"(?i)timed? ?out", "제때 답하지 않습니다", f"호스트와 방화벽을 확인하세요. {FIX}"),
    (
        r"(?i)refused",
        "연결할 수 없습니다(받는 서버가 없음)",
        f"`make opensearch`로 서버를 켜고 그 주소를 적으세요. {FIX}",
    ),
    (
        r"(?i)RemoteDisconnected|Connection aborted|reset by peer|closed connection|BadStatusLine",
        "연결하자마자 끊겼습니다",
        f"TLS 포트이면 https://로 적고, 포트가 맞는지 보세요. {FIX}",
    ),
)


def unavailable(where: str, status: object, told: object) -> BackendUnavailable | StorageFailure:
    """서버 ``where``가 거절했거나 닿지 않는 오류. ``told``는 서버나 연결이 말한 것입니다."""
    text = f"{status} {told}"
    for sign, why, todo in CAUSES:
        if re.search(sign, text):
            kind = StorageFailure if todo is SPACE else BackendUnavailable
            return kind(f"{where}: {why}.", ACCEPTED, todo)
    if not isinstance(told, dict):
        return other_server(where)
    other = "OpenSearch와 다른 제품입니다. " * ("Elasticsearch" in where)
    return BackendUnavailable(
        f"{where}: 요청을 거절했습니다({status}, {_type(told)}).",
        ACCEPTED,
        f"{other}`make opensearch`가 알려 주는 주소를 적으세요. {FIX}",
    )


def other_server(where: str) -> BackendUnavailable:
    """OpenSearch처럼 답하지 않는 서버."""
    return BackendUnavailable(
        f"{where}: OpenSearch가 아닌 서버가 답했습니다.",
        FORM,
        f"호스트와 포트를 확인하세요. OpenSearch의 기본 포트는 9200입니다. {FIX}",
    )


def red(where: str) -> BackendUnavailable:
    """읽지 못하는 색인이 있는 클러스터. 아직 아무것도 만들지 않았습니다."""
    return BackendUnavailable(f"{where}: {RED}.", ACCEPTED, f"{HEALTHY} {FIX}")


def too_old(where: str) -> BackendUnavailable:
    """이 책의 요청을 알아듣지 못하는 버전."""
    return BackendUnavailable(
        f"{where}: 너무 오래된 버전입니다.",
        "OpenSearch나 Elasticsearch 7.10 이상이어야 합니다.",
        f"`make opensearch`가 알려 주는 주소를 적으세요. {FIX}",
    )


def no_room(where: str) -> StorageFailure:
    """색인은 만들었지만 담을 노드가 없는 서버. 만든 색인은 도로 지웠습니다."""
    return StorageFailure(
        f"{where}: 색인을 담을 노드를 찾지 못했습니다(디스크가 거의 찼을 때도 그렇습니다).",
        ACCEPTED,
        SPACE,
    )


def _type(told: dict) -> str:
    error = told.get("error", told)
    kind = error.get("type", "") if isinstance(error, dict) else ""
    return kind if re.fullmatch(r"\w{1,60}", str(kind)) else "모르는 까닭"
