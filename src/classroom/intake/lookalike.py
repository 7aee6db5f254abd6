"""노트북이 아닌 것: 이름은 노트북이지만 내용이 다른 파일이 무엇인지 말합니다."""

from __future__ import annotations

import re

HEAD = 200_000  # 앞부분만 봅니다(바이트)
SIGNATURES = {  # 파일의 첫 바이트들
    b"%PDF": "PDF 파일입니다",
    b"\xd0\xcf\x11\xe0": "한글(HWP)이나 옛 오피스 문서입니다",
    b"{\\rtf": "RTF 문서입니다",
    b"\x89PNG": "그림 파일입니다",
    b"\xff\xd8\xff": "그림 파일입니다",
    b"GIF8": "그림 파일입니다",
    b"7z\xbc\xaf": "7z 압축 파일입니다",
    b"Rar!": "RAR 압축 파일입니다",
    b"EGGA": "알집(EGG) 압축 파일입니다",
    b"\x1f\x8b": "gzip 압축 파일입니다",
    b"SQLite format 3": "데이터베이스 파일입니다",
    b"version https://git-lfs": "Git LFS의 포인터 파일이고 내용은 들어 있지 않습니다",
}
OFFICE = {b"word/": "워드 문서", b"xl/": "엑셀 문서", b"ppt/": "파워포인트 문서",
          b"Contents/content.hpf": "한글(HWPX) 문서"}  # fmt: skip
HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|script)\b", re.I)
EXPORTED = re.compile(rb"jp-Notebook|jp-Cell|nbconvert|jupyter", re.I)
LOGIN = re.compile(r"로그인|password|log[ -]?in\b|sign[ -]?in\b|single sign", re.I)
SCRIPT = re.compile(
    r"\s*(?:#!.*python|# %%|# In ?\[|# coding|# -\*-|\"\"\"|import \w|from \w+ import |def \w)"
)
# 글에 적은 주소, 윈도우와 맥의 바로 가기, 구글 드라이브의 자리표
LINK = re.compile(rb"https?://|\[InternetShortcut\]|L\0\0\0\x01\x14\x02|\{\s*\"(?:url|doc_id)\":")
LONGEST_LINK = 5000  # 이보다 긴 것은 링크만 적은 것이 아닙니다(바이트)
AGAIN = "노트북 파일(.ipynb)을 다시 제출해야 합니다."


def said(data: bytes) -> str:
    """``data``가 노트북(JSON)이 아니라 알아볼 수 있는 다른 것이면 그것을 말하는 문장들."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return f"{_empty(data)} {AGAIN}"
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, what in SIGNATURES.items():
        if head.startswith(signature):
            return f"노트북이 아니라 {what}. {AGAIN}"
    if head.startswith(b"PK\x03\x04"):
        what = next((name for mark, name in OFFICE.items() if mark in data), "zip 압축 파일")
        return f"노트북이 아니라 {what}입니다. {AGAIN}"
    if HTML.match(head) or (head.startswith(b"<") and HTML.search(head[:2000])):
        return f"{_web_page(head)} {AGAIN}"
    if LINK.match(head) and len(data) < LONGEST_LINK:
        return f"노트북이 아니라 링크입니다. 링크로는 내용을 받지 못합니다. {AGAIN}"
    if SCRIPT.match(head.decode("utf-8", "replace")):
        return f"노트북이 아니라 파이썬 코드입니다. 코드로 내보내면 글로 쓴 답이 빠집니다. {AGAIN}"
    return ""


def _empty(data: bytes) -> str:
    if data.strip():
        return f"내용이 모두 0인 파일입니다({len(data):,}바이트). 저장하다가 끊겼습니다."
    return (
        f"빈 파일입니다({len(data):,}바이트). 저장이 끝나기 전이거나, 클라우드에만 있고 "
        "내려받지 않은 파일입니다."
    )


def _web_page(head: bytes) -> str:
    if EXPORTED.search(head):
        return "노트북을 HTML로 내보낸 파일입니다. 내보낸 것은 채점할 수 없습니다."
    if LOGIN.search(head.decode("utf-8", "replace")):
        return "노트북이 아니라 로그인 페이지(HTML)입니다. 내려받을 때 로그인이 풀려 있었습니다."
    return "노트북이 아니라 웹 페이지(HTML)입니다."
