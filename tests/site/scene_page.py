"""장면 하나만 든 작은 페이지: 책을 빌드하지 않고 재생기를 움직여 봅니다."""

import json
from pathlib import Path

from ddialab.show import player
from ddialab.show.face import asset, json_block
from ddialab.show.room import room

ROOT = Path(__file__).resolve().parents[2]
SCENES = Path(__file__).parent / "scenes"
CLUSTER, SHELF = "cluster", "shelf"
THEME = "".join(
    path.read_text("utf-8") for path in sorted((ROOT / "publish/theme/css").glob("[123]*.css"))
)


def description(name: str) -> dict:
    return json.loads((SCENES / f"{name}.json").read_text("utf-8"))


def figure(about: dict) -> str:
    return (
        '<figure class="ddialab ddialab-scene">'
        f'<div class="dds-room" style="{room(about)}"></div>'
        f'<div class="ddialab-still">멈춘 그림</div>{json_block(about)}</figure>'
    )


def write(folder: Path, name: str, *scenes: dict, theme: str = "light") -> str:
    """``scenes``를 차례로 담은 페이지를 ``folder``에 쓰고, 그 file:// 주소를 돌려줍니다."""
    fake = (SCENES / "fake.js").read_text("utf-8")
    book = asset("guess.js") + asset("ddialab.js")
    scripts = {"fake": fake, "ddialab": book, "scene": player.script()}
    for script, code in scripts.items():
        (folder / f"{script}.js").write_text(code, "utf-8")
    # 휴대전화처럼, 스크롤 막대가 자리를 차지하지 않습니다
    style = THEME + asset("ddialab.css") + asset("scene.css") + "html { scrollbar-width: none }"
    (folder / "page.css").write_text(style, "utf-8")
    page = folder / f"{name}.html"
    page.write_text(
        f'<!doctype html><html lang="ko" class="js" data-theme="{theme}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>장면</title><link rel="stylesheet" href="page.css"><main><h1>장면</h1>'
        f"{''.join(map(figure, scenes))}<p>그다음 문단</p></main>"
        + "".join(f'<script src="{script}.js"></script>' for script in scripts),
        "utf-8",
    )
    return page.as_uri()


def crowd(moving: int) -> dict:
    """메시지 ``moving``개가 0.9초에 한꺼번에 길을 떠나는 장면."""
    about = description(CLUSTER) | {"scene": "crowd", "end": 10_000}
    changes = [[0, "new", m, "users"] for m in range(moving)]
    changes += [[900_000, "move", m, f"n{m % 3 + 1}", "wait"] for m in range(moving)]
    changes += [[9_000_000, "gone", m] for m in range(moving)]
    return about | {"saved": {"at": [2], "seed": 7, "actions": [], "changes": changes}}


def busy(moving: int) -> dict:
    """메시지 ``moving``개가 끝까지 쉬지 않고 오가는 장면."""
    about = description(CLUSTER) | {"scene": "busy", "end": 10_000}
    route = ("lb", "n1", "lb", "n2", "lb", "n3", "lb", "users")
    changes = [[0, "new", m, "users"] for m in range(moving)]
    for time in range(0, 10_000, 20):  # 밀리초
        movers = range(time // 20 % 7, moving, 7)  # 저마다 0.14초에 한 칸씩
        changes += [
            [time * 1000, "move", m, route[(m + time // 140) % len(route)], ""] for m in movers
        ]
    return about | {"saved": {"at": [2], "seed": 7, "actions": [], "changes": changes}}
