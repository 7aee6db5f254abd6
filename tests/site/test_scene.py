"""장면의 재생기: 책을 빌드하지 않은 작은 페이지를 크로미움 하나에서 엽니다. 모델은 가짜입니다."""

import gzip
import json
import re

import pytest
from checks.axe import SOURCE as AXE
from scene_page import CLUSTER, SHELF, crowd, description
from scene_tab import DESK, PHONE, SCENE, SMALL, asked, at, idle, told

from as_typed import VERDICTS
from ddialab.show import player
from ddialab.show.face import asset
from ddialab.show.stage import Moment

HEADER = 56  # 책의 머리가 가리는 높이(px)
PICTURE = """(p) => JSON.stringify(p, (key, value) =>
  value instanceof Map ? [...value] : value === -Infinity ? "처음부터" : value)"""


# --- 무게 ---


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


# --- 되감기 ---


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


# --- 독자의 조작 ---


def test_the_first_picture_needs_no_model(visit):
    page = visit("cluster")
    assert asked(page) == []
    assert page.inner_text(".dds-count[data-tone=good]").split() == ["성공", "0"]
    page.click(".dds-play")
    page.wait_for_function(f"{SCENE}.time > 300")
    assert asked(page) == []


def test_an_action_keeps_the_past_and_changes_the_future(visit):
    page = visit("cluster")
    at(page, 9)
    page.click(".dds-part[data-part=n2]")
    page.wait_for_function(f"{SCENE}.playing")
    opened, run, *_ = asked(page)[1:]
    assert opened["actions"] == [[6000, "kill", "n1"]]
    assert (opened["seed"], opened["at"]) == (7, [2])
    assert run == {"do": "run", "to": 9000}
    same = page.evaluate(f"""() => {{
      const past = (reel) => JSON.stringify(reel.story.changes.filter(([time]) => time < 9000));
      return past({SCENE}.reel) === past({SCENE}.saved);
    }}""")
    assert same
    assert page.get_attribute(".dds-part[data-part=n2]", "data-state") == "down"
    page.wait_for_function(f"{SCENE}.time > 9600")
    at(page, 9.3)
    assert page.locator(".dds-strip .dds-own").get_attribute("d").count("M") == 2


def test_the_model_runs_only_a_little_ahead(visit):
    page = visit("cluster")
    page.evaluate("""() => {
      const { connect } = ddialabLive;
      globalThis.lead = [];
      ddialabLive.connect = async (about) => {
        const model = await connect(about), { send } = model, scene = ddialabScene.mounted[0];
        model.send = (request) => {
          if (request.do === "run" && scene.playing) lead.push(request.to - scene.time);
          return send(request);
        };
        return model;
      };
    }""")
    page.click(".dds-part[data-part=n3]")
    page.wait_for_function("lead.length > 20")
    assert max(page.evaluate("lead")) <= 100
    assert page.evaluate(f"{SCENE}.story.known - {SCENE}.time") <= 100


def test_acting_after_scrubbing_back_drops_what_came_later(visit):
    page = visit("cluster")
    at(page, 9)
    page.click(".dds-part[data-part=n2]")
    page.wait_for_function(f"{SCENE}.time > 9300")
    at(page, 3)
    page.click(".dds-part[data-part=n3]")
    page.wait_for_function(f"{SCENE}.playing")
    assert "조작 1개는 지웠습니다" in told(page), "저장된 대본의 것은 독자가 한 것이 아닙니다"
    opened = [one for one in asked(page) if one != "connect" and one["do"] == "open"]
    assert opened[-1]["actions"] == []
    actions = page.evaluate(f"{SCENE}.story.actions")
    assert actions == [[3000, "kill", "n3"]]
    page.get_by_role("button", name="내 조작 지우기").click()
    assert page.evaluate(f"{SCENE}.reel === {SCENE}.saved")


