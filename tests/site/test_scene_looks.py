"""장면의 모양: 무엇이 어디에 놓이고, 색을 못 보아도 다른가. 작은 페이지에서 봅니다."""

import pytest
from reader import PAGES
from scene_page import CLUSTER, SHELF, description, write
from scene_tab import DESK, PHONE, SCENE, SMALL, at


def with_words(about: dict) -> dict:
    """값이 모두 말인 슬라이더가 있는 장면."""
    texts = ["버린다", "지킨다", "거절한다"]
    knob = {"name": "unknown", "label": "모르는 필드를", "texts": texts, "start": 0, "live": False}
    return about | {"knobs": [knob], "saved": about["saved"] | {"at": [0]}}


def with_lanes(about: dict) -> dict:
    """나쁜 일의 줄과 그렇지 않은 줄이 있는 장면."""
    marks = [[0, "mark", "post", ""], [1_000_000, "mark", "post", ""], [9, "mark", "fail", ""]]
    changes = sorted([*marks, *about["saved"]["changes"]], key=lambda change: change[0])
    lanes = [*about["lanes"], {"id": "post", "label": "쓴 글"}]
    return about | {"lanes": lanes, "saved": about["saved"] | {"changes": changes}}


def with_log(about: dict) -> dict:
    """긴 로그의 처음과 끝을 가리키는 장면."""
    changes = [[0, "push", 3, f"#{i}"] for i in range(30)]
    changes += [[0, "point", 3, "여기까지", 0], [0, "point", 3, "끝까지", 30]]
    return about | {"saved": about["saved"] | {"changes": changes}}


def with_readers(about: dict) -> dict:
    """처음에는 하나가, 나중에는 셋이 로그의 끝에 나란히 서는 장면."""
    changes = [[0, "push", 3, f"#{i}"] for i in range(30)] + [[0, "point", 3, "스트림", 30]]
    changes += [[500_000, "point", 3, name, 30] for name in ("일괄 처리", "되감기")]
    return about | {"saved": about["saved"] | {"changes": changes}}


def with_street(about: dict) -> dict:
    """서버가 맨 위에 있고, 거기에 줄을 선 장면."""
    parts = [part | {"kind": "server"} if not part["column"] else part for part in about["parts"]]
    changes = [x for n in range(5) for x in ([0, "new", n, "app"], [0, "move", n, "app", "wait"])]
    saved = about["saved"] | {"changes": changes}
    return about | {"parts": parts, "lined": True, "saved": saved}


def with_databases(about: dict) -> dict:
    """서버마다 데이터베이스 셋에 묻는 장면. 칸이 넷이라 넓은 화면에서도 줄로 놓입니다."""
    servers, databases = ("n1", "n2", "n3"), ("d1", "d2", "d3")
    made = [{"id": one, "kind": "server", "label": one, "column": 3} for one in databases]
    parts = [part | {"group": ""} for part in (*about["parts"], *made)]
    wires = [*about["wires"], *([server, one] for server in servers for one in databases)]
    return about | {"parts": parts, "groups": [], "wires": wires}


def with_spare(about: dict) -> dict:
    """처음부터 없는 서버가 있고, 다른 서버는 1초에 꺼지는 장면."""
    changes = [[0, "state", "n3", "absent"], [1_000_000, "state", "n1", "down"]]
    return about | {"saved": about["saved"] | {"changes": changes}}


def with_shop(about: dict) -> dict:
    """저장소가 줄로 가득하고, 거기에 할 조작이 있는 장면."""
    action = {"name": "delete", "label": "비우기", "targets": [1], "when": ["ok"]}
    changes = [[0, "put", 1, f"글 {i}", "있음"] for i in range(6)]
    return about | {"actions": [action], "saved": about["saved"] | {"changes": changes}}


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("looks")
    cluster, shelf = description(CLUSTER), description(SHELF)
    scenes = {
        "cluster": cluster,
        "shelf": shelf,
        "words": with_words(cluster),
        "lanes": with_lanes(cluster),
        "log": with_log(shelf),
        "readers": with_readers(shelf),
        "street": with_street(shelf),
        "spare": with_spare(cluster),
        "databases": with_databases(cluster),
        "shop": with_shop(shelf),
    }
    return {name: write(folder, name, about) for name, about in scenes.items()}


