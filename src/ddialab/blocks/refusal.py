"""PostgreSQL이 거절한 까닭을 독자의 말로: 까닭마다 한 문장, 그리고 할 일.

연결하기 전의 거절에는 오류 번호가 없어 서버의 문장에서 찾습니다. 못 찾으면 그 문장을 보입니다.
"""

from __future__ import annotations

import re

from ddialab.core.address import DATABASE_FORM, EMPTY_IT, ENCODE, INSIDE_ONLY
from ddialab.core.errors import BackendUnavailable, InvalidValue

WAIT = "잠시 뒤에 셀을 다시 실행하세요."

# (오류에 든 말, 까닭, 할 일). 앞의 것부터 봅니다
CAUSES = (
    (
        r"^connection is bad: (invalid|definition of service)|^invalid (integer|port)"
        r"|invalid value for parameter|unrecognized configuration parameter"
        r"|invalid command-line argument|not in hot standby|channel binding required"
        r"|authentication method requirement|GSSAPI encryption required",
        "주소의 옵션에 이 서버가 받지 않는 값이 있습니다",
        f"? 뒤의 옵션을 고치거나 빼세요. {EMPTY_IT}",
    ),
    # 서버의 말은 서버의 언어 설정(lc_messages)을 따릅니다
    (
        r"password authentication failed|인증을 실패",
        "사용자 이름이나 비밀번호가 맞지 않습니다",
        EMPTY_IT,
    ),
    (r"no password supplied", "비밀번호가 있어야 합니다", EMPTY_IT),
    (
        r"insecure|SSL connection is required|SSL required",
        "TLS로만 받는 서버입니다",
        f"주소 끝에 ?sslmode=require를 붙이세요. {EMPTY_IT}",
    ),
    (
        r"Endpoint ID is not specified",
        "이 서버는 주소에 엔드포인트의 이름이 있어야 합니다",
        "호스트에서 첫 점 앞의 이름을 주소 끝에 ?options=endpoint%3D이름으로 붙이세요.",
    ),
    (
        r"no pg_hba.conf entry",
        "서버의 pg_hba.conf가 이 사용자와 컴퓨터의 연결을 허락하지 않습니다",
        "주소 끝에 ?sslmode=require를 붙여 보고, 안 되면 서버의 관리자에게 문의하세요.",
    ),
    (
        r'role "[^"]*" does not exist|no such user|Tenant or user not found|롤.*없음',
        "그런 사용자가 없습니다",
        f"풀러의 사용자 이름은 「사용자.프로젝트」 꼴일 수 있습니다. {EMPTY_IT}",
    ),
    (
        r'database "[^"]*" does not exist|no such database|데이터베이스 없음',
        "그런 데이터베이스가 없습니다",
        EMPTY_IT,
    ),
    (
        r"session is read-only|server is in hot standby",
        "읽기만 받는 서버입니다(복제본이거나 읽기 전용 설정)",
        f"쓰기를 받는 주 서버의 주소를 적으세요. {EMPTY_IT}",
    ),
    (
        r"(?:statement|lock) timeout",
        "SQL 문이 서버가 정한 시간(statement_timeout, lock_timeout) 안에 끝나지 않아 중단됐습니다",
        f"다시 실행해도 그러면 그 시간을 늘려 달라고 서버의 관리자에게 문의하세요. {EMPTY_IT}",
    ),
    (
        r"permission denied for database|not permitted to log in",
        "이 사용자는 이 데이터베이스에 접속할 권한이 없습니다",
        f"다른 사용자로 적거나 데이터베이스의 소유자에게 문의하세요. {EMPTY_IT}",
    ),
    (
        r"\w+ authentication failed",
        "서버가 비밀번호가 아닌 방법(peer, ident 등)으로 확인하다가 거절했습니다",
        f"호스트와 비밀번호를 적어 보세요(소켓 대신 localhost). {EMPTY_IT}",
    ),
    (
        r"does not support SSL",
        "TLS가 없는 서버인데 주소의 sslmode가 TLS를 요구합니다",
        f"sslmode를 빼세요. {EMPTY_IT}",
    ),
    (
        r"quota|exceeded",
        "서비스가 정한 사용량 한도를 다 썼습니다",
        f"서비스의 화면에서 한도를 확인하세요. {EMPTY_IT}",
    ),
    (
        r"(?:endpoint|project) .*(?:disabled|paused|suspended)|not currently accepting connections",
        "서비스나 관리자가 이 데이터베이스를 멈춰 두었습니다",
        f"서비스의 화면에서 다시 켜세요. {EMPTY_IT}",
    ),
    (
        r"server login has been failing|server_login_retry|bouncer config error",
        "풀러가 뒤에 있는 서버에 연결하지 못합니다",
        f"풀러의 관리자에게 문의하세요. {WAIT}",
    ),
    (
        r"root certificate file .* does not exist",
        "서버의 인증서를 확인할 인증서 파일이 없습니다",
        "sslrootcert=에 실제로 있는 파일을 적거나 sslrootcert=system으로 바꾸세요.",
    ),
    (
        r"certificate",
        "TLS 인증서를 확인하지 못했습니다",
        "주소 끝에 ?sslrootcert=인증서_파일을 붙이거나 sslmode=require로 바꾸세요.",
    ),
    (
        r"too many (clients|connections)|connection slots|no more connections|max clients"
        r"|query_wait_timeout",
        "연결 한도가 다 찼습니다",
        f"쓰지 않는 연결을 닫으세요. {WAIT}",
    ),
    (r"starting up|in recovery|shutting down|not yet accepting", "켜지거나 꺼지는 중입니다", WAIT),
    (
        r"statement pooling",
        "문장마다 연결을 바꾸는 풀러(pool_mode=statement)라서 트랜잭션을 쓸 수 없습니다",
        "pool_mode=transaction이나 session인 풀러, 또는 서버의 주소를 적으세요.",
    ),
    (
        r"unsupported startup parameter",
        "풀러가 주소의 옵션(options 등)을 받지 않습니다",
        f"? 뒤의 옵션을 빼세요. {EMPTY_IT}",
    ),
    (
        r"invalid response|expected authentication|unexpected message|lost synchronization",
        "PostgreSQL이 아닌 서버가 답했습니다",
        f"호스트와 포트를 확인하세요. PostgreSQL의 기본 포트는 5432입니다. {EMPTY_IT}",
    ),
    (
        r"closed the connection|reset by peer",
        "연결하자마자 끊겼습니다",
        f"호스트와 포트와 sslmode를 확인하세요. {EMPTY_IT}",
    ),
    (r"timeout|timed out", "제때 답하지 않습니다", f"호스트와 방화벽을 확인하세요. {EMPTY_IT}"),
    (
        r"resolve|translate host|Name or service|nodename",
        "그런 이름의 호스트를 찾지 못했습니다",
        f"호스트의 철자를 확인하세요. {INSIDE_ONLY} {EMPTY_IT}",
    ),
    (r"refused|No such file", "연결할 수 없습니다(받는 서버가 없음)", f"서버를 켜세요. {EMPTY_IT}"),
)