def test_the_pressed_button_shows_it_at_once(visit):
    page = visit("cluster")
    page.evaluate("() => { ddialabLive.connect = () => new Promise(() => {}); }")
    page.click("[data-action=kill]")
    assert page.get_attribute("[data-action=kill]", "aria-busy") == "true"
    assert told(page) == "모델을 켜는 중입니다."


def test_a_live_knob_keeps_the_past_and_another_starts_over(visit):
    page = visit("both")
    at(page, 5)
    page.evaluate(f"{SCENE}.play()")
    page.locator(".dds-knobs input").first.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.playing && {SCENE}.branch.live.reel?.story.actions.length")
    assert {"do": "act", "name": "rate", "target": 3} in asked(page)
    assert page.locator(".dds-knobs output").first.inner_text() == "초당 20건"
    page.locator(".dds-knobs input").nth(1).press("ArrowRight")
    page.wait_for_function("ddialabScene.mounted[1].reel !== ddialabScene.mounted[1].saved")
    opened = next(one for one in asked(page) if one != "connect" and one.get("scene") == "shelf")
    assert (opened["at"], opened["actions"]) == ([1], [])


def test_starting_over_keeps_the_other_knobs_where_the_reader_left_them(visit):
    page = visit("retries")
    rate, retries = (page.locator(".dds-knobs input").nth(i) for i in (0, 1))
    at(page, 5)
    rate.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.actions.length")
    retries.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.at[1] === 1")
    opened = [one for one in asked(page) if one != "connect" and one["do"] == "open"][-1]
    assert (opened["at"], opened["actions"]) == ([3, 1], [])


def test_a_knob_turned_twice_in_a_row_goes_two_steps(visit):
    """모델이 답하기 전에 또 눌러도, 모델이 앞서 돌고 있어도 앞의 것이 남습니다."""
    page = visit("cluster")
    at(page, 5)
    page.evaluate(f"""async () => {{
      const {{ branch }} = {SCENE}, input = document.querySelector(".dds-knobs input");
      const press = (way) => {{ input[way](); input.dispatchEvent(new Event("change")); }};
      const answered = async () => {{ await branch.live.last; {SCENE}.pause(); }};
      press("stepDown"), press("stepDown");
      await answered();
      await branch.grow({SCENE}.time);
      press("stepUp");
      await answered();
      press("stepUp");
      await answered();
    }}""")
    assert [place for *_, place in page.evaluate(f"{SCENE}.story.actions")] == [1, 0, 1, 2]
    assert told(page) == ""


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("fake.broken.connect = '이 브라우저는 모델을 켤 수 없습니다.'", "켤 수 없습니다"),
        ("fake.broken.after = 6", "모델이 멈췄습니다"),
    ],
)
def test_without_a_model_the_saved_scene_goes_on(visit, broken, sentence):
    page = visit("cluster")
    page.evaluate(broken)
    at(page, 2)
    page.click("[data-action=kill]")
    page.wait_for_function("document.querySelector('.dds-told').textContent.includes('모델')")
    page.wait_for_function(f"{SCENE}.reel === {SCENE}.saved && !{SCENE}.actions.pressing")
    assert sentence in told(page)
    page.click(".dds-play")
    page.wait_for_function(f"{SCENE}.time > 2300")


def test_a_refused_action_leaves_the_story_alone(visit):
    page = visit("cluster")
    page.click("[data-action=kill]")
    page.wait_for_function(f"{SCENE}.time > 300")
    before = page.evaluate(f"{SCENE}.story.actions")
    page.evaluate("fake.broken.refuse = '지금은 할 수 없습니다.'")
    page.click("[data-action=start]")
    page.wait_for_function(f"!{SCENE}.actions.pressing")
    assert told(page) == "지금은 할 수 없습니다."
    assert page.evaluate(f"{SCENE}.story.actions") == before


def test_steps_go_one_moment_at_a_time_and_run_the_model_when_needed(visit):
    page = visit("cluster")
    page.click("[data-action=kill]")
    page.wait_for_function(f"{SCENE}.playing")
    page.evaluate(f"{SCENE}.pause()")
    idle(page)
    for _ in range(4):
        before = page.evaluate(f"{SCENE}.time")
        page.evaluate(f"{SCENE}.step(1)")
        assert page.evaluate(f"{SCENE}.time") > before
    page.evaluate(f"{SCENE}.step(-1)")
    assert page.evaluate(f"{SCENE}.time") == before


