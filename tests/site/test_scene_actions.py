"""독자의 조작: 누르면 그때부터 달라지고, 모델이 없으면 저장된 장면이 이어집니다."""

import pytest
from scene_tab import SCENE, asked, at, hint, idle, told

from as_typed import VERDICTS
from ddialab.show import player


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


def test_the_hint_begins_with_what_was_written_first(visit):
    page = visit("cluster")
    add = "([where, target]) => {SCENE}.description.actions[where]({ name: 'note', label: '적기',"
    add = add.replace("{SCENE}", SCENE) + " targets: [target], when: ['ok'] })"
    at(page, 0)
    page.evaluate(add, ["push", "n1"])
    at(page, 0.001)
    only_below = "재생해 보세요. 그림 속의 「끄기」도, 아래의 버튼도 누를 수 있습니다."
    assert hint(page) == only_below, "그림에는 한 부품에 하나만 보입니다"
    page.evaluate(f"{SCENE}.description.actions.pop()")
    page.evaluate(add, ["unshift", "n2"])
    at(page, 0.002)
    assert hint(page) == "재생해 보세요. 그림 속의 「적기」도 누를 수 있습니다."


def test_what_was_said_stands_with_its_time(visit):
    """열한 초 전의 일이 방금 일어난 일처럼 보이지 않습니다. 듣는 독자는 그 순간에 듣습니다."""
    page = visit("cluster")
    at(page, 13)
    assert page.inner_text(".dds-line p").strip() == "6.0초: n1이 꺼졌습니다."
    assert page.text_content(".dds-now") == "n1이 꺼졌습니다."
    assert page.get_attribute(".dds-line p span", "aria-hidden") == "true"
    assert hint(page) == ""


def test_in_jupyter_scenes_do_not_undo_each_other_s_choices(visit):
    """위젯마다 재생기를 따로 읽습니다. 라디오 버튼의 이름이 같으면 하나만 골라집니다."""
    page = visit("cluster")
    chosen = page.evaluate(
        """async ([code, about]) => {
          const made = [];
          for (const _ of [1, 2]) {
            const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
            const { default: widget } = await import(url);
            const el = document.body.appendChild(document.createElement("div"));
            widget.render({ model: { get: () => about, on() {}, off() {}, send() {} }, el });
            made.push(el);
          }
          return made.map((el) => el.querySelectorAll("[type=radio]:checked").length);
        }""",
        [player.script("kernel"), page.evaluate(f"{SCENE}.description")],
    )
    assert chosen == [1, 1]


def test_in_jupyter_a_restarted_kernel_is_told_of(visit):
    """다시 켠 커널에는 이 위젯이 없습니다. anywidget의 오류는 독자가 읽을 말이 아닙니다."""
    page = visit("cluster")
    told = page.evaluate(
        """async ([code, about]) => {
          const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
          const { default: widget } = await import(url);
          const el = document.body.appendChild(document.createElement("div"));
          const send = () => { throw Error("Cannot send"); };
          widget.render({ model: { get: () => about, on() {}, off() {}, send }, el });
          el.querySelector("[data-action=kill]").click();
          const told = el.querySelector(".dds-told");
          while (!/커널|send/.test(told.textContent)) await new Promise(requestAnimationFrame);
          return told.textContent;
        }""",
        [player.script("kernel"), page.evaluate(f"{SCENE}.description")],
    )
    assert told == "커널이 다시 켜졌습니다. 이 장면의 셀을 다시 실행하세요."


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
