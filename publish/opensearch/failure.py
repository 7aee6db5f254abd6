"""OpenSearch만의, 뜨지 못하는 까닭. 나머지는 `core.java`의 것입니다."""

from __future__ import annotations

from ddialab.core import java
from ddialab.core.errors import BackendUnavailable
from jvm.folder import RUNNING, USE_IT

CAUSES = (  # (기록에 남은 말, 까닭, 할 일)
    (r"failed to obtain node lock|LockObtainFailed", RUNNING.format("OpenSearch"), USE_IT),
    *java.CAUSES,
    (r"cannot downgrade|IndexFormatToo|CorruptIndex|CorruptState|EOFException|fail.*metadata",
     "저장한 데이터를 읽지 못합니다(깨졌거나 다른 버전이 적음)",
     "다시 색인해도 되면 데이터의 폴더를 지우세요."),
)  # fmt: skip


def failed(said: str, code: int | None) -> BackendUnavailable:
    """기록 ``said``를 남기고 ``code``로 끝난 서버가 뜨지 못한 까닭."""
    return java.failed("OpenSearch", said, code, CAUSES)
