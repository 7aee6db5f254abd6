"""OpenSearch가 뜨지 못한 까닭을 기록에서 찾아 독자의 말로: 한 문장, 그리고 할 일."""

from __future__ import annotations

import re

from ddialab.core.errors import BackendUnavailable
from opensearch.folder import RUNNING, USE_IT

KILLED = -9  # 신호 SIGKILL로 끝난 종료 코드
CAUSES = (  # (기록에 남은 말, 까닭, 할 일)
    (r"failed to obtain node lock|LockObtainFailed", RUNNING, USE_IT),
    (r"insufficient memory|Could not reserve|OutOfMemoryError|Cannot allocate memory",
     "메모리가 모자랍니다", "다른 프로그램을 끄고 다시 치세요."),
    (r"No space left", "디스크가 가득 찼습니다", "공간을 비우세요."),
    (r"BindException: Permission denied|SocketException: Permission denied",
     "관리자만 여는 번호의 포트입니다", "PORT=9250처럼 1024보다 큰 번호를 적으세요."),
    (r"Bind\w*Exception|Address already in use",
     "포트를 다른 프로그램이 쓰고 있습니다", "PORT=9250처럼 다른 번호를 적거나 PORT를 빼세요."),
    (r"AccessDenied|Permission denied|Read-only file system",
     "데이터를 둘 폴더에 쓸 수 없습니다", "폴더의 권한을 확인하세요."),
    (r"UnsupportedClassVersion", "Java가 너무 낡았습니다", "Java 17 이상을 JAVA_HOME에 적으세요."),
    (r"cannot downgrade|IndexFormatToo|CorruptIndex|CorruptState|EOFException|fail.*metadata",
     "저장한 데이터를 읽지 못합니다(깨졌거나 다른 버전이 적음)",
     "다시 색인해도 되면 데이터의 폴더를 지우세요."),
)  # fmt: skip


def failed(said: str, code: int | None) -> BackendUnavailable:
    """기록 ``said``를 남기고 ``code``로 끝난 서버가 뜨지 못한 까닭."""
    for sign, why, todo in CAUSES:
        if re.search(sign, said):
            return BackendUnavailable(f"OpenSearch가 뜨지 않았습니다. {why}.", "", todo)
    if code == KILLED:
        why = "누가 강제로 끝냈습니다(메모리가 모자라면 운영체제가 그럽니다)"
        return BackendUnavailable(
            f"OpenSearch가 뜨지 않았습니다. {why}.", "", "다른 프로그램을 끄고 다시 치세요."
        )
    problem = f"OpenSearch가 뜨지 않았습니다({last_words(said) or f'종료 코드 {code}'})."
    return BackendUnavailable(problem, "", "까닭을 고치고 다시 치세요.")


def last_words(said: str) -> str:
    """마지막 예외의 줄. 없으면 마지막 줄."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = [line for line in lines if "Caused by:" in line or "Exception" in line]
    return (named or lines or [""])[-1][:300]