def test_the_end_stops_and_begins_again(visit):
    page = visit("cluster")
    at(page, 29.9)
    page.click(".dds-play")
    page.wait_for_function(f"!{SCENE}.playing && {SCENE}.time === 30000")
    assert page.inner_text(".dds-play").strip() == "처음부터"
    page.click(".dds-play")
    page.wait_for_function(f"{SCENE}.playing && {SCENE}.time < 20000")


ENDED = "끝났습니다. 되감거나 시간 막대를 왼쪽으로 옮긴 뒤에 누르세요."


@pytest.mark.parametrize("where", ["[data-action=kill]", ".dds-part[data-part=n2]"])
def test_at_the_end_an_action_is_refused_with_the_reason(visit, where):
    """끝에서 한 일은 일어날 시간이 없습니다. 받아 두면 그 효과를 영영 볼 수 없습니다."""
    page = visit("cluster")
    at(page, 30)
    assert page.get_attribute("[data-action=kill]", "aria-disabled") == "true"
    assert page.get_attribute("[data-action=kill]", "disabled") is None, "초점은 지나갈 수 있습니다"
    assert page.locator(".dds-part[data-offer]").count() == 0
    page.locator(where).dispatch_event("click")
    assert told(page) == ENDED
    assert (asked(page), page.evaluate(f"{SCENE}.time")) == ([], 30_000)
    assert page.evaluate(f"{SCENE}.story.actions.length") == 2, "대본의 것뿐"
    page.get_by_role("button", name="처음으로").click()
    assert told(page) == ""
    page.locator(where).dispatch_event("click")
    page.wait_for_function(f"{SCENE}.playing")
    assert page.evaluate(f"{SCENE}.story.actions.at(-1)")[:2] == [0, "kill"]


@pytest.mark.parametrize(("seconds", "knob"), [(30, 0), (30, 1), (0, 0), (0, 1), (9, 1)])
def test_a_knob_at_the_end_or_the_beginning_sets_the_next_run(visit, seconds, knob):
    """돌린 값과 조작이 남고, 누르기 전에는 움직이지 않습니다."""
    page = visit("retries")
    at(page, seconds)
    page.locator(".dds-knobs input").nth(knob).press("ArrowRight")
    page.wait_for_function(f"{SCENE}.reel !== {SCENE}.saved && !{SCENE}.actions.pressing")
    placed = [3, 0] if knob == 0 else [2, 1]
    acts = [[6000, "kill", "n1"], [14000, "start", "n1"]]
    assert page.evaluate(f"[{SCENE}.story.at, {SCENE}.story.actions]") == [placed, acts]
    assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 0]
    assert told(page) == ("설정을 바꾸어 처음으로 돌아왔습니다." if seconds == 9 else "")
    page.click(".dds-play")
    page.wait_for_function(f"{SCENE}.time > 700")
    values = page.locator(".dds-knobs input").evaluate_all("all => all.map((one) => +one.value)")
    assert values == placed


def test_a_knob_turned_while_paused_shows_that_moment_and_stays_there(visit):
    page = visit("cluster")
    at(page, 5)
    page.locator(".dds-knobs input").first.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.actions.length && !{SCENE}.actions.pressing")
    assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 5000]
    assert page.evaluate(f"{SCENE}.story.actions") == [[5000, "rate", 3]]


def test_a_knob_turned_while_playing_goes_on(visit):
    page = visit("retries")
    page.evaluate(f"{SCENE}.seek(5000); {SCENE}.play()")
    page.locator(".dds-knobs input").nth(1).press("ArrowRight")
    page.wait_for_function(f"{SCENE}.story.at[1] === 1 && {SCENE}.playing && {SCENE}.time > 0")


def hint(page) -> str:
    return page.text_content(".dds-hint")