def cause(reason: str) -> tuple[str, str] | None:
    """드라이버나 서버의 말에서 (까닭, 할 일). 모르는 말이면 None입니다."""
    for sign, why, todo in CAUSES:
        if re.search(sign, reason.strip(), re.IGNORECASE | re.MULTILINE):
            return why, todo
    return None


def unreadable(where: str, reason: str) -> InvalidValue:
    """드라이버가 읽지 못한 주소. 아직 연결하지 않았습니다."""
    return InvalidValue(
        f"{where}: 주소를 읽을 수 없습니다({reason}).", DATABASE_FORM, f"{ENCODE} {EMPTY_IT}"
    )


def unreachable(where: str, reason: str) -> BackendUnavailable:
    """서버 ``where``에 연결하지 못했거나 끊긴 오류. ``reason``은 비밀번호를 가린 원문입니다."""
    if found := cause(reason):
        return BackendUnavailable(f"{where}: {found[0]}.", DATABASE_FORM, found[1])
    return BackendUnavailable(
        f"{where}에 연결하지 못했습니다({reason}).",
        DATABASE_FORM,
        f"서버가 떠 있는지 확인하세요. {EMPTY_IT}",
    )


def read_only(where: str) -> BackendUnavailable:
    """쓰기를 받지 않는 서버: 복제본이거나 읽기만 하게 설정되어 있습니다."""
    return BackendUnavailable(
        f"{where}: 읽기만 받는 서버입니다(복제본이거나 읽기 전용 설정).",
        "쓰기를 받는 주 서버여야 합니다.",
        f"주 서버의 주소를 적으세요. {EMPTY_IT}",
    )


def no_room_for_letters(where: str, encoding: str) -> BackendUnavailable:
    """한글을 담을 수 없는 인코딩의 데이터베이스. 어떤 글은 들어가고 어떤 글은 못 들어갑니다."""
    return BackendUnavailable(
        f"{where}: 데이터베이스의 인코딩 {encoding}에 없는 글자라서 저장하지 못합니다.",
        "인코딩이 UTF8인 데이터베이스여야 합니다.",
        "CREATE DATABASE 이름 ENCODING 'UTF8' TEMPLATE template0으로 만들어 그 이름을 적으세요.",
    )


def no_schema(where: str, reason: str, forbidden: bool) -> BackendUnavailable:
    """실습의 스키마를 둘 수 없는 서버. 아직 아무것도 쓰지 않았습니다."""
    grant = "데이터베이스의 소유자에게 GRANT CREATE ON DATABASE 이름 TO 사용자를 해 달라고 하세요. "
    why = "스키마를 만들 권한이 없습니다" if forbidden else f"스키마를 만들지 못했습니다({reason})"
    return BackendUnavailable(
        f"{where}: {why}. 아무것도 쓰지 않았습니다.",
        "실습은 남의 테이블과 섞이지 않게 따로 스키마를 만들어 사용합니다.",
        f"{grant * forbidden}{EMPTY_IT}",
    )
