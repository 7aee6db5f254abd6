"""장면의 재생기: 책을 빌드하지 않은 작은 페이지를 크로미움 하나에서 엽니다. 모델은 가짜입니다."""

import gzip
import json
import re

import pytest
from scene_page import CLUSTER, SHELF, description
from scene_tab import SCENE, at

from ddialab.show import player
from ddialab.show.face import asset

HEADER = 56  # 책의 머리가 가리는 높이(px)

PICTURE = """(p) => JSON.stringify(p, (key, value) =>
  value instanceof Map ? [...value] : value === -Infinity ? "처음부터" : value)"""


def test_a_visit_begins_with_nothing_left(visit):
    """떠나면서 적은 것까지. 앞의 테스트가 다음 테스트의 독자를 바꾸지 않습니다."""
    leaving = "addEventListener('pagehide', () => localStorage.setItem('late', 'yes'))"
    visit("cluster").evaluate(f"localStorage.setItem('early', 'yes'); {leaving}")
    assert visit("shelf").evaluate("localStorage.length") == 0


def test_the_player_is_small():
    script = gzip.compress(player.script().encode(), 9)
    style = gzip.compress(asset("scene.css").encode(), 9)
    assert len(script) <= 19.8 * 1024
    assert len(style) <= 3 * 1024


def test_the_words_keep_their_spaces_when_the_player_is_packed():
    """글자열 밖의 빈칸만 뺍니다. 글자열 속에 또 글자열이 있으면 어디까지인지 모릅니다."""
    source = "\n".join(asset(f"scene/{name}.js") for name in (*player.FILES, "page"))
    code = re.sub(r"^ *//.*$|\s//\s.*$", "", source, flags=re.MULTILINE)
    assert re.findall(r"\$\{[^}`]*`.*", code) == []
    words = re.findall(r'"(?:\\.|[^"\\])*"|`[^`]*`', code)
    assert len(words) > 400
    assert [one for one in words if one not in player.script()] == []


@pytest.mark.parametrize("name", ["cluster", "shelf"])
def test_scrubbing_in_any_order_shows_the_same_picture(visit, name):
    page = visit(name)
    different = page.evaluate(f"""() => {{
      const told = {PICTURE}, about = {SCENE}.description;
      const make = () => {{
        const story = new ddialabScene.state.Story(about, about.saved);
        story.add(about.saved.changes);
        return story;
      }};
      const one = make(), all = one.changes.length, wrong = [];
      for (let i = 0; i < 60; i += 1) {{
        const index = (i * 7919) % (all + 1), fresh = make();
        if (told(one.after(index)) !== told(fresh.after(index))) wrong.push(index);
      }}
      return [wrong, all];
    }}""")
    assert different[0] == []
    assert different[1] > 20


def test_a_dot_is_in_the_same_place_whenever_one_looks(visit):
    page = visit("cluster")
    at(page, 29)
    at(page, 7.25)
    back = page.inner_html(".dds-stage")
    assert back.count("dds-dot") > 3
    moving = page.evaluate("[...document.querySelectorAll('.dds-dot')].map(d => d.style.cssText)")
    assert moving
    visible = """() => [...document.querySelectorAll(".dds-stage .dds-dot:not([display])")]
      .map(dot => dot.getAttribute("transform")).sort()"""
    first = page.evaluate(visible)
    page = visit("cluster")
    at(page, 7.25)
    assert page.evaluate(visible) == first
    assert len(first) > 1


def test_a_live_story_puts_dots_where_the_whole_story_does(visit):
    """변화가 조금씩 와도 점의 길이 같습니다."""
    page = visit("cluster")
    same = page.evaluate(f"""() => {{
      const {{ changes }} = {SCENE}.description.saved, {{ Tracks }} = ddialabScene.track;
      const whole = new Tracks(280), parts = new Tracks(280);
      whole.add(changes);
      for (const change of changes) parts.add([change]);
      const hops = (tracks) => JSON.stringify(tracks.all.map(({{ hops, looks }}) => [hops, looks]));
      return [hops(whole) === hops(parts), whole.all.length];
    }}""")
    assert same[0]
    assert same[1] > 50


def test_a_frame_touches_only_what_moves(visit):
    """메시지 200개가 오가는 장면. 시계가 아니라 고친 요소의 수를 셉니다."""
    page = visit("crowd")
    counts = page.evaluate(f"""() => {{
      const scene = {SCENE}, {{ draw }} = ddialabScene;
      const cost = (time) => {{ draw.touched = 0; scene.seek(time); return draw.touched; }};
      scene.seek(1000);
      const shown = document.querySelectorAll(".dds-stage .dds-dot:not([display])").length;
      const moving = cost(1016), elements = document.querySelectorAll(".dds *").length;
      scene.seek(5000);
      const still = cost(5016);
      scene.seek(9900);
      const more = document.querySelectorAll(".dds *").length - elements;
      return {{ shown, moving, still, more }};
    }}""")
    assert counts["shown"] >= 200
    assert counts["moving"] <= counts["shown"] + 20
    assert counts["still"] <= 20
    assert counts["more"] <= 0  # 점의 요소는 다시 씁니다


def test_descriptions_in_the_tests_follow_the_contract():
    for name in (CLUSTER, SHELF):
        about = description(name)
        ids = {part["id"] for part in about["parts"]}
        assert all(end in ids for wire in about["wires"] for end in wire)
        assert json.loads(json.dumps(about)) == about
