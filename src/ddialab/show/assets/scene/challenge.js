// 도전: 목표, 모델이 내린 판정, 이룬 다음에 보일 까닭, 세 걸음의 힌트, 그다음에 풀이.
(globalThis.ddialabScene ??= {}).challenge = (() => {
  "use strict";

  const { set, html, button } = globalThis.ddialabScene.draw;

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
      this.list.append(html("li", {}, this.hints[this.given]));
      this.given += 1;
      this.label();
      if (this.given < this.hints.length) return;
      this.solution.hidden = false;
      set(this.hint, "aria-disabled", "true"); // 초점은 여기 둡니다. 풀이로 옮기면 같은 키를 한 번 더 누른 독자가 풀이를 봅니다
    }

    show(goal) {
      set(this.verdict, "text", goal ? `${goal[0] ? "목표를 이뤘습니다." : "목표를 이루지 못했습니다."} ${goal[1]}` : "");
      set(this.verdict, "data-met", goal ? String(goal[0]) : null);
      set(this.why, "text", goal?.[0] ? this.reason : "");
      if (goal?.[0]) this.solution.hidden = false;
    }
  }

  return { Challenge };
})();
