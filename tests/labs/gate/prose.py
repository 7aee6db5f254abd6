"""본문의 수를 봅니다: 실행이 만든 수는 span으로, 남의 수는 인용으로, 나머지는 까닭을 밝혀서.

규칙은 CONTRIBUTING.md의 「본문의 수」에 있습니다. 여기서는 글을 문장으로 나누고,
수가 있어도 되는 것(코드, 수식, 제목, 연도, 이름의 일부)을 지운 뒤, 숫자가 남은 문장을 찾습니다.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator

from nbformat import NotebookNode

from execute import SPAN

MARKER, CITED = "\x01", "\x02"  # 까닭 표시와 인용이 있던 자리
REASONS = "인용|설정|셈|예"  # <!-- 셈: 본문에서 곱한 것 --> 처럼 적는 표시의 종류
TEXT_DIRECTIVES = re.compile(
    "admonition|attention|card|caution|danger|dropdown|epigraph|error|figure|grid|grid-item"
    "|grid-item-card|hint|important|list-table|margin|note|seealso|sidebar|tab-item|tab-set"
    "|table|tip|warning"
)
PRODUCTS = (
    "Python|Redis|Valkey|Memcached|SQLite|PostgreSQL|Kafka|JupyterLab|Chromium|Windows|NumPy"
    "|CC BY-SA|OFL|RAID|[Cc]hapter"
)
NOT_A_CLAIM = "|".join(
    [
        r"\d{4}-\d{2}(?:-\d{2})?",  # 날짜와 때
        r"(?:(?:19|20)\d\d\s?[–~-]\s?)?(?:19|20)\d\d년(?:대)?",
        r"\d{1,2}월(?:\s?\d{1,2}일)?",
        r"\d{1,2}시(?!간)",
        r"\([^()\d]*(?:19|20)\d\d[a-z]?\)",  # (저자, 2016)
        r"(?:제\s?)?\d+(?:부|장|절|판|차|권|비트)(?![A-Za-z])",  # 차례와 이름
        r"\d+\s?(?:번째|단계)",
        # 횟수 말고 차례
        r"\d+번(?=[은을과의]|이(?!나)|으로|에서?\s|\s(?:글|게시글|노드|서버|디스크|셀))",
        r"(?<![가-힣])(?:실습|그림|표|식|부록|연습|규칙|단계|층)\s?\d+(?:[.-]\d+)*",
        r"\b\d\d-[a-z][a-z-]+|(?<=\|\s)[012]\d\s(?=[가-힣])",  # 02-cache-miss, 표의 실습 번호
        r"\b(?:[12]e|\dxx)(?!\w*[A-Za-z])",  # 책의 1e·2e판, 5xx
        rf"(?:{PRODUCTS})\s\d+(?:\.\d+)*\+?|HTTP/?\s?\d(?:\d\d|\.\d)?",
        r"[A-Za-z_][A-Za-z0-9_./+-]*\d[A-Za-z0-9_./+-]*",  # p99, n1, M/M/1, UTF-8
    ]
)


def typed_numbers(text: str, head: bool = False) -> list[str]:
    """``text``에서 손으로 적은 수가 있는 문장들. ``head``(실습의 머리 셀)면 "40분"을 봐줍니다."""
    found = []
    for sentence in _sentences(text):
        allowed = r"\d+(?:\s?[~–-]\s?\d+)?\s?분" if head else r"(?!)"
        if re.search(r"\d", re.sub(f"{allowed}|{NOT_A_CLAIM}", "", sentence)):
            found.append(" ".join(sentence.split()))
    return found


def span_problems(text: str, known: dict[str, str], lab: str = "") -> list[str]:
    """없는 이름을 가리키거나, 결과와 다른 글을 담은 span들."""
    found = []
    spans = SPAN.findall(text)
    if len(spans) != len(re.findall(r"\bdata-run\s*=", text)):
        found.append('읽을 수 없는 span이 있습니다. <span data-run="이름">…</span> 꼴로 적으세요.')
    for _, name, shown, _ in spans:
        wanted = known.get(name if "#" in name else f"{lab}#{name}")
        if wanted is None:
            found.append(f'data-run="{name}"라는 결과가 없습니다.')
        elif shown != html.escape(wanted, quote=False):
            found.append(
                f'data-run="{name}": 본문은 「{shown}」인데 실행 결과는 「{wanted}」입니다.'
                " publish/execute.py --fill로 채우세요."
            )
    return found


def page_problems(text: str, known: dict[str, str]) -> list[str]:
    """책의 한 페이지를 돌려보낼 까닭들."""
    return span_problems(text, known) + [_typed(sentence) for sentence in typed_numbers(text)]


def notebook_problems(nb: NotebookNode, known: dict[str, str], lab: str) -> list[str]:
    """실습의 글과, 그림의 제목·설명·대체 텍스트를 돌려보낼 까닭들."""
    found = []
    for number, cell in enumerate(nb.cells):
        if cell.cell_type == "markdown":
            head = number == 0 or "걸리는 시간:" in cell.source  # 장면이 머리를 나눕니다
            reasons = span_problems(cell.source, known, lab)
            reasons += [_typed(sentence) for sentence in typed_numbers(cell.source, head)]
        else:
            reasons = [_typed(sentence) for sentence in typed_in_code(cell.source)]
        found += [f"{number + 1}번째 셀: {reason}" for reason in reasons]
    return found


def typed_in_code(source: str) -> list[str]:
    """그림에 붙는 글(alt, caption, 제목)에 손으로 적은 수. f-string의 {값}은 계산하지 않습니다."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # %로 시작하는 IPython 명령이 든 셀
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    calls = [call for call in calls if not _has_reason(call, source.splitlines())]
    texts = [text for call in calls for shown in _shown(call) for text in _literals(shown)]
    return [sentence for text in texts for sentence in typed_numbers(text)]


