"""문서: 파일의 바이트에서 노트북의 JSON을 읽습니다. 깨졌으면 어떻게 깨졌는지 말합니다."""

from __future__ import annotations

import json

from classroom.intake import lookalike, picture
from classroom.intake.lookalike import AGAIN

Cells = list[dict]
KEPT = ("cell_type", "kind", "id", "metadata")  # 줄인 노트북의 셀에 텍스트와 그림 말고 남는 것
TOO_MUCH = (ValueError, RecursionError, MemoryError)  # 값이 이상한 JSON이 내는 예외들


def cells(data: bytes) -> tuple[Cells | None, list[str]]:
    """노트북 파일의 셀들과 알림. 노트북이 아니면 ``None``과 그것이 무엇인지."""
    if what := lookalike.said(data):
        return None, [what]
    text, notes = _decoded(data)
    saved, said = _parsed(text)
    notes += said
    if saved is None and said:
        return None, notes
    if found := _cells(saved):
        return found, notes + _lightened(saved)
    what = "셀이 없는 노트북입니다" if _is_notebook(saved) else "JSON이지만 노트북이 아닙니다"
    return None, [*notes, f"{what}. {AGAIN}"]


def light(data: bytes) -> bytes | None:
    """출력과 큰 그림을 뺀 노트북. 노트북이 아니면 ``None``.

    줄이기 전의 크기를 적어 두어, 나중에 읽을 때 알립니다.
    """
    found, _ = cells(data)
    if found is None:
        return None
    whole = {"nbformat": 4, "metadata": {"ddialab": {"bytes": len(data)}}}
    return json.dumps(whole | {"cells": [_light(cell) for cell in found]}).encode()


def _light(cell: dict) -> dict:
    text, attachments = picture.trimmed(source(cell), cell.get("attachments"))
    kept = {key: cell[key] for key in KEPT if key in cell}
    return kept | {"source": text} | ({"attachments": attachments} if attachments else {})


def _lightened(saved: dict) -> list[str]:
    """줄인 노트북이면 그 알림."""
    metadata = saved.get("metadata")
    ours = metadata.get("ddialab") if isinstance(metadata, dict) else None
    size = ours.get("bytes") if isinstance(ours, dict) else None
    if type(size) is not int:
        return []
    return [f"파일이 {size // picture.MB:,} MB여서 저장된 출력을 빼고 읽었습니다."]


def _decoded(data: bytes) -> tuple[str, list[str]]:
    """바이트를 문자열로. UTF-8이 아니면 무엇으로 읽었는지 알립니다."""
    if data.startswith(b"\xef\xbb\xbf"):
        data, tried = data[3:], [("utf-8", "앞의 BOM을 떼고")]
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tried = [("utf-16", "UTF-16으로")]
    elif data[:2] in (b"{\0", b"\0{"):
        tried = [("utf-16-le" if data[:1] == b"{" else "utf-16-be", "UTF-16으로")]
    else:
        tried = [("utf-8", ""), ("cp949", "cp949로")]
    for encoding, how in tried:
        try:
            return data.decode(encoding), [f"{how} 읽었습니다."] if how else []
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), ["깨진 글자를 �로 바꾸어 읽었습니다."]


def _parsed(text: str) -> tuple[object | None, list[str]]:
    """JSON의 값. 합치다 만 것과 뒤에 무언가 붙은 것은 뜻이 하나일 때만 읽습니다."""
    try:
        return json.loads(text), []
    except json.JSONDecodeError as error:
        if "\n<<<<<<<" in f"\n{text}":
            return _merged(text)
        if error.msg == "Extra data":
            return _first(text)
        return None, [_broken(text, error)]
    except TOO_MUCH:
        return None, [f"노트북(JSON)으로 읽을 수 없습니다(너무 깊거나 이상한 값). {AGAIN}"]