def test_the_hint_offers_only_what_the_picture_does(visit):
    page = visit("cluster")
    page.evaluate("""() => {
      const { changes } = ddialabScene.mounted[0].saved.story;
      for (const change of changes) if (change[1] === "say") change[2] = "";
    }""")
    at(page, 1)
    assert hint(page) == "재생해 보세요. 그림 속의 「끄기」도 누를 수 있습니다."
    page.evaluate(f"{SCENE}.play()")
    assert hint(page) == "그림 속의 「끄기」도 누를 수 있습니다."
    page.evaluate(f"{SCENE}.description.actions.shift()")  # 이제 꺼진 서버를 켜는 일뿐입니다
    at(page, 5)
    assert hint(page).strip() == "재생해 보세요."
    at(page, 7)
    assert hint(page) == "재생해 보세요. 그림 속의 「켜기」도 누를 수 있습니다."
    at(page, 30)
    assert hint(page).startswith("끝났습니다.")


def test_what_was_said_stands_with_its_time(visit):
    """열한 초 전의 일이 방금 일어난 일처럼 보이지 않습니다. 듣는 독자는 그 순간에 듣습니다."""
    page = visit("cluster")
    at(page, 13)
    assert page.inner_text(".dds-line p").strip() == "6.0초: n1이 꺼졌습니다."
    assert page.text_content(".dds-now") == "n1이 꺼졌습니다."
    assert page.get_attribute(".dds-line p span", "aria-hidden") == "true"
    assert hint(page) == ""


def test_in_jupyter_the_kernel_answers(visit):
    """위젯의 모듈이 anywidget의 메시지로 묻고, 엇갈려 온 답도 제 부탁에 잇습니다."""
    page = visit("cluster")
    code = player.script("kernel")
    sent = page.evaluate(
        """async ([code, about]) => {
          const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
          const { default: widget } = await import(url);
          const sent = [], el = document.body.appendChild(document.createElement("div"));
          const host = await ddialabLive.connect(about), heard = [];
          const model = {
            get: () => about, on: (_, hear) => heard.push(hear), off: () => heard.pop(),
            async send({ id, text }) {
              sent.push(JSON.parse(text));
              const reply = await host.send(JSON.parse(text));
              heard[0]({ id: id + 1000, text: "{}" });
              heard[0]({ id, text: JSON.stringify(reply) });
            },
          };
          const close = widget.render({ model, el });
          el.querySelector("[data-action=kill]").click();
          const n1 = el.querySelector("[data-part=n1]");
          while (n1.dataset.state !== "down") await new Promise(requestAnimationFrame);
          const linked = el.textContent.includes("링크");
          close();
          return [sent.slice(0, 2).map((one) => one.do), linked, heard.length];
        }""",
        [code, page.evaluate(f"{SCENE}.description")],
    )
    assert sent == [["open", "act"], False, 0]
    got = page.evaluate(
        "cases => cases.map((c) => ddialabGuess.verdict(...c))",
        [list(about) for *about, _ in VERDICTS],
    )
    assert got == [sentence for *_, sentence in VERDICTS], "책의 페이지와 같은 말을 합니다"


# --- 예상과 도전 ---


def test_the_scene_halts_and_asks_before_it_tells(visit):
    page = visit("shelf")
    at(page, 19)
    assert page.evaluate(f"{SCENE}.time") == 2000
    drawn = page.inner_html(".dds")
    assert "4건" not in drawn
    assert "m4" not in drawn
    form = page.locator(".dds-ask form")
    form.get_by_role("button", name="예상 남기기").click()
    assert "먼저 예상을 적으세요" in form.inner_text()
    form.locator("input").fill("많이")
    form.get_by_role("button", name="예상 남기기").click()
    assert "읽을 수 없습니다" in form.inner_text()
    form.locator("input").fill("8건")
    form.locator("input").press("Enter")
    page.wait_for_function(f"{SCENE}.time > 2000")
    assert page.evaluate("localStorage.getItem('ddialab:shelf.html:shelf-length')") == "8건"
    at(page, 6)
    said = "예상: 8건. 결과: 4건. 예상이 2배 컸습니다."
    assert said in page.inner_text(".dds-compare")
    result = "localStorage.getItem('ddialab:shelf.html:shelf-length/result')"
    assert page.evaluate(result) == said, "진도가 예상 곁에 보여 줍니다"
    at(page, 3)
    assert not page.is_visible(".dds-compare")


