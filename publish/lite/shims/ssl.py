"""브라우저에는 TLS가 없습니다. `redis`가 import하는 이름만 두고, 사용하면 까닭을 알려 줍니다."""

from enum import IntEnum

OPENSSL_VERSION = "없음"
OPENSSL_VERSION_INFO = (0, 0, 0, 0, 0)
HAS_SNI = False


class SSLError(OSError):
    """TLS를 사용하려 했습니다."""


class SSLWantReadError(SSLError):
    """`asyncio`가 찾는 이름."""


class SSLWantWriteError(SSLError):
    """`asyncio`가 찾는 이름."""


class SSLSyscallError(SSLError):
    """`asyncio`가 찾는 이름."""


class SSLCertVerificationError(SSLError):
    """`redis`가 찾는 이름."""


class VerifyMode(IntEnum):
    """인증서를 얼마나 확인하는가."""

    CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)


class VerifyFlags(IntEnum):
    """인증서를 확인하는 방법."""

    VERIFY_DEFAULT = 0


class TLSVersion(IntEnum):
    """TLS의 버전."""

    MINIMUM_SUPPORTED = -2


class SSLContext:
    """만들 수 없습니다."""

    def __init__(self, *_, **__):
        raise SSLError("브라우저 실습실에서는 TLS로 서버에 접속할 수 없습니다.")


SSLSocket = SSLObject = SSLContext
CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = VerifyMode
create_default_context = SSLContext
