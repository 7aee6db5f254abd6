// 예상: 장면이 멈추고 묻습니다. 답은 책의 다른 예상과 같은 자리(이 브라우저)에만 남습니다.
(globalThis.ddialabScene ??= {}).ask = (() => {
  "use strict";

  const { html, button } = globalThis.ddialabScene.draw;

  // 남기는 곳은 책의 페이지에서는 ddialab.js, Jupyter에서는 kernel.js가 정합니다
  // 적는 칸에 초점이 가면 화면 자판이 방금 멈춘 그림을 덮는 기기
  const touch = matchMedia("(pointer: coarse), (max-width: 480px)");
  const guesses = () => globalThis.ddialabGuess;

  class Asking {
    // `go`는 답한 다음에, `jump`는 링크의 순간으로 바로 가려 할 때 부릅니다
    constructor({ scene, asks }, { go, jump }) {
      Object.assign(this, { scene, go, jump, now: "" });
      this.asks = new Map(asks.map((ask) => [ask.id, ask]));
      this.box = html("div", { class: "dds-ask" });
      this.told = html("p", { class: "dds-compare", hidden: "" });
      this.heard = html("div", { role: "status" }, this.told);
    }

    key(id) { return `${this.scene}-${id}`; }

    // 이미 예상했거나 그냥 보기로 했으면 참
    passed(id) {
      const { recall } = guesses();
      return !this.asks.has(id) || (recall(this.key(id)) ?? recall(`${this.key(id)}/peeked`)) !== null;
    }

    // `focus`: 재생이 여기서 멈췄으면 초점을 옮깁니다. 시각을 끄던 손은 그대로 둡니다.
    // `sent`: 링크가 가리키는 시각. 답하면 그리로 갑니다
    show(id, focus, sent = "") {
      const now = id === null ? "" : `${id} ${sent}`;
      if (this.now === now) return;
      this.now = now;
      this.box.replaceChildren(...(id === null ? [] : [this.form(this.asks.get(id), sent)]));
      if (!focus) return;
      this.focus({ preventScroll: true });
      this.box.scrollIntoView({ block: "nearest" }); // 물음이 화면 밖이면 까닭 없이 멈춘 것으로 보입니다
    }

    focus(how) { this.box.querySelector(touch.matches ? "[tabindex], [type=radio]" : "input")?.focus(how); }

    form({ id, question, choices, unit }, sent) {
      const name = `dds-${Math.random()}`; // 같은 장면이 두 번 있어도 보기가 섞이지 않게
      const field = html("input", { type: "text", inputmode: "decimal", size: 8, autocomplete: "off" });
      const options = (choices ?? []).map((choice) => html("label", {}, html("input", { type: "radio", name, value: choice }), ` ${choice}`));
      const asked = choices ? [html("p", {}, question), ...options]
        : [html("label", { tabindex: -1 }, `${question} `, field), ` ${unit ?? ""}`];
      const lead = sent ? `이 링크는 ${sent}의 장면입니다. 먼저 예상해 보세요.` : "예상해 보세요.";
      if (sent) asked.unshift(html("p", {}, lead));
      const status = html("span", { role: "status" });
      const pass = sent ? button("그 순간으로", this.jump) : button("그냥 보기", () => this.peek(id, this.go));
      // 보기에 초점이 가면 묶음의 이름만 읽습니다. 물음까지 이름이어야 무엇을 고르는지 듣습니다
      const named = { "aria-label": choices ? `${lead} ${question}` : lead };
      const form = html("form", { class: "ddialab-predict", novalidate: "" }, html("fieldset", named,
        html("legend", {}, "예상해 보세요"), ...asked, html("div", { class: "ddialab-actions" },
          html("button", { type: "submit" }, "예상 남기기"), " ", pass, " ", status)));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const guess = choices ? form.querySelector(":checked")?.value : field.value.trim();
        const wrong = guess ? !choices && guesses().refusal(guess, unit ?? "", [0, null])
          : `먼저 ${choices ? "하나를 고르세요" : "예상을 적으세요"}.`;
        field.setAttribute("aria-invalid", String(Boolean(wrong)));
        if (wrong) status.textContent = wrong;
        else this.keep(this.key(id), guess, this.go);
      });
      return form;
    }

    // 예상하지 않고 봅니다
    peek(id, then) { this.keep(`${this.key(id)}/peeked`, "1", then); }

    keep(key, guess, then) {
      guesses().remember(key, guess);
      this.show(null);
      then?.();
    }

    // 그 순간까지 알게 된 답을, 남긴 예상과 함께
    tell(answers) {
      const words = [...answers].map(([id, [number, text]]) => this.verdict(id, number, text)).join("\n");
      if (this.told.textContent === words) return;
      this.told.textContent = words;
      this.told.hidden = !words;
      for (const [id, [number, text]] of answers) this.settle(id, this.verdict(id, number, text));
    }

    // 다르게 해 보면 결과도 달라집니다. 예상 곁에는 예상하고 처음 본 결과를 남깁니다
    settle(id, said) {
      const { recall, settle } = guesses(), key = this.key(id);
      if (recall(`${key}/result`) === null) settle(key, said);
    }

    verdict(id, number, text) {
      const { recall, verdict } = guesses(); // 고른 것은 number로, 까닭을 덧붙인 것은 text로 옵니다
      return verdict(recall(this.key(id)), number, text, this.asks.get(id)?.unit ?? "") ?? `결과: ${text}.`;
    }
  }

  return { Asking };
})();
