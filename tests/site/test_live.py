"""모델이 페이지 안에서 켜지고, 죽고, 켜지지 않을 때 까닭을 말하는가. 책을 빌드하지 않고 봅니다."""

from __future__ import annotations

import json
import re

import pytest
from reader import DRAWN, PAGES, PATIENCE, source, visiting

from ddialab.core.scene import Host
from ddialab.experiments.hardware_faults import scenes
from live import files

LAB = "labs/07-hardware-faults.html"
PAGE = """<!doctype html><meta charset="utf-8"><title>모델</title>
<link rel="icon" href="data:,"><script src="connect.js"></script>"""
# 모델 대신 넣어 보는 것들: answer(글)만 있으면 됩니다
MODELS = {
    "endless": "def answer(text):\n    while True: pass\n",
    "hungry": "kept = []\ndef answer(text):\n    while True: kept.append(bytearray(100000))\n",
    "full": """kept = []
def answer(text):
    try:
        while True: kept.append(bytearray(100000))
    except MemoryError:
        return str(len(kept))
""",
    "deep": "def answer(text): return answer(text)\n",
    "wrong": "def answer(text): return text.nothing\n",
    "unreadable": "def answer(text) return\n",
    "fifty": "def answer(text, n=50): return answer(text, n - 1) if n else '{}'\n",
    "gone": "def answer(text): raise SystemExit\n",
}
CONNECT = "async (scene) => { window.adapter = await ddialabLive.connect({ scene }); return true; }"
ASK = """async (requests) => {
  const replies = [];
  for (const request of requests) replies.push(await window.adapter.send(request));
  return replies;
}"""
NOTHING_FETCHED = """() => {
  const meta = document.createElement("meta");
  Object.assign(meta, { httpEquiv: "Content-Security-Policy", content: "connect-src 'none'" });
  document.head.append(meta);
}"""
TRY = f"""async (scene) => {{
  const late = new Promise((_, reject) => setTimeout(() => reject(Error("답이 없음")), {PATIENCE}));
  const answer = async () => {{
    const adapter = await ddialabLive.connect({{ scene }});
    if (scene === "endless") ddialabLive.tick = 20; // 영영 오지 않을 답만 짧게 기다립니다
    await adapter.send({{ do: "run" }});
  }};
  try {{
    await Promise.race([answer(), late]);
    return "";
  }} catch (error) {{
    window.died = error;
    return error.message;
  }}
}}"""
SCRIPT = [[5000, "kill", "n1"], [9000, "rate", 3]]
REQUESTS = [
    {"do": "open", "scene": "by-hand", "seed": 3, "at": [1, 1], "actions": SCRIPT},
    {"do": "run", "to": 12_000},
    {"do": "act", "name": "power", "target": "B"},
    {"do": "act", "name": "없는 것", "target": "B"},
    {"do": "run", "to": 20_000},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("live")
    files.write(made)
    for name, model in MODELS.items():
        text = f"ddialabLive.models[{name!r}] = {json.dumps(model)};"
        (made / f"{name}.js").write_text(text, "utf-8")
    (made / "page.html").write_text(PAGE, "utf-8")
    return made


@pytest.fixture
def visit(browser, folder):
    with visiting(browser, folder) as visited:
        yield visited


def expected() -> list:
    host = Host({"by-hand": scenes.TOY})
    return [json.loads(host.answer(json.dumps(request))) for request in REQUESTS]


@pytest.mark.parametrize("file", [False, True], ids=["http", "file"])
def test_the_page_answers_as_the_kernel_does(visit, file):
    """서버에서도 파일에서도, 손대기 전에는 아무것도 받지 않고, 커널의 Host와 같은 답을 합니다."""
    reader = visit(file=file)
    before = len(reader.requests)
    assert reader.page.evaluate(CONNECT, "by-hand")
    replies = reader.page.evaluate(ASK, REQUESTS)
    assert replies == expected()
    assert before == 2  # 페이지와 시동기뿐
    assert reader.outside() == []
    assert reader.errors == []


def test_from_a_file_the_worker_fetches_nothing(visit):
    """WebKit은 파일로 연 페이지의 워커가 blob:도 받지 못하게 합니다. 정책으로 흉내 냅니다."""
    page = visit(file=True).page
    page.evaluate(NOTHING_FETCHED)
    assert page.evaluate(TRY, "by-hand") == ""


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("endless", "오래 답하지 않아"),
        ("hungry", "메모리를 다 썼습니다"),
        ("deep", "재귀가 너무 깊어"),
        ("wrong", "오류가 났습니다"),
        ("unreadable", "오류가 났습니다"),
        ("gone", "오류가 났습니다"),
        ("nowhere", "받지 못했습니다"),
    ],
)
def test_a_model_that_dies_says_why(visit, model, said):
    reader = visit()
    assert said in reader.page.evaluate(TRY, model)
    assert reader.page.evaluate("window.died instanceof Error")


