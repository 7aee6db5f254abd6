// 조작하는 것들: 재생 막대, 슬라이더, 고른 부품의 조작 버튼. 모두 브라우저의 기본 요소입니다.
(globalThis.ddialabScene ??= {}).controls = (() => {
  "use strict";

  const { set, html, button, glyph, cells } = globalThis.ddialabScene.draw;
  const { worded, choice } = globalThis.ddialabScene.choice;
  const SPEEDS = [0.25, 0.5, 1, 2, 4];

  // 재생 막대: 재생 버튼은 그림 위의 시계 곁에, 나머지는 시간 축 아래에 놓습니다
  class Bar {
    constructor(scene) {
      const icon = (name, words, press) => {
        const one = button("", press, { "aria-label": words, title: words });
        one.append(glyph(name));
        return one;
      };
      this.play = button("", () => scene.toggle(), { class: "dds-play" });
      this.speed = html("select", { "aria-label": "속도" }, ...SPEEDS.map((value) => html("option", { value }, `${value}배`)));
      this.speed.value = "1";
      this.box = html("div", { class: "dds-row", role: "group", "aria-label": "재생" },
        icon("first", "처음으로", () => scene.rewind()), icon("back", "한 순간 뒤로", () => scene.step(-1)),
        icon("next", "한 순간 앞으로", () => scene.step(1)));
    }

    show(playing, ended) {
      const [icon, words] = playing ? ["pause", "멈춤"] : ["play", ended ? "처음부터" : "재생"];
      if (this.shown !== words) this.play.replaceChildren(glyph(icon), ` ${words}`);
      this.shown = words;
    }
  }

  // 슬라이더: 끄는 동안에는 값만 보이고, 놓으면 조작 하나가 됩니다
  class Knobs {
    constructor({ knobs }, turn) {
      this.knobs = knobs.map((knob, i) => {
        if (worded(knob)) return choice(knob, (index) => turn(knob, i, index));
        const value = html("output", {});
        value.style.minWidth = `${Math.max(...knob.texts.map(cells)) * 0.55}em`; // 끄는 동안 너비가 그대로이게
        const input = html("input", {
          type: "range", min: 0, max: knob.texts.length - 1, autocomplete: "off", "aria-label": knob.label,
        });
        const tell = (index) => {
          value.value = knob.texts[index];
          set(input, "aria-valuetext", knob.texts[index]);
        };
        input.addEventListener("input", () => { this.held = true; tell(input.value); });
        input.addEventListener("change", () => {
          this.held = false;
          turn(knob, i, Number(input.value));
        });
        return { input, tell, row: html("label", { class: "ddialab-knob" },
          html("span", {}, knob.label), html("span", { class: "dds-slide" }, input, value)) };
      });
      this.box = html("div", { class: "ddialab-controls dds-knobs" }, ...this.knobs.map(({ row }) => row));
      this.box.hidden = !knobs.length;
    }

    show(positions) {
      if (this.held) return; // 독자가 쥐고 있습니다
      positions.forEach((index, i) => {
        const { input, tell } = this.knobs[i];
        if (input.value !== String(index)) input.value = index;
        tell(index);
      });
    }
  }

  // 조작 버튼: 대상을 고르고, 그 대상에 할 수 있는 일을 누릅니다
  class Actions {
    constructor(description, press) {
      Object.assign(this, { description, pressing: null });
      this.targets = [...new Set(description.actions.flatMap(({ targets }) => targets))];
      const name = `dds-${Math.random()}`;
      this.chips = this.targets.map((target) => {
        const input = html("input", { type: "radio", name, value: String(target) });
        input.addEventListener("change", () => this.pick(target));
        return html("label", { class: "dds-chip" }, input, html("span", {}, this.label(target)));
      });
      this.buttons = description.actions.map((action) =>
        [action, button(action.label, () => press(action, this.picked), { "data-action": action.name })]);
      this.picker = html("div", { class: "dds-targets", role: "radiogroup", "aria-label": "대상" }, ...this.chips);
      this.picker.hidden = this.targets.length < 2;
      this.box = html("div", { class: "dds-actions" }, this.picker, html("div", { class: "dds-acts", role: "group", "aria-label": "조작" },
        ...this.buttons.map(([, one]) => one)));
      this.box.hidden = !this.targets.length;
      this.pick(this.targets[0]);
    }

    label(target) {
      const { parts, groups } = this.description;
      return [...parts, ...groups].find(({ id }) => id === target)?.label ?? "장면";
    }

    pick(target) {
      this.picked = target;
      this.chips.forEach((chip, i) => { chip.firstChild.checked = this.targets[i] === target; });
      if (this.picture) this.show(this.picture, this.ended);
    }

    // 그 대상에 지금 할 수 있는 조작인가. 묶음은 하나라도 할 수 있으면 됩니다
    offered(action, target, { parts }) {
      if (!action.targets.includes(target)) return false;
      const members = this.description.parts.filter(({ id, group }) => id === target || group === target);
      return !members.length || members.some(({ id }) => action.when.includes(parts.get(id).state));
    }

    offer(target, picture) {
      return this.description.actions.find((action) => this.offered(action, target, picture));
    }

    // 장면이 끝났으면(`ended`) 모두 막힙니다
    show(picture, ended) {
      Object.assign(this, { picture, ended });
      for (const [action, one] of this.buttons) {
        one.hidden = !action.targets.includes(this.picked);
        const busy = this.pressing?.[0] === action.name && this.pressing[1] === this.picked;
        // 막힌 버튼도 초점을 지킵니다. disabled로 막으면 키보드의 초점이 사라집니다
        set(one, "aria-disabled", String(ended || !this.offered(action, this.picked, picture)));
        set(one, "aria-busy", busy ? "true" : null);
        set(one, "aria-label", `${this.label(this.picked)} ${action.label}`);
      }
    }
  }

  return { Bar, Knobs, Actions };
})();
