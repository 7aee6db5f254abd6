// 도전: 목표, 모델이 내린 판정, 이룬 다음에 보일 까닭, 세 걸음의 힌트, 그다음에 풀이.
(globalThis.ddialabScene ??= {}).challenge = (() => {
  "use strict";

  const { set, html, button } = globalThis.ddialabScene.draw;
  const WHOSE = { reader: "", solution: "풀이로 ", sender: "보낸 사람의 조작으로 " }; // 누가 한 것의 판정인가

  class Challenge {
    constructor({ goal, hints, why = "" }, { start, solve }) {
      Object.assign(this, { hints, reason: why });
      this.given = 0;
      this.verdict = html("p", { class: "dds-verdict" });
      this.why = html("p", { class: "dds-why" });
      this.list = html("ol", { class: "dds-hints", "aria-live": "polite" });
      this.hint = button("", () => this.next());
      this.solution = button("풀이 보기", solve, { hidden: "" });
      this.box = html("div", { class: "dds-challenge" }, html("p", {}, html("b", {}, "도전 "), goal), this.list,
        html("div", { role: "status" }, this.verdict, this.why),
        html("div", { class: "dds-row" }, button("도전 시작", start, { class: "dds-play" }), this.hint, this.solution));
      this.label();
    }

    label() { set(this.hint, "text", `힌트 ${Math.min(this.given + 1, this.hints.length)}/${this.hints.length}`); }

    next() {
      const told = html("li", { tabindex: -1 }, this.hints[this.given]), last = this.given === this.hints.length - 1;
      this.list.append(told);
      this.given += 1;
      this.label();
      if (!last) return;
      this.solution.hidden = false;
      // 사라지는 버튼에 초점을 두지 않습니다. 풀이로 옮기면, 한 번 더 누른 손이 풀이를 봅니다
      if (this.hint === document.activeElement) told.focus();
      this.hint.hidden = true;
    }

    show(goal, whose) {
      const mine = whose !== "sender", met = goal?.[0] && mine;
      set(this.verdict, "text", goal ? `${WHOSE[whose]}목표를 ${goal[0] ? "이뤘습니다" : "이루지 못했습니다"}. ${goal[1]}` : "");
      set(this.verdict, "data-met", goal && mine ? String(goal[0]) : null);
      set(this.why, "text", met ? this.reason : "");
      if (met) this.solution.hidden = false;
    }
  }

  return { Challenge };
})();