def test_a_reader_may_look_without_guessing(visit):
    page = visit("shelf")
    page.evaluate(f"{SCENE}.play()")
    page.wait_for_selector(".dds-ask form")
    assert page.evaluate("document.activeElement.type") == "text"  # 재생이 멈춘 곳으로 갑니다
    page.get_by_role("button", name="그냥 보기").click()
    at(page, 19)
    assert page.evaluate(f"{SCENE}.time") == 7000
    page.get_by_label("캐시", exact=True).check()
    page.get_by_role("button", name="예상 남기기").click()
    at(page, 19)
    lines = page.inner_text(".dds-compare").splitlines()
    assert lines == ["결과: 4건.", "예상: 「캐시」.", "결과: 「캐시」.", "맞혔습니다."]
    results = "Object.entries(localStorage).filter(([name]) => name.endsWith('/result'))"
    [[_, said]] = page.evaluate(results)
    assert said == "예상: 「캐시」. 결과: 「캐시」. 맞혔습니다."


def test_play_leads_to_the_open_question(visit):
    page = visit("shelf")
    at(page, 19)
    for press in ("재생", "한 순간 앞으로"):
        page.get_by_role("button", name=press, exact=True).press("Enter")
        page.wait_for_function("document.activeElement.type === 'text'")
        assert told(page) == "먼저 예상하거나 「그냥 보기」를 누르세요."
        assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 2000]
    assert hint(page) == "예상하면 이어집니다."
    page.get_by_role("button", name="그냥 보기").press("Enter")
    assert page.evaluate("document.activeElement.innerText").strip() == "멈춤", (
        "물음은 사라졌습니다"
    )
    assert told(page) == ""


@pytest.mark.parametrize(("size", "tag"), [(DESK, "INPUT"), (PHONE, "LABEL")])
def test_on_a_phone_the_keyboard_does_not_cover_the_picture(visit, size, tag):
    page = visit("shelf", size=size)
    page.evaluate(f"{SCENE}.play()")
    page.wait_for_selector(".dds-ask form")
    assert page.evaluate("document.activeElement.tagName") == tag
    assert "큐의 길이는" in page.evaluate("document.activeElement.closest('label').textContent")


def test_a_question_is_heard_with_its_choices_and_so_is_its_answer(visit):
    page = visit("shelf")
    at(page, 19)
    page.get_by_role("button", name="그냥 보기").click()
    at(page, 19)
    group = page.get_by_role("group", name="예상해 보세요. 무엇이 먼저 사라질까요?")
    assert group.get_by_role("radio").count() == 2
    assert page.get_by_role("status").filter(has_text="결과: 4건.").count() == 1


def test_a_challenge_gives_three_hints_before_its_solution(visit):
    page = visit("shelf")
    solution = page.get_by_role("button", name="풀이 보기")
    for step in (1, 2, 3):
        assert not solution.is_visible()
        page.get_by_role("button", name=f"힌트 {step}/3").press("Enter")
    assert page.locator(".dds-hints li").all_inner_texts() == [
        "첫째 힌트",
        "둘째 힌트",
        "셋째 힌트",
    ]
    # 풀이로 초점이 가면, 한 번 더 누른 손이 보려 하지 않은 풀이를 봅니다
    assert page.evaluate("document.activeElement.textContent") == "셋째 힌트"
    assert page.get_attribute(".dds-hints", "aria-live") == "polite"
    solution.press("Enter")
    page.wait_for_function(f"{SCENE}.reel !== {SCENE}.saved")
    opened = next(one for one in asked(page) if one != "connect")
    assert (opened["at"], opened["actions"]) == ([1], [])


