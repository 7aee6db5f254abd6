"""페이지마다 나오는 글자: 굵기마다, 스크립트와 장면이 나중에 그릴 글자까지."""

import json
import re
import string
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from ddialab.show.stage import STATES

WEIGHTS = {"Regular": 400, "Bold": 700}
Letters = dict[str, set[str]]  # 굵기마다의 글자

ALWAYS = (
    string.printable + "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ·…—–‘’“”「」『』→←↑↓×÷±≤≥≈−"
)
BOLD_TAGS = r"<(h[1-6]|strong|b|th|dt|summary|button|legend|output)\b[^>]*>(.*?)</\1>"
BOLD_CLASSES = (
    r'class="[^"]*\b(?:home|button|admonition-title|sd-card-title|sd-btn|sd-font-weight-bold|kind|'
    r'badge|current|reference|sidebar-title|topic-title)\b[^"]*"[^>]*>([^<]*)'
)
BOLD_ATTRIBUTES = (
    r"(?:font-weight(?:: ?|=\x22)(?:bold|[6-9]00)|font: ?(?:bold|[6-9]00)|data-run=)[^>]*>([^<]*)"
    r'|data-texts="([^"]*)'
)
NAMED_SCRIPTS = r'<script\b[^>]*\bsrc="[^"]*?_static/([^"?]+\.js)'
SCENES = r'<figure class="ddialab ddialab-scene">.*?<script type="application/json">(.*?)</script>'
TRIALS = SCENES.replace("ddialab-scene", "ddialab-trial")
PLAYER = ("scene.js", "live/connect.js", "live/worker.js")  # 장면이 있는 페이지가 나중에 받는 것
EDITOR = "trial.js"  # 직접 쓰는 정책의 편집기. 독자가 다가올 때 받습니다
# 스크립트가 굵게 쓰는 말. 장면의 조작과 부품의 이름은 장면의 설명에 있습니다
BOLD_WORDS = {
    "scene.js": "재생 멈춤 처음부터 장면 도전 시작 예상해 보세요 목표를 이뤘습니다 이루지 못했",
    EDITOR: "내 정책 실행 멈추기 처음 코드로",
    "progress.js": "끝까지 읽음 예상 스스로 확인 도전 지금 책에는 없는 것",
}


def bold_text(html: str) -> str:
    """페이지에서 굵게 나오는 텍스트. JSON에 담아 둔 그림(슬라이더의 장면들)도 풀어서 봅니다."""
    html = html.replace("\\u003c", "<").replace('\\"', '"')
    tagged = (match[2] for match in re.finditer(BOLD_TAGS, html, re.S))
    classed = re.findall(f"{BOLD_CLASSES}|{BOLD_ATTRIBUTES}", html)
    turned = re.findall(r'<nav class="turn".*?</nav>', html, re.S)
    return "".join([*tagged, *map("".join, classed), *turned])


def text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def bold_in_scene(told: dict[str, Any], model: str) -> str:
    """장면이 굵게 그리는 말.

    저장소의 값과 도전의 판정은 모델이 그때그때 지으므로, 모델의 글자를 다 셉니다.
    """
    named = [one["label"] for kind in ("parts", "groups", "actions") for one in told[kind]]
    turned = [value for knob in told["knobs"] for value in knob["texts"]]
    return "".join([*STATES.values(), *named, *turned, model])


def letters(html: str, static: Path) -> Letters:
    """페이지 하나에 나오는 글자. ``static``은 스타일시트와 스크립트가 있는 곳입니다."""
    scenes = [json.loads(told) for told in re.findall(SCENES, html, re.S)]
    models = [text(static / f"live/{told['scene']}.js") for told in scenes]
    trials = [json.loads(told)["name"] for told in re.findall(TRIALS, html, re.S)]
    judges = [text(static / f"live/{name}.js") for name in trials]
    saved = [text(static / told["saved"]["rest"]) for told in scenes]
    scripts = {*re.findall(NAMED_SCRIPTS, html), *(PLAYER if scenes else ())}
    scripts |= {EDITOR, *PLAYER} if trials else set()
    drawn = [text(static / name) for name in scripts]
    bold = [BOLD_WORDS.get(name, "") for name in scripts]
    styles = map(text, static.glob("*.css"))
    return {
        "Regular": set(ALWAYS).union(html, *drawn, *styles, *models, *judges, *saved),
        "Bold": set(ALWAYS).union(bold_text(html), *bold, *map(bold_in_scene, scenes, models)),
    }


def merged(several: Iterable[Letters]) -> Letters:
    return {weight: set().union(*(one[weight] for one in several)) for weight in WEIGHTS}


def common(pages: Collection[Letters]) -> Letters:
    """세 페이지 가운데 하나보다 자주 나오는 글자.

    적게 담으면 페이지를 넘길 때마다 받는 것이, 많이 담으면 처음 연 페이지가 받는 것이 늘어납니다.
    """

    def often(weight: str) -> set[str]:
        seen = Counter(letter for page in pages for letter in page[weight])
        return {letter for letter, times in seen.items() if 3 * times > len(pages)}

    return {weight: often(weight).union(ALWAYS) for weight in WEIGHTS}
