"""장면 하나에서 메시지 200개가 쉬지 않고 움직일 때, 가장 오래 걸린 화면 한 장.

책을 빌드하지 않은 작은 페이지를 재생하고, 브라우저가 화면을 그리려 부른 때 사이의 간격을 잽니다.
바쁜 컴퓨터의 한 번을 믿지 않고 다섯 번의 중앙값을 봅니다. 멈춰 둔 페이지의 화면도 밀리는 컴퓨터라면
재지 못했다고 말합니다. 고친 요소의 수는 `make test`가 셉니다.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from reader import DRAWN
from scene_page import busy, write

from benchmarks import browser
from benchmarks.promise import Promise, Unmeasured

MESSAGES, RUNS, SECONDS = 200, 5, 3
MOST = 50  # 밀리초
QUIET = 40  # 밀리초. 아무것도 움직이지 않을 때의 가장 긴 한 장이 이보다 길면 바쁜 컴퓨터입니다
FRAMES = """async ([length, playing]) => {
  const scene = ddialabScene.mounted[0];
  scene.seek(1000);
  if (playing) scene.play();
  let last = await new Promise(requestAnimationFrame), longest = 0;
  const start = last;
  while (last - start < length) {
    const now = await new Promise(requestAnimationFrame);
    longest = Math.max(longest, now - last);
    last = now;
  }
  scene.pause();
  return longest;
}"""


def promises() -> Iterator[Promise]:
    with browser.opened() as running, TemporaryDirectory() as place:
        page = running.new_page(viewport={"width": 1280, "height": 900})
        page.goto(write(Path(place), "busy", busy(MESSAGES)))
        page.wait_for_function(DRAWN)
        idle, longest = (_longest(page, playing) for playing in (False, True))
    if idle > QUIET:
        raise Unmeasured(f"바쁜 컴퓨터라 멈춘 화면 한 장도 {idle:.0f} ms입니다")
    yield Promise(
        f"메시지 {MESSAGES}개가 움직이는 장면의 가장 긴 화면 한 장",
        f"{longest:.0f} ms",
        f"{MOST} ms 이하",
        longest <= MOST,
    )


def _longest(page, playing: bool) -> float:
    """가장 긴 화면 한 장의 밀리초, 여러 번의 중앙값."""
    return median(page.evaluate(FRAMES, [SECONDS * 1000, playing]) for _ in range(RUNS))