def test_a_challenge_starts_with_the_sliders_as_they_stand(visit):
    """처음 설정으로 되돌리면, 독자가 맞춰 둔 답을 버립니다."""
    page = visit("shelf")

    def opened():
        return [one for one in asked(page) if one != "connect" and one["do"] == "open"]

    page.locator(".dds-knobs input").first.press("ArrowRight")
    page.wait_for_function(f"{SCENE}.reel !== {SCENE}.saved")
    before = len(opened())
    page.get_by_role("button", name="도전 시작").press("Enter")
    page.wait_for_function(
        f"fake.log.filter((one) => one.do === 'open').length > {before} && {SCENE}.playing"
    )
    assert len(opened()) == before + 1
    assert (opened()[-1]["at"], opened()[-1]["actions"]) == ([1], [])


def test_the_reason_comes_only_after_the_goal_is_met(visit):
    page = visit("shelf")
    why = description(SHELF)["challenge"]["why"]
    assert why not in page.inner_text(".dds-challenge")
    page.locator(".dds-knobs input").first.press("ArrowRight")
    reach_the_goal(page)
    assert why in page.get_by_role("status").filter(has_text="목표를 이뤘습니다").inner_text()
    page.evaluate(f"{SCENE}.rewind()")
    assert why not in page.inner_text(".dds-challenge")


def progress(page) -> list[str]:
    """이 브라우저의 진도에 남은 도전."""
    kept = page.evaluate("Object.keys(localStorage)")
    return sorted(name.split(":")[2] for name in kept if name.endswith("/met"))


def reach_the_goal(page) -> str:
    """목표를 이루는 데까지 가서, 판정을 돌려줍니다."""
    page.wait_for_function(f"{SCENE}.reel !== {SCENE}.saved")
    idle(page)
    page.evaluate(f"{SCENE}.pause(); {SCENE}.branch.grow(2000)")
    idle(page)
    at(page, 2)
    assert page.evaluate(f"{SCENE}.story.after({SCENE}.index).goal[0]")
    return page.inner_text(".dds-verdict")


def test_only_what_the_reader_did_is_a_challenge_met(visit):
    page = visit("shelf")
    for step in (1, 2, 3):
        page.get_by_role("button", name=f"힌트 {step}/3").press("Enter")
    page.get_by_role("button", name="풀이 보기").press("Enter")
    assert reach_the_goal(page).startswith("풀이로 목표를 이뤘습니다.")
    assert progress(page) == []
    page.evaluate(f"{SCENE}.forget()")
    page.locator(".dds-knobs input").first.press("ArrowRight")
    assert reach_the_goal(page).startswith("목표를 이뤘습니다.")
    assert page.get_attribute(".dds-verdict", "data-met") == "true"
    assert progress(page) == ["shelf/met"]
    solved = "#scene=shelf&seed=7&at=1&a=&t=2000&m=" + description(SHELF)["digest"]
    page = visit("shelf", solved)
    assert reach_the_goal(page).startswith("보낸 사람의 조작으로 목표를 이뤘습니다.")
    assert page.get_attribute(".dds-verdict", "data-met") is None
    assert description(SHELF)["challenge"]["why"] not in page.inner_text(".dds-challenge")
    assert progress(page) == []


# --- 이 순간의 링크 ---

