"""책 전체가 같은 뜻에 같은 색을 쓰게 하는 팔레트.

색상(hue)은 Okabe와 Ito의 색각 안전 팔레트에서 왔고, 명도만 옮겼습니다.
밝은 바탕의 값은 흰 바탕에서, 어두운 바탕의 값은 #14181e 바탕에서 글자로 써도 되는
명암비 4.5:1을 넘습니다. 그림 파일에는 ``var(--c-이름, 밝은 값)``으로 적혀서 CSS만으로 바뀝니다.
"""

from __future__ import annotations

from ddialab.core.errors import check_choice

# 이름: (밝은 바탕, 어두운 바탕). 밝은 값은 이름마다 달라야 SVG에서 되찾을 수 있습니다.
PALETTE = {
    "cache": ("#0072b2", "#56b4e9"),
    "database": ("#8a5a00", "#e69f00"),
    "good": ("#00795a", "#2fc79c"),
    "bad": ("#b84a00", "#ff8c4d"),
    "baseline": ("#666666", "#a6a6a6"),
    "accent": ("#a23c78", "#e58fc0"),
    "node1": ("#0071b1", "#57b5ea"),
    "node2": ("#b74900", "#ff8d4e"),
    "node3": ("#007859", "#30c89d"),
    "node4": ("#a13b77", "#e690c1"),
    "node5": ("#895900", "#e7a001"),
    "node6": ("#4b4ba8", "#a9a9ff"),
    "node7": ("#65650a", "#d6d04c"),
    "node8": ("#656565", "#a7a7a7"),
}
TINT = 0.08  # 바탕을 물들이는 진하기(alpha). 같은 색의 글자를 그 위에 써도 4.5:1을 넘습니다
CYCLE = ("cache", "bad", "good", "accent", "database", "node6")
TONES = {  # 그림의 설명이 부르는 색의 이름
    "cache": "파랑", "database": "갈색", "good": "초록", "bad": "주황", "baseline": "회색",
    "accent": "자주", "node1": "파랑", "node2": "주황", "node3": "초록", "node4": "자주",
    "node5": "갈색", "node6": "남색", "node7": "풀색", "node8": "회색",
}  # fmt: skip
WORDS = {PALETTE[name][0]: word for name, word in TONES.items()} | {
    "#000000": "검정", "#ffffff": "하양", "none": "빈",
}  # fmt: skip


def color(name: str) -> str:
    """``name``의 색(밝은 바탕의 16진수). 그림을 내보낼 때 어두운 바탕에도 맞는 변수로 바뀝니다.

    색만으로 뜻을 전하지 마세요. 선 이름, 모양, 위치 가운데 하나를 함께 씁니다.
    """
    return PALETTE[check_choice("color", name, PALETTE)][0]


def tone(value: object) -> str:
    """색 ``value``를 부르는 말. 팔레트에 없는 색이면 적힌 그대로, 색들의 리스트면 빈 문자열."""
    return WORDS.get(value.lower(), value) if isinstance(value, str) else ""


def css_variables(dark: bool) -> str:
    """``--c-이름:값;``을 이어 붙인 CSS. 사이트의 스타일시트와 같은지 테스트가 비교합니다."""
    return "".join(f"--c-{name}:{pair[dark]};" for name, pair in PALETTE.items())
