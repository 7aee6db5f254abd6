"""장면은 누구에게나: 키보드, 휴대전화, 큰 글자, 움직임을 줄인 화면, 고대비 색."""

import pytest
from checks.axe import SOURCE as AXE
from scene_tab import DESK, PHONE, SCENE, SMALL, at

HEADER = 56  # 책의 머리가 가리는 높이(px)


def test_everything_works_by_keyboard(visit):
    page = visit("cluster")
    page.focus(".dds-play")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("[data-action=kill]", "aria-label") == "n2 끄기"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{SCENE}.playing")
    assert page.evaluate(f"{SCENE}.story.actions.at(-1)")[1:] == ["kill", "n2"]
    assert page.evaluate("document.activeElement.dataset.action") == "kill"  # 초점은 그 자리에
    page.wait_for_function(f"{SCENE}.story.known >= 100")  # 모델이 가 본 데까지만 옮길 수 있습니다
    page.keyboard.press("Enter")  # 이미 꺼진 서버는 또 끌 수 없습니다
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert not page.evaluate(f"{SCENE}.playing")
    assert page.evaluate(f"{SCENE}.story.actions.length") == 1
    page.focus(".dds-range")
    page.keyboard.press("Home")
    assert page.inner_text(".dds-clock") == "0.0초"
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(".dds-range", "aria-valuetext") == "0.1초"


def test_only_what_matters_is_read_aloud_and_not_while_scrubbing(visit):
    page = visit("cluster")
    page.evaluate(f"""() => {{
      globalThis.heard = [];
      const line = document.querySelector(".dds-now");
      new MutationObserver(() => heard.push([line.getAttribute("aria-live"), line.textContent]))
        .observe(line, {{ childList: true }});
      {SCENE}.seek(5900);
      {SCENE}.play();
    }}""")
    page.wait_for_function("heard.length")
    assert page.evaluate("heard") == [["polite", "n1이 꺼졌습니다."]]
    page.evaluate(f"{SCENE}.pause()")
    page.focus(".dds-range")
    page.evaluate("document.querySelector('.dds-range').dispatchEvent(new Event('input'))")
    assert page.get_attribute(".dds-now", "aria-live") == "off"
    page.keyboard.press("End")
    assert page.evaluate("heard.at(-1)")[0] == "off"
    page.evaluate(f"{SCENE}.play()")
    assert page.get_attribute(".dds-now", "aria-live") == "polite"


@pytest.mark.parametrize("size", [PHONE, SMALL])
def test_on_a_phone_the_scene_and_its_buttons_fit_the_first_screen(visit, size):
    page = visit("both", size=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    top, low = page.evaluate("""() => {
      const box = (one) => document.querySelector(one).getBoundingClientRect();
      return [box(".dds").top, box(".dds-acts").bottom];
    }""")
    assert low - top <= size[1] - HEADER
    small = page.evaluate("""() => [...document.querySelectorAll(
        ".dds button, .dds select, .dds [type=range], .dds-chip, .dds-part[data-offer] .dds-box")]
      .filter((one) => one.checkVisibility()).filter((one) => {
        const { width, height } = one.getBoundingClientRect();
        return height < 44 || width < 44;
      }).map((one) => one.textContent)""")
    assert small == []


def test_larger_text_makes_a_larger_picture(visit):
    page = visit("both")
    height = "document.querySelector('.dds-stage .dds-name').getBoundingClientRect().height"
    before = page.evaluate(height)
    page.add_style_tag(content="html { font-size: 32px }")
    page.evaluate("ddialabScene.mounted.forEach((one) => one.resize(one.root.clientWidth))")
    assert page.evaluate(height) >= 1.8 * before
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK[0]


def test_dots_jump_for_a_reader_who_wants_less_motion(visit):
    between = """() => {
      const { reel, layout, calm } = ddialabScene.mounted[0], { spotAt } = ddialabScene.track;
      const rests = new Set();
      for (const { hops } of reel.tracks.all)
        for (const { part, place, slot } of hops) rests.add(String(layout.spot(part, place, slot)));
      return reel.tracks.alive(7250).filter((track) =>
        !rests.has(String(spotAt(track, 7250, layout, calm.matches)))).length;
    }"""
    assert visit("cluster").evaluate(between) > 0
    assert visit("cluster", reduced_motion="reduce").evaluate(between) == 0


@pytest.mark.parametrize(("name", "size"), [("both", PHONE), ("both", DESK), ("dark", DESK)])
def test_axe_finds_nothing(visit, name, size):
    page = visit(name, size=size, color_scheme="dark" if name == "dark" else "light")
    page.evaluate("ddialabScene.mounted.forEach((one) => one.seek(7900))")
    page.evaluate(AXE)
    found = page.evaluate("""async () => (await axe.run(".dds")).violations
      .map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))])""")
    assert found == []


def test_forced_colours_keep_shapes_visible(visit):
    page = visit("cluster", forced_colors="active")
    at(page, 7.9)
    faint = page.evaluate("""() => {
      const paper = getComputedStyle(document.body).backgroundColor;
      return ["text.dds-name", ".dds-part .dds-box", ".dds-part > g > .dds-ink"].filter((one) => {
        const { fill, stroke } = getComputedStyle(document.querySelector(one));
        return [fill, stroke].every((paint) => ["none", paper, "rgba(0, 0, 0, 0)"].includes(paint));
      });
    }""")
    assert faint == []


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_room_is_kept_before_the_script_draws(visit, size):
    """그리기 전에 비워 둔 높이가 그린 높이보다 낮지도, 눈에 띄게 높지도 않습니다."""
    kept, drawn = visit("cluster", size=size).evaluate("""() => {
      const room = document.querySelector(".dds-room"), kept = getComputedStyle(room).minHeight;
      const low = [...room.children].filter((one) => one.checkVisibility()).at(-1);
      const { bottom } = low.getBoundingClientRect(), { top } = room.getBoundingClientRect();
      return [parseFloat(kept), bottom - top];
    }""")
    assert drawn <= kept <= drawn + 60


def test_the_legend_does_not_wait_for_the_rest(visit):
    """책의 페이지에는 처음에 저장된 장면의 첫 그림만 있습니다."""
    first = f"{{...{SCENE}.description, saved: {{changes: []}}}}"
    legend = visit("cluster").evaluate(f"ddialabScene.legend.legend({first}).textContent")
    assert legend.startswith("요청성공실패시간 초과꺼짐")