GOOD = "#scene=by-hand&seed=7&at=2&a=6000.kill.n1,8000.rate.3&t=9000&m=0a1b2c3d"
BAD = [
    GOOD.replace("seed=7", "seed=1e99"),
    GOOD.replace("seed=7", "seed=NaN"),
    GOOD.replace("seed=7", "seed=-1"),
    GOOD.replace("at=2", "at=9"),
    GOOD.replace("at=2", "at=2,0"),
    GOOD.replace("kill.n1", "kill.n9"),
    GOOD.replace("kill.n1", "constructor.n1"),
    GOOD.replace("kill.n1", "kill.__proto__"),
    GOOD.replace("rate.3", "rate.4"),
    GOOD.replace("rate.3", "rate.03x"),
    GOOD.replace("8000.", "5000."),  # 시각이 거꾸로
    GOOD.replace("8000.", "40000."),  # 장면이 끝난 뒤
    GOOD.replace("t=9000", "t=90000"),
    GOOD.replace("t=9000", "t=9000.5555"),
    GOOD.replace(",", "%2C"),
    GOOD.replace("n1", "n1\u202e"),
    GOOD.replace("n1", "<img src=x onerror=alert(1)>"),
    GOOD.replace("m=0a1b2c3d", "m=xyz"),
    GOOD + "&more=1",
    GOOD + "\n",
    GOOD.replace("a=6000.kill.n1", "a=" + ",".join(["6000.kill.n1"] * 65)),
    GOOD.replace("6000.kill.n1", "6000.kill.n1," * 80_000),
]
READ = f"hash => ddialabScene.link.read(hash, {SCENE}.description)"


def test_links_are_read_by_a_strict_grammar(visit):
    page = visit("cluster")
    read = page.evaluate(READ, GOOD)
    assert read["actions"] == [[6000, "kill", "n1"], [8000, "rate", 3]]
    assert (read["seed"], read["at"], read["time"], read["old"]) == (7, [2], 9000, False)
    assert page.evaluate(READ, GOOD.replace("0a1b2c3d", "00000000"))["old"]
    assert [bad[:80] for bad in BAD if page.evaluate(READ, bad) is not None] == []


def test_a_link_opens_the_same_moment(visit):
    page = visit("cluster", GOOD)
    page.wait_for_function(f"{SCENE}.time === 9000")
    idle(page)
    opened = asked(page)[1]
    assert (opened["actions"], opened["seed"]) == ([[6000, "kill", "n1"], [8000, "rate", 3]], 7)
    assert not page.evaluate(f"{SCENE}.playing")
    assert page.locator(".dds-knobs output").inner_text() == "초당 20건"
    written = page.evaluate(f"ddialabScene.link.write({SCENE}.story, 9000, {SCENE}.description)")
    assert written == GOOD
    # 밀리초로 내리면, 한 순간씩 가서 멈춘 독자의 바로 앞 순간이 열립니다
    between = GOOD.replace("t=9000", "t=9000.4")
    link = f"ddialabScene.link.write({SCENE}.story, 9000.4, {SCENE}.description)"
    assert page.evaluate(link) == between
    page.evaluate("hash => { location.hash = hash; }", between)
    page.wait_for_function(f"{SCENE}.time === 9000.4")
    page.evaluate("location.hash = '#scene=by-hand&seed=7&at=2&a=6000.kill.n1&t=7000&m=0a1b2c3d'")
    page.wait_for_function(f"{SCENE}.time === 7000")
    assert page.evaluate(f"{SCENE}.reel === {SCENE}.saved")  # 저장된 장면의 순간입니다


ASKS = "#scene=shelf&seed=3&at=0&a=&t=11000&m=ffffffff"  # 물음 둘을 지난 순간


def test_a_link_past_a_question_says_so_and_goes_there_once_answered(visit):
    page = visit("shelf", ASKS)
    for answer in (
        lambda: page.locator(".dds-ask input").fill("8"),
        lambda: page.get_by_label("큐", exact=True).check(),
    ):
        ask = page.locator(".dds-ask form")
        assert "이 링크는 11.0초의 장면입니다. 먼저 예상해 보세요." in ask.inner_text()
        assert ask.locator(":focus").count() == 1
        assert page.evaluate(f"{SCENE}.time") in (2000, 7000)
        assert "목표" not in page.inner_text(".dds-verdict")
        assert "캐시" not in page.text_content(".dds-compare")
        answer()
        page.get_by_role("button", name="예상 남기기").click()
    assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 11_000]
    assert told(page) == "11.0초의 장면입니다."
    assert page.inner_text(".dds-count b") == "3"


