"""Redis 자리의 서버가 거절한 까닭을 독자의 말로: 까닭마다 한 문장, 그리고 할 일.

서버의 원문은 그대로 옮기지 않습니다. 옛 서버는 모르는 명령의 인자까지 되풀이하는데, 거기에
비밀번호가 있을 수 있습니다.
"""

from __future__ import annotations

import re

from ddialab.core.address import ENCODE, INSIDE_ONLY
from ddialab.core.errors import BackendUnavailable, StorageFailure
from ddialab.core.valkey import ANSWER_TIMEOUT

ACCEPTED = "켜져 있고 명령에 답하는 Valkey나 Redis 서버여야 합니다."
AGAIN = "서버를 다시 켜고 이 절의 첫 셀부터 다시 실행하세요."
EMBEDDED = "서버 없이 보려면 DDIALAB_BACKEND=embedded로 바꾸고 커널을 다시 시작하세요."
FIX_ADDRESS = "REDIS_URL을 고치고 커널을 다시 시작하세요."
OTHER_ADDRESS = "이 책의 실습이 쓸 수 있는 다른 서버를 REDIS_URL에 적으세요."

# (오류에 든 말, 까닭, 할 일). 앞의 것부터 봅니다
CAUSES = (
    (r"LOADING", "켜지는 중이라 아직 데이터를 읽고 있습니다", "다 읽은 뒤에 셀을 다시 실행하세요."),
    (
        r"NOPERM|no permissions|User .* has no",
        "이 사용자에게 허락되지 않은 명령이나 키입니다",
        "서버의 관리자에게 ACL `~ddialab:* +get +set +del +ping +select`를 달라고 하세요.",
    ),
    (
        r"NOAUTH|Authentication required",
        "비밀번호가 있어야 합니다",
        f"redis://:비밀번호@주소 꼴로 적으세요. {FIX_ADDRESS}",
    ),
    (
        r"WRONGPASS|invalid (username|password)",
        "사용자 이름이나 비밀번호가 맞지 않습니다",
        f"비밀번호만 있으면 redis://:비밀번호@주소 꼴입니다(앞의 :까지). {ENCODE} {FIX_ADDRESS}",
    ),
    (
        r"(without any password|no password is set)",
        "비밀번호가 없는 서버인데 비밀번호를 적었습니다",
        f"주소에서 비밀번호를 빼세요. {FIX_ADDRESS}",
    ),
    (
        r"(?i)wrong number of arguments for 'auth'",
        "Redis 6보다 오래되어 사용자 이름을 모릅니다",
        f"사용자 이름을 빼고 redis://:비밀번호@주소 꼴로 적으세요. {FIX_ADDRESS}",
    ),
    (
        r"(?i)self.signed|unable to get local issuer",
        "TLS 인증서를 믿을 수 없습니다(자체 서명했거나 모르는 기관의 것)",
        "주소 끝에 ?ssl_ca_certs=인증서_파일을 붙이세요. "
        "직접 띄운 서버면 ?ssl_cert_reqs=none도 됩니다.",
    ),
    (r"(?i)certificate has expired", "TLS 인증서의 기한이 지났습니다", "서버의 인증서를 바꾸세요."),
    (
        r"(?i)hostname mismatch|address mismatch|not valid for",
        "TLS 인증서에 적힌 이름이 이 호스트가 아닙니다",
        f"주소의 호스트를 인증서에 적힌 이름으로 고치세요. {FIX_ADDRESS}",
    ),
    (
        r"(?i)WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|record layer|PACKET_LENGTH|UNEXPECTED_EOF",
        "이 포트는 TLS로 답하지 않습니다",
        f"rediss:// 대신 redis://로 적거나 TLS 포트를 적으세요. {FIX_ADDRESS}",
    ),
    (
        r"^rediss .*(?:Timeout|timed out)",
        f"{ANSWER_TIMEOUT:g}초 안에 TLS로 답하지 않습니다",
        f"TLS 포트가 아니면 redis://로 적으세요. {FIX_ADDRESS}",
    ),
    (
        r"(?i)CERTIFICATE|\[SSL|TLS",
        "TLS로 연결하지 못했습니다",
        f"인증서와 포트를 확인하세요. {FIX_ADDRESS}",
    ),
    (
        r"HTTP/1|Protocol Error|InvalidResponse",
        "Redis가 아닌 서버가 답했습니다(HTTP 서버일 수 있습니다)",
        f"호스트와 포트를 확인하세요. Redis의 기본 포트는 6379입니다. {FIX_ADDRESS}",
    ),
    (
        r"\bMOVED|\bASK|CLUSTERDOWN|CROSSSLOT|SlotNotCovered|redis_mode:cluster",
        "클러스터의 한 노드라서 키마다 다른 노드로 가야 합니다",
        f"클러스터가 아닌 서버여야 합니다. {OTHER_ADDRESS}",
    ),
    (
        r"redis_mode:sentinel",
        "데이터를 담지 않는 센티널(Sentinel)입니다",
        f"센티널이 가리키는 주 서버의 주소를 적으세요. {FIX_ADDRESS}",
    ),
    (
        r"READONLY|read only replica",
        "읽기 전용 복제본이라 쓸 수 없습니다",
        f"주 서버의 주소를 적으세요. {FIX_ADDRESS}",
    ),
    (
        r"MASTERDOWN",
        "복제본인데 주 서버와 끊겨 있습니다",
        f"주 서버의 주소를 적으세요. {FIX_ADDRESS}",
    ),
    (
        r"DENIED|protected mode",
        "보호 모드(protected mode)라서 다른 컴퓨터의 연결을 받지 않습니다",
        "서버에 비밀번호를 설정하고 주소에 적거나, 그 서버와 같은 컴퓨터에서 실행하세요.",
    ),
    (
        r"max number of clients",
        "연결 한도(maxclients)가 다 찼습니다",
        "쓰지 않는 연결을 닫거나 서버의 maxclients를 늘리세요.",
    ),
    (
        r"\bBUSY\b|BusyScript|busy running a script",
        "오래 걸리는 스크립트를 실행하느라 다른 명령을 받지 않습니다",
        "스크립트가 끝난 뒤에 셀을 다시 실행하세요.",
    ),
    (
        r"NOREPLICAS|Not enough good replicas",
        "복제본이 모자라 쓰기를 받지 않습니다(min-replicas-to-write)",
        f"복제본을 다시 켜거나 다른 서버를 쓰세요. {FIX_ADDRESS}",
    ),
    (
        r"(?i)max (daily |monthly )?requests? limit|max database size|quota",
        "서비스가 정한 사용량 한도를 다 썼습니다",
        f"한도가 풀린 뒤에 다시 실행하거나 다른 서버를 쓰세요. {FIX_ADDRESS}",
    ),
    (r"OOM|maxmemory", "메모리 한도(maxmemory)에 닿아 쓰기를 받지 않습니다", f"{AGAIN} {EMBEDDED}"),
    (
        r"DB index|invalid DB|SELECT is not allowed",
        "그런 번호의 데이터베이스가 없습니다",
        f"주소 끝의 번호를 줄이거나 빼세요. {FIX_ADDRESS}",
    ),
    (r"(?i)unknown command", "실습에 필요한 명령을 모릅니다", OTHER_ADDRESS),
    (
        r"(?i)Connection closed|reset by peer|Connection lost|Broken pipe|EOF",
        "연결하자마자 끊겼습니다",
        f"TLS 포트이면 rediss://로 적으세요. Redis의 포트가 맞는지도 보세요. {AGAIN}",
    ),
    (
        r"(?i)Name or service not known|nodename nor|No address|name resolution|getaddrinfo",
        "그런 이름의 호스트를 찾지 못했습니다",
        f"호스트의 철자를 확인하세요. {INSIDE_ONLY} {FIX_ADDRESS}",
    ),
    (
        r"(?i)Timeout|timed out",
        f"{ANSWER_TIMEOUT:g}초 안에 답하지 않습니다",
        f"호스트와 방화벽을 확인하세요. {AGAIN} {EMBEDDED}",
    ),
    (r"(?i)refused|No such file", "연결할 수 없습니다(받는 서버가 없음)", f"{AGAIN} {EMBEDDED}"),
)