def test_the_legend_has_only_what_the_scene_shows(visit):
    rows = visit("shelf").evaluate("""() =>
      [...document.querySelectorAll(".dds-legend li")].map((one) => one.lastChild.textContent)""")
    assert rows == ["요청", "성공", "방금 바뀐 것"]


def test_states_differ_by_shape_and_not_by_colour_alone(visit):
    shapes = visit("cluster").evaluate("""() => {
      const { BARS, bar } = ddialabScene.timeline;
      const paper = getComputedStyle(document.querySelector(".dds-face")).fill;
      return Object.keys(BARS).map((name) => {
        const path = document.querySelector(`.dds-strip .dds-${name}`);
        const { fill, stroke, strokeDasharray } = getComputedStyle(path);
        return [bar(name, 0, 0, 9), fill === paper, stroke !== "none", strokeDasharray].join();
      });
    }""")
    assert len(set(shapes)) == len(shapes)


def test_only_lanes_of_bad_things_look_bad(visit):
    page = visit("lanes")
    at(page, 29)
    drawn = page.locator(".dds-strip .dds-ticks")
    counts = [one.get_attribute("d").count("M") for one in drawn.all()]
    assert counts == [2, 1]
    colours = drawn.evaluate_all("all => all.map((one) => getComputedStyle(one).stroke)")
    assert colours[0] != colours[1]


def test_a_lane_is_there_only_if_a_bar_can_be(visit):
    page = visit("cluster")
    rows = """([seen, name]) => {
      const about = ddialabScene.mounted[0].description, [one] = about.parts;
      const saved = { ...about.saved, changes: [[0, "state", one.id, name]] };
      const made = new ddialabScene.timeline.Timeline({ ...about, seen, saved, actions: [],
        parts: [{ ...one, kind: "store" }, ...about.parts.slice(1)] }, {});
      return made.rows.filter(([, , kind]) => kind === "part").map(([id]) => id);
    }"""
    store = page.evaluate(f"{SCENE}.description.parts[0].id")
    assert page.evaluate(rows, [["go", "ok"], "absent"]) == [], "상태가 바뀌지 않는 장면"
    some = page.evaluate(rows, [["go", "down"], "absent"])
    assert some, "서버에는 막대가 생길 수 있습니다"
    assert store not in some, "없다는 것은 막대가 아닙니다"
    assert store in page.evaluate(rows, [["go", "down"], "down"])


def test_a_knob_of_words_shows_all_it_can_be(visit):
    page = visit("words")
    group = page.get_by_role("group", name="모르는 필드를")
    assert group.locator("label").all_inner_texts() == ["버린다", "지킨다", "거절한다"]
    assert group.get_by_role("radio", checked=True).get_attribute("value") == "0"
    group.get_by_role("radio", name="지킨다").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.at[0] === 2")
    assert group.get_by_role("radio", checked=True).get_attribute("value") == "2"
    page.get_by_role("button", name="내 조작 지우기").click()
    assert group.get_by_role("radio", checked=True).get_attribute("value") == "0"


def test_a_challenge_has_its_knobs_by_its_start(visit):
    page = visit("shelf", size=SMALL)
    apart, places = page.evaluate("""() => {
      const top = (one) => document.querySelector(one).getBoundingClientRect().top;
      const order = [...document.querySelectorAll(".dds *")];
      const at = (one) => order.indexOf(document.querySelector(one));
      const places = [".dds-knobs", ".dds-stage", ".dds-verdict", ".dds-strip"].map(at);
      return [top(".dds-challenge .dds-play") - top(".dds-knobs input"), places];
    }""")
    assert 0 < apart < 120
    assert places == sorted(places)