def test_the_button_goes_straight_to_the_moment_of_the_link(visit):
    page = visit("shelf", ASKS)
    assert page.get_by_role("button", name="그냥 보기").count() == 0
    page.get_by_role("button", name="그 순간으로").click()
    assert page.evaluate(f"[{SCENE}.playing, {SCENE}.time]") == [False, 11_000]
    assert page.locator(".dds-ask form").count() == 0
    kept = page.evaluate("Object.keys(localStorage).filter((name) => name.endsWith('/peeked'))")
    assert len(kept) == 2
    page.get_by_role("button", name="처음으로").click()
    page.evaluate(f"{SCENE}.play()")
    page.wait_for_function(f"{SCENE}.time > 100")
    assert told(page) == ""


def test_an_old_link_says_so_and_a_bad_one_shows_the_scene_as_usual(visit):
    page = visit("cluster", GOOD.replace("0a1b2c3d", "00000000"))
    page.wait_for_function(f"{SCENE}.time === 9000 && !{SCENE}.actions.pressing")
    assert "모델이 바뀌었습니다" in told(page)
    for bad in ("#scene=<img src=x onerror=alert(1)>", "#scene=another&seed=1", GOOD + "&x"):
        page = visit("cluster", bad)
        assert "링크를 읽을 수 없습니다" in told(page)
        assert page.evaluate(f"{SCENE}.time") == 0
        assert page.locator("img").count() == 0
        assert asked(page) == []
    page = visit("cluster", "#another-heading")
    assert told(page) == ""


def test_a_refused_clipboard_leaves_the_link_to_copy_by_hand(visit):
    page = visit("cluster")
    at(page, 7.5)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.get_by_role("button", name="이 순간의 링크 복사").click()
    page.wait_for_selector(".dds-address")
    link = page.input_value(".dds-address")
    assert link.endswith("#scene=by-hand&seed=7&at=2&a=6000.kill.n1&t=7500&m=0a1b2c3d")
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == link


# --- 누구나 ---


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


def test_paper_shows_the_still_picture(visit):
    page = visit("cluster", media="print")
    assert not page.is_visible(".dds")
    assert page.is_visible(".ddialab-still")
    page.emulate_media(media="screen")
    assert page.is_visible(".dds")
    assert not page.is_visible(".ddialab-still")


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


# --- 한 장면에 드는 일 ---


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


HELD = """(until) => {
  const { story } = ddialabScene.mounted[0], picture = story.after(story.count(until));
  const parts = [...picture.parts].map(([id, { state, wait, work, rows, items, points }]) =>
    [id, state, wait, work, [...rows].map(([key, [text]]) => [key, text]), items, [...points]]);
  return [parts, [...picture.counts], picture.said];
}"""


@pytest.mark.parametrize(("name", "about"), [("shelf", description(SHELF)), ("crowd", crowd(200))])
def test_paper_shows_what_the_player_shows(visit, name, about):
    """종이의 그림은 파이썬이, 움직이는 그림은 재생기가 그립니다. 가진 것은 같아야 합니다."""
    page = visit(name)
    saved = about["saved"]  # 종이는 물음에서 멈추므로, 끝까지 견주려면 물음을 뺍니다
    saved["changes"] = [change for change in saved["changes"] if change[1] != "ask"]
    for until in (0, about["end"] // 3, about["end"]):
        moment = Moment(about, until * 1000)
        parts = []
        for id, held in moment.parts.items():
            counts = [held.places.count(place) for place in ("wait", "work")]
            rows, points = ([list(one) for one in x.items()] for x in (held.rows, held.points))
            parts.append([id, held.state, *counts, rows, held.items, points])
        counts = [list(count) for count in moment.counts.items()]
        assert page.evaluate(HELD, until) == [parts, counts, moment.said]


def test_descriptions_in_the_tests_follow_the_contract():
    for name in (CLUSTER, SHELF):
        about = description(name)
        ids = {part["id"] for part in about["parts"]}
        assert all(end in ids for wire in about["wires"] for end in wire)
        assert json.loads(json.dumps(about)) == about
