"""장면의 첫 조작: 모델을 받고 켜서 답하기까지, 그리고 그다음 조작.

잴 때마다 새 창(빈 캐시)을 열고, CPU를 네 배 느리게 한 크로미움에서 다섯 번의 중앙값을 봅니다.
느려지는 것은 페이지이고, 모델이 도는 워커는 크로미움이 늦추지 못합니다.
"""

from collections.abc import Iterator
from statistics import median

from reader import DRAWN, PATIENCE
from static_host import StaticHost

from benchmarks import browser
from benchmarks.promise import Promise

PAGE = "labs/07-hardware-faults.html"
SLOWDOWN, TIMES = 4, 5
FIRST, LATER = 1000, 100  # 밀리초
# 첫 조작과 그다음 조작이 그림에 나타날 때까지의 밀리초
ACT = """async () => {
  const { branch } = ddialabScene.mounted[0];
  const took = [];
  for (const node of ["n1", "n2"]) {
    const before = performance.now();
    await branch.act("kill", node);
    took.push(performance.now() - before);
  }
  if (branch.saved) throw new Error("모델이 켜지지 않았습니다");
  return took;
}"""


def promises() -> Iterator[Promise]:
    book = browser.built(PAGE, "make html")
    with browser.opened() as running, StaticHost(book) as host:
        took = [act(running, f"{host.url}/{PAGE}") for _ in range(TIMES)]
    first, later = (median(column) for column in zip(*took, strict=True))
    yield Promise(
        "장면의 첫 조작에 답하기까지, 모델을 켜는 것까지",
        f"{first:.0f} ms", f"{FIRST} ms 이하", first <= FIRST,
    )  # fmt: skip
    yield Promise(
        "장면의 그다음 조작에 답하기까지", f"{later:.0f} ms", f"{LATER} ms 이하", later <= LATER
    )


def act(running, address: str) -> list[float]:
    context = running.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(DRAWN)
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    took = page.evaluate(ACT)
    context.close()
    return took