def test_a_model_has_no_more_than_64_megabytes(visit):
    page = visit().page
    page.evaluate(CONNECT, "full")
    (kept,) = page.evaluate(ASK, [{}])
    assert 16e6 < kept * 100_000 < 64 * 2**20


def test_fifty_calls_deep_is_not_too_deep(visit):
    assert visit().page.evaluate(TRY, "fifty") == ""


@pytest.mark.parametrize("file", [False, True], ids=["http", "file"])
def test_two_scenes_do_not_share_a_model(visit, file):
    """한 페이지의 장면 둘은 저마다의 워커에서 돕니다. 하나가 죽어도 다른 하나는 그대로입니다."""
    page = visit(file=file).page
    assert page.evaluate(CONNECT, "by-hand")
    page.evaluate(ASK, REQUESTS[:2])
    assert "오류" in page.evaluate(TRY, "wrong")
    assert page.evaluate(ASK, REQUESTS[2:]) == expected()[2:]


POLICIES = {
    "self": ("default-src 'self'", "보안 정책"),
    "no workers": ("default-src 'self' 'wasm-unsafe-eval'; worker-src 'none'", "보안 정책"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_under_a_policy_the_page_says_so(visit, name):
    policy, said = POLICIES[name]
    reader = visit({"Content-Security-Policy": policy})
    assert said in reader.page.evaluate(TRY, "by-hand")


def test_a_policy_that_allows_wasm_is_enough(visit):
    policy = "default-src 'self' 'wasm-unsafe-eval'"
    reader = visit({"Content-Security-Policy": policy})
    assert reader.page.evaluate(CONNECT, "by-hand")
    assert reader.page.evaluate(ASK, REQUESTS) == expected()


@pytest.mark.parametrize(
    ("missing", "said"), [("WebAssembly", "WebAssembly"), ("Worker", "워커를 띄울 수 없습니다")]
)
def test_a_browser_without_it_says_so(visit, missing, said):
    page = visit().page
    page.evaluate(f"delete globalThis.{missing}")
    assert said in page.evaluate(TRY, "by-hand")


def test_a_closed_model_refuses_and_leaves_no_worker(visit):
    page = visit().page
    page.evaluate(CONNECT, "by-hand")
    (worker,) = page.workers
    with worker.expect_event("close"):  # 끝났다는 소식은 close()가 돌아온 뒤에도 올 수 있습니다
        page.evaluate("() => window.adapter.close()")
    with pytest.raises(Exception, match="모델을 껐습니다"):
        page.evaluate(ASK, REQUESTS[:1])
    assert page.workers == []


def test_pages_with_a_scene_and_only_they_have_the_starter(book):
    scenes_in = {path for path in PAGES if '"ddialab ddialab-scene"' in source(path)}
    assert scenes_in
    starters = ("_static/live/connect.js", "_static/nearby.js")
    assert {path for path in PAGES if any(one in source(path) for one in starters)} == scenes_in


BELOW = "chapters/3-scalability/describing-performance.html"  # 장면이 아래쪽에 있는 페이지
SIGNS = {
    "다가오면": lambda page: page.locator("figure.ddialab-scene").scroll_into_view_if_needed(),
    "키를 누르면": lambda page: page.keyboard.press("Tab"),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_the_player_comes_only_when_the_scene_comes_near(read, sign):
    reader = read(BELOW)
    player = [url for url in reader.requests if url.endswith(("scene.js", "connect.js"))]
    assert player == []
    SIGNS[sign](reader.page)
    reader.page.wait_for_function("globalThis.ddialabScene?.mounted?.[0]")
    figure = reader.page.locator("figure.ddialab-scene")
    figure.get_by_role("button", name="무거운 요청").first.click()
    reader.page.wait_for_function("ddialabScene.mounted[0].branch.saved === false")
    assert (reader.outside(), reader.failures, reader.errors) == ([], [], [])


def test_the_book_carries_the_models_of_its_scenes(book):
    made = {path.name: path.read_bytes() for path in (book / "_static/live").iterdir()}
    assert made == files.files()


def test_the_first_own_action_starts_the_model_of_the_book(read):
    reader = read(LAB)
    figure = reader.page.locator("figure.ddialab-scene").first
    figure.get_by_role("button", name="끄기").first.click()
    reader.page.wait_for_function("ddialabScene.mounted[0].branch.saved === false")
    assert [url for url in reader.requests if url.endswith("micropython.wasm")]
    assert (reader.outside(), reader.failures, reader.errors) == ([], [], [])


def test_the_saved_scene_comes_with_the_first_touch_and_goes_on(read):
    """처음 그림만 페이지에 있고, 나머지는 손댈 때 받아 그 자리에서 이어집니다."""
    reader = read("index.html")
    figure = reader.page.locator("figure.ddialab-scene").first
    before = len(reader.requests)
    assert not [url for url in reader.requests if "_static/scenes/" in url]
    figure.locator("input[type=range]").first.press("End")
    reader.page.wait_for_function("ddialabScene.mounted[0].time > 0")
    (fetched,) = reader.requests[before:]
    assert "_static/scenes/incident-" in fetched
    assert figure.locator("legend", has_text="예상해 보세요").is_visible(), "묻는 데서 멈춥니다"
    figure.get_by_role("button", name="그냥 보기").click()
    figure.locator("input[type=range]").first.press("End")
    reader.page.wait_for_function("ddialabScene.mounted[0].time === 16000")
    assert "결과: " in figure.inner_text()
    assert (reader.failures, reader.errors) == ([], [])


def test_a_saved_scene_that_cannot_be_fetched_says_so(read):
    reader = read("index.html")
    reader.page.route("**/_static/scenes/*", lambda route: route.abort())
    figure = reader.page.locator("figure.ddialab-scene").first
    figure.get_by_role("button", name="재생", exact=True).dispatch_event("click")  # 화면 낭독기처럼
    told = figure.get_by_role("status").filter(has_text="저장된 장면을 받지 못했습니다")
    told.wait_for()
    reader.page.unroute("**/_static/scenes/*")


def test_a_link_to_a_moment_of_the_saved_scene_waits_for_it(read):
    reader = read("index.html")
    digest = reader.page.wait_for_function(
        "ddialabScene.mounted[0]?.description.digest"
    ).json_value()
    moment = f"#scene=incident&seed=1&at=&a=&t=3000&m={digest}"
    reader.page.evaluate("hash => { location.hash = hash; }", moment)
    reader.page.wait_for_function("ddialabScene.mounted[0].time === 3000")
    assert reader.page.evaluate("ddialabScene.mounted[0].branch.saved")


WITH_MOMENTS = [path for path in PAGES if 'class="ddialab-moment"' in source(path)]
MOMENT = re.compile(r"#scene=([\w-]+)&.*&t=(\d+)&m=book")
STANDING = """([name, time]) => Object.values(ddialabScene.mounted)
  .some((one) => one.description.scene === name && one.time === time)"""

ASKED = "[...document.querySelectorAll('button')].some((one) => one.textContent === '그 순간으로')"


def test_labs_lead_back_to_moments_of_their_first_scene():
    assert len(WITH_MOMENTS) >= 4


@pytest.mark.parametrize("path", WITH_MOMENTS)
def test_a_moment_of_the_book_stands_where_it_says(read, path):
    """앞의 물음에 답하지 않은 독자에게는 먼저 묻고, 그 순간으로 가겠다고 하면 거기에 섭니다."""
    reader = read(path)
    page = reader.page
    page.wait_for_function(DRAWN)
    for link in page.locator(".ddialab-moment a").all():
        name, time = MOMENT.fullmatch(link.get_attribute("href")).groups()
        link.click()
        asked = page.get_by_role("button", name="그 순간으로")
        there = [name, int(time)]
        page.wait_for_function(f"(there) => ({STANDING})(there) || {ASKED}", arg=there)
        if asked.count():
            asked.first.click()
            page.wait_for_function(STANDING, arg=there)
    assert (reader.outside(), reader.failures, reader.errors) == ([], [], [])