def test_the_slider_keeps_its_width_whatever_its_value(visit):
    page = visit("shelf", size=SMALL)
    width = "document.querySelector('.dds-knobs input').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.evaluate("document.querySelector('.dds-knobs output').value = '2초'")
    assert page.evaluate(width) == before


def test_growing_numbers_do_not_move_the_picture(visit):
    page = visit("cluster", size=SMALL)
    top = "document.querySelector('.dds-stage').getBoundingClientRect().top"
    before = page.evaluate(top)
    page.evaluate(
        "document.querySelectorAll('.dds-count b').forEach((one) => { one.textContent = 888; })"
    )
    assert page.evaluate(top) == before


def test_the_clock_stays_in_sight_on_a_phone(visit):
    page = visit("cluster", size=SMALL)
    page.locator(".dds-foot").evaluate("one => one.scrollIntoView({ block: 'end' })")
    page.evaluate("document.querySelector('.dds-stage').scrollIntoView({ behavior: 'instant' })")
    board, stage = (page.locator(one).bounding_box() for one in (".dds-board", ".dds-stage"))
    assert stage["y"] <= board["y"] + board["height"]
    assert 0 <= board["y"] < SMALL[1] / 4


INSIDE = """([inner, outer]) => {
  const box = document.querySelector(outer).getBoundingClientRect();
  return [...document.querySelectorAll(inner)].map((one) => one.getBoundingClientRect())
    .filter(({ width }) => width).map(({ left, right }) => left >= box.left && right <= box.right);
}"""


@pytest.mark.parametrize("size", [DESK, SMALL])
def test_readers_of_a_log_stay_in_its_box(visit, size):
    """이미 밀려난 칸을 가리키는 표시는 화살표로, 끝을 가리키는 표시는 상자 안쪽으로."""
    page = visit("log", size=size)
    at(page, 1)
    names = "[data-part='3'] g > g > text"
    assert page.locator(names).all_text_contents() == ["← 여기까지", "끝까지"]
    assert page.evaluate(INSIDE, [names, "[data-part='3'] .dds-box"]) == [True, True]


@pytest.mark.parametrize("size", [DESK, SMALL])
def test_names_of_readers_do_not_cover_one_another(visit, size):
    page = visit("readers", size=size)
    at(page, 1)
    apart = """(names) => {
      const boxes = names.map((one) => one.getBoundingClientRect()).sort((a, b) => a.x - b.x);
      return boxes.slice(1).every((one, i) => one.left >= boxes[i].right);
    }"""
    names = page.locator("[data-part='3'] g > g > text")
    assert names.count() == 3
    assert names.evaluate_all(apart)
    assert page.evaluate(INSIDE, ["[data-part='3'] g > g > text", "[data-part='3'] .dds-box"])


def test_a_reader_that_comes_later_is_gone_when_rewound(visit):
    page = visit("readers")
    at(page, 1)
    at(page, 0.1)
    assert page.locator("[data-part='3'] g > g > text").all_text_contents() == ["스트림"]


@pytest.mark.parametrize("size", [PHONE, SMALL])
def test_what_waits_before_the_first_row_is_not_under_the_board(visit, size):
    page = visit("street", size=size)
    at(page, 1)
    dots = page.locator(".dds-stage .dds-dot:not([display])")
    assert dots.count() == 5
    top = min(dot.bounding_box()["y"] for dot in dots.all())
    board = page.locator(".dds-board").bounding_box()
    assert board["y"] + board["height"] <= top