def unavailable(error: Exception, where: str) -> BackendUnavailable | StorageFailure:
    """redis 라이브러리의 오류를 독자의 말로 바꿉니다. ``where``는 서버의 이름입니다."""
    text = "rediss " * ("rediss://" in where) + _plain(error)
    if "MISCONF" in text:
        return StorageFailure(
            f"{where}: 디스크에 기록하지 못해 쓰기를 받지 않습니다.",
            "쓰기 권한과 빈 공간이 있는 폴더여야 합니다.",
            "공간을 비우고 이 절의 첫 셀부터 다시 실행하세요.",
        )
    for sign, why, todo in CAUSES:
        if re.search(sign, text):
            return BackendUnavailable(f"{where}: {why}.", ACCEPTED, todo)
    kind = type(error).__name__
    return BackendUnavailable(
        f"{where}: 요청을 거절했습니다({kind}).", ACCEPTED, f"{AGAIN} {EMBEDDED}"
    )


def _plain(error: Exception) -> str:
    """오류의 종류와 원문. redis-py는 어떤 오류의 앞말(LOADING 등)을 떼고 종류로만 알립니다."""
    signs = {
        "BusyLoadingError": "LOADING",
        "NoPermissionError": "NOPERM",
        "ReadOnlyError": "READONLY",
        "MovedError": "MOVED",
        "AskError": "ASK",
        "MasterDownError": "MASTERDOWN",
        "OutOfMemoryError": "OOM",
        "ClusterDownError": "CLUSTERDOWN",
        "TimeoutError": "Timeout",
        "InvalidResponse": "InvalidResponse",
    }
    said = str(error).partition(", with args")[0]
    return f"{signs.get(type(error).__name__, '')} {said}".strip()