def _has_reason(call: ast.Call, lines: list[str]) -> bool:
    """인용한 그림이거나, 부르는 줄들에 ``# 설정: …`` 같은 까닭이 있는가."""
    cited = any(k.arg == "kind" and ast.unparse(k.value) == "'인용'" for k in call.keywords)
    written = "\n".join(lines[call.lineno - 1 : call.end_lineno])
    return cited or bool(re.search(rf"#\s*(?:{REASONS})\s*:\s*\S", written))


def _shown(call: ast.Call) -> list[ast.expr]:
    titles = call.args[:1] if getattr(call.func, "attr", "") in ("set_title", "suptitle") else []
    return titles + [k.value for k in call.keywords if k.arg in ("alt", "caption", "title")]


def _literals(node: ast.AST) -> Iterator[str]:
    """식에 든 문자열들. f-string은 {값} 자리를 비운 한 문자열입니다."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(p.value if isinstance(p, ast.Constant) else "□" for p in node.values)
    elif not isinstance(node, ast.Constant):
        for child in ast.iter_child_nodes(node):
            yield from _literals(child)


def _typed(sentence: str) -> str:
    return f"손으로 적은 수가 있습니다: 「{sentence}」 span이나 인용, 까닭 표시가 필요합니다."


# ── 글을 문장으로 ──────────────────────────────────────────────────


def _sentences(text: str) -> Iterator[str]:
    """검사할 문장들. 인용이나 표시가 있는 문장은 빼고, 코드와 제목도 뺍니다."""
    covered = False
    for block in re.split(r"\n\s*\n", _mark_reasons(_prose_lines(text))):
        alone = block.strip()
        if alone and not alone.strip(MARKER + " \n"):
            covered = True  # 홀로 선 표시는 다음 덩어리를 덮습니다
            continue
        if not covered and not alone.startswith(MARKER + "\n"):
            yield from (
                one for one in _split(_flatten(block)) if MARKER not in one and CITED not in one
            )
        covered = covered and not alone


def _prose_lines(text: str) -> str:
    """코드 블록과 지시자의 머리줄, 제목, 꼬리표를 비운 글."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    kept, fences = [], []
    for line in text.splitlines():
        fence = re.match(r"\s*(`{3,}|~{3,}|:{3,})\s*(?:\{([\w:-]+)\})?", line)
        if fence:
            _open_or_close(fences, fence[1], fence[2], line)
        skip = fence or (fences and not fences[-1][1]) or _is_label(line, bool(fences))
        kept.append("" if skip else line)
    return "\n".join(kept)


def _open_or_close(fences: list, mark: str, name: str | None, line: str) -> None:
    closes = fences and line.strip() == mark and fences[-1][0][0] == mark[0]
    if closes and len(mark) >= len(fences[-1][0]):
        fences.pop()
    elif not fences or fences[-1][1]:
        fences.append((mark, bool(TEXT_DIRECTIVES.fullmatch(name or ""))))


def _is_label(line: str, in_directive: bool) -> bool:
    if in_directive and re.match(r"\s*:[\w-]+:", line):
        return True
    return bool(re.match(r"\s{0,3}#{1,6}\s|\s*\([\w:.-]+\)=\s*$|\s*\[[^\]]+\]:\s", line))


def _mark_reasons(text: str) -> str:
    text = re.sub(rf"(?s)<!--\s*(?:{REASONS})\s*:\s*\S.*?-->", MARKER, text)
    return re.sub(r"(?s)<!--.*?-->", "", text)


def _flatten(text: str) -> str:
    """코드, 수식, 역할, 링크의 주소, span, 태그를 지우고 인용은 한 글자로 바꿉니다."""
    for pattern, replacement in (
        (r"\{cite(?::\w+)?\}`[^`]+`", CITED),
        (r"\{[\w:.-]+\}`[^`]*`", ""),
        (r"(?s)(`+)(?!`).+?(?<!`)\1(?!`)", ""),
        (r"(?s)\$\$.+?\$\$", ""),
        (r"\$[^$\n]+\$", ""),
        (r"!\[[^\]]*\]\([^)]*\)", ""),
        (r"\[([^\]]*)\]\([^)]*references[^)]*\)", rf"\1{CITED}"),
        (r"\[([^\]]*)\]\([^)]*\)", r"\1"),
        (r"https?://\S+", ""),
    ):
        text = re.sub(pattern, replacement, text)
    return re.sub(r"</?[a-zA-Z][^<>]*>", "", SPAN.sub("", text))


def _split(block: str) -> Iterator[str]:
    """덩어리를 표의 줄, 목록의 항목, 문장으로 나눕니다. 마침표 뒤의 인용은 앞 문장의 것입니다."""
    unit = ""
    for line in [*block.splitlines(), "|"]:
        item = re.sub(r"^\s*(?:>\s?)*(?:[-*+]\s+|\d+[.)]\s+)", "", line)
        if item != line or line.lstrip().startswith("|"):
            yield from _by_stop(unit)
            unit = ""
        unit += item + "\n"


def _by_stop(unit: str) -> list[str]:
    if unit.lstrip().startswith("|"):
        return [unit]
    unit = re.sub(r"([.?!])\s*((?:[\x01\x02][ \t]*)+)", r"\2\1 ", unit)
    return re.split(r"(?<=[.?!])[\"'”’)*]*\s+", unit)
