"""장면이 하는 말: 어디가 무엇을 건드려 무엇이라고 답했나."""

from __future__ import annotations

from ddialab.experiments.building_blocks.five import (
    BATCH,
    CACHE,
    DATABASE,
    INDEX,
    NOW,
    ONE,
    STREAM,
    WORD,
    Answer,
)

LABELS = {
    DATABASE: "DB",
    CACHE: "캐시",
    INDEX: "색인",
    STREAM: "스트림",
    BATCH: "일괄",
}
TOUCHED = {  # 건드린 것의 수 앞과 뒤에 놓을 말
    DATABASE: ("DB가 글 ", "건을 열어 보고"),
    CACHE: ("캐시가 키 ", "개로"),
    INDEX: ("색인이 목록의 번호 ", "개를 읽고"),
    STREAM: ("스트림이 세어 둔 수 ", "개를 읽고"),
    BATCH: ("일괄이 파일의 글 ", "건을 훑고"),
}
POSTED = (
    "새 글이 DB와 색인과 스트림에 갔습니다. 캐시는 누가 읽어야, 일괄의 파일은 밤이 되어야 압니다."
)
FILLED = (
    "캐시에 없어 DB까지 갔다 왔습니다. 읽은 글을 캐시에도 두었으니 같은 것을 한 번 더 물어보세요."
)


def told(block: str, question: str, answer: Answer, late: int) -> str:
    """답 하나를 말하는 문장. ``late``는 일괄 처리의 파일이 모르는 새 글의 수입니다."""
    before, after = TOUCHED[block]
    how = f"{before}{answer.touched}{after}"
    if block == INDEX and question == ONE:
        how = "색인이 들고 있는 사본에서"
    said = f"{how} {_found(question, answer)}."
    if late and question != ONE:
        said += f" 어젯밤까지의 답이라, 그 뒤에 올라온 글 {late}건은 모릅니다."
    return said


def _found(question: str, answer: Answer) -> str:
    if question == ONE:
        return "그 글을 찾았습니다"
    if question == WORD:
        return f"그 낱말이 든 글 {len(answer.value)}건을 찾았습니다"
    if question == NOW:
        return f"{answer.value}건이라고 답했습니다"
    return f"태그 {len(answer.value)}가지를 모두 세었습니다"