@pytest.mark.parametrize("size", [DESK, SMALL])
def test_the_button_in_a_store_covers_none_of_its_rows(visit, size):
    page = visit("shop", size=size)
    at(page, 1)
    rows = page.locator(".dds-words").nth(1).locator(".dds-item")
    pill = page.locator(".dds-pill:not([display]) rect").bounding_box()
    assert rows.last.text_content()
    boxes = [row.bounding_box() for row in rows.all()]
    assert max(box["y"] + box["height"] for box in boxes) <= pill["y"] + 1
    page.mouse.click(pill["x"] + 20, pill["y"] + 10)
    page.wait_for_function(f"{SCENE}.story.actions.length")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_wires_between_rows_do_not_go_round_a_neighbour(visit, size):
    """위아래로 놓인 부품 사이의 선은 위의 아래쪽에서 나와 아래의 위쪽으로 들어갑니다."""
    page = visit("databases", size=size)
    wide, ends = page.evaluate(f"""() => {{
      const {{ wide, boxes, wires }} = {SCENE}.layout;
      const ends = wires.map((d) => d.match(/[\\d.]+/g).map(Number)).map((d) => [d[1], d.at(-1)]);
      const edges = {SCENE}.description.wires.map(([from, to]) =>
        [boxes.get(from).y + boxes.get(from).h, boxes.get(to).y]);
      return [wide, ends.map((end, i) => [end, edges[i]])];
    }}""")
    assert not wide
    assert len(ends) == 13
    assert all(end == pytest.approx(edge) for end, edge in ends)


def test_what_is_so_from_the_start_has_not_just_changed(visit):
    page = visit("spare")
    ring = "[data-part={}] .dds-ring:not([display])"
    at(page, 0)
    assert page.locator(ring.format("n3")).count() == 0
    at(page, 1.1)
    assert page.locator(ring.format("n1")).count() == 1


@pytest.mark.parametrize("state", ["ok", "down", "cut", "absent"])
def test_what_is_behind_a_part_does_not_show_through(visit, state):
    page = visit("cluster")
    fill = page.evaluate(
        """(state) => {
      const part = document.querySelector(".dds-part");
      part.dataset.state = state;
      return getComputedStyle(part.querySelector(".dds-box")).fill;
    }""",
        state,
    )
    assert fill.startswith("rgb(")


def test_dots_go_under_the_words(visit):
    order = visit("cluster").evaluate("""() => {
      const all = [...document.querySelectorAll(".dds-stage *")];
      const at = (one) => all.findIndex((x) => x.matches(one));
      const words = all.findIndex((one) => one.textContent === "n1" && one.matches("text"));
      return [at(".dds-box"), at(".dds-dot"), words];
    }""")
    assert order == sorted(order)


FIRST = [path for path in PAGES if path == "index.html" or path.startswith("labs/")]
MOUNTED = """() => globalThis.ddialabScene?.mounted?.filter(Boolean).length
  === document.querySelectorAll("figure.ddialab-scene").length"""
FIRST_HANDS = """() => [".dds-play:not(.dds-challenge *)", ".dds-pill:not([display]) rect"]
  .map((one) => document.querySelector(one).getBoundingClientRect().bottom)"""
ROOMS = """() => [...document.querySelectorAll(".dds-room")]
  .filter((room) => room.checkVisibility()).map((room, i) => {
    const low = [...room.children].filter((one) => one.checkVisibility()).at(-1);
    const drawn = low.getBoundingClientRect().bottom - room.getBoundingClientRect().top;
    return [i, parseFloat(getComputedStyle(room).minHeight) - drawn];
  })"""


@pytest.mark.parametrize("size", [PHONE, SMALL])
@pytest.mark.parametrize("path", FIRST)
def test_the_first_screen_of_a_phone_has_something_to_press(read, path, size):
    """재생 버튼과 그림 속의 버튼이 첫 화면에 다 보이고, 장면마다 비워 둔 자리가 맞습니다."""
    page = read(path, viewport={"width": size[0], "height": size[1]}).page
    page.wait_for_function(MOUNTED)
    assert max(page.evaluate(FIRST_HANDS)) <= size[1]
    assert [room for room in page.evaluate(ROOMS) if not 0 <= room[1] <= 90] == []