def _broken(text: str, error: json.JSONDecodeError) -> str:
    if error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip()):
        return f"도중에 잘린 노트북입니다({error.lineno}번째 줄에서 끝납니다). {AGAIN}"
    return f"노트북(JSON)으로 읽을 수 없습니다({error.lineno}번째 줄). {AGAIN}"


def _merged(text: str) -> tuple[object | None, list[str]]:
    """git이 합치다 만 노트북. 두 쪽의 셀이 같으면(출력만 다르면) 어느 쪽이든 같습니다."""
    mark = "git의 병합 충돌 표시(<<<<<<<)가 남아 있습니다"
    try:
        ours, theirs = map(json.loads, _sides(text))
    except TOO_MUCH:
        return None, [f"{mark}. {AGAIN}"]
    if sources(ours) == sources(theirs):
        return ours, [f"{mark}. 양쪽의 셀이 같아 그대로 읽었습니다."]
    return None, [f"{mark}. 양쪽의 답이 다르므로, 하나로 정해 저장한 {AGAIN}"]


def _sides(text: str) -> tuple[str, str]:
    """합치다 만 텍스트의 두 쪽."""
    ours, theirs, inside = [], [], (True, True)
    turns = {"<<<<<<<": (True, False), "|||||||": (False, False),
             "=======": (False, True), ">>>>>>>": (True, True)}  # fmt: skip
    for line in text.splitlines():
        if line[:7] in turns and not line[7:8].strip():
            inside = turns[line[:7]]
            continue
        for side, wanted in zip((ours, theirs), inside, strict=True):
            if wanted:
                side.append(line)
    return "\n".join(ours), "\n".join(theirs)


def _first(text: str) -> tuple[object | None, list[str]]:
    """JSON 뒤에 다른 것이 붙은 파일. 다른 노트북이면 어느 것을 낸 것인지 모릅니다."""
    decoder, text = json.JSONDecoder(), text.strip()
    try:
        saved, end = decoder.raw_decode(text)
    except TOO_MUCH:
        return None, [f"노트북(JSON)으로 읽을 수 없습니다. {AGAIN}"]
    try:
        more = sources(decoder.raw_decode(text[end:].lstrip())[0])
    except TOO_MUCH:
        more = []
    if more and more != sources(saved):
        return None, [f"파일 하나에 서로 다른 노트북이 둘 들어 있습니다. 하나만 든 {AGAIN}"]
    return saved, ["노트북의 뒤에 붙은 다른 내용은 빼고 읽었습니다."]


def _is_notebook(saved: object) -> bool:
    return isinstance(saved, dict) and ("nbformat" in saved or "cells" in saved)


def _cells(saved: object) -> Cells:
    """노트북의 셀들.

    옛 형식(nbformat 3)은 worksheets 안에, Jupyter 서버가 내준 것은 content 안에 있습니다.
    """
    if not isinstance(saved, dict):
        return []
    sheets = saved.get("worksheets")
    holders = [saved, saved.get("content"), *(sheets if isinstance(sheets, list) else [])]
    found = [holder.get("cells") for holder in holders if isinstance(holder, dict)]
    cells = [cell for one in found if isinstance(one, list) for cell in one]
    return [cell for cell in cells if isinstance(cell, dict)]


def source(cell: dict) -> str:
    """셀의 텍스트. 옛 형식은 ``input``, VS Code의 다른 노트북은 ``value``에 적습니다."""
    found = next((cell[key] for key in ("source", "input", "value") if key in cell), "")
    parts = found if isinstance(found, list) else [found]
    return "".join(part for part in parts if isinstance(part, str))


def sources(saved: object) -> list[tuple[bool, str]]:
    """셀마다 코드인지와 텍스트. 출력과 실행 번호는 보지 않습니다."""
    return [(is_code(cell), source(cell)) for cell in _cells(saved)]


def is_code(cell: dict) -> bool:
    """코드 셀인가. VS Code의 다른 노트북은 종류를 수(2)로 적습니다."""
    return cell.get("cell_type") == "code" or cell.get("kind") == 2
