// 예상: 장면이 멈추고 묻습니다. 답은 책의 다른 예상과 같은 자리(이 브라우저)에만 남습니다.
(globalThis.ddialabScene ??= {}).ask = (() => {
  "use strict";

  const { html, button } = globalThis.ddialabScene.draw;

  // 책의 페이지에서는 ddialab.js의 것을 씁니다. Jupyter에는 없으므로 노트북이 열린 동안만 기억합니다
  const memory = new Map();
  const plain = {
    recall: (key) => memory.get(key) ?? null,
    remember: (key, guess) => memory.set(key, guess),
    parseNumber: (text) => (/^[\d.,]+/.test(text) ? parseFloat(text.replaceAll(",", "")) : null),
    refusal: (text) => (/^[\d.,]+/.test(text) ? "" : `${text}: 읽을 수 없습니다. 0 이상인 수로 적어 주세요. 예: 12, 0.5`),
    withUnit: (number, unit) => `${number}${unit}`,
    gap: (guess, number) => (guess === number ? "정확히 맞혔습니다" : "빗나갔습니다"),
  };
  let made = 0;
  const guesses = () => globalThis.ddialabGuess ?? plain;

  class Asking {
    constructor({ scene, asks }, go) {
      this.scene = scene;
      this.asks = new Map(asks.map((ask) => [ask.id, ask]));
      this.go = go;
      this.now = null;
      this.box = html("div", { class: "dds-ask" });
      this.told = html("p", { class: "dds-compare", role: "status" });
    }

    key(id) { return `${this.scene}-${id}`; }

    // 이미 예상했거나 그냥 보기로 했으면 참
    passed(id) {
      const { recall } = guesses();
      return !this.asks.has(id) || (recall(this.key(id)) ?? recall(`${this.key(id)}/peeked`)) !== null;
    }

    // `focus`: 재생이 여기서 멈췄으면 초점을 옮깁니다. 시각을 끄던 손은 그대로 둡니다
    show(id, focus) {
      if (this.now === id) return;
      this.now = id;
      this.box.replaceChildren(...(id === null ? [] : [this.form(this.asks.get(id))]));
      if (focus) this.box.querySelector("input")?.focus({ preventScroll: true });
    }

    question() { return this.now === null ? "" : `예상해 보세요. ${this.asks.get(this.now).question}`; }

    form({ id, question, choices, unit }) {
      const name = `${this.key(id)}-${made += 1}`; // 같은 장면이 두 번 있어도 보기가 섞이지 않게
      const field = html("input", { type: "text", inputmode: "decimal", size: 8, autocomplete: "off" });
      const options = (choices ?? []).map((choice) => html("label", {}, html("input", { type: "radio", name, value: choice }), ` ${choice}`));
      const asked = choices ? [html("p", {}, question), ...options]
        : [html("label", {}, `${question} `, field), ` ${unit ?? ""}`];
      const status = html("span", { role: "status" });
      const pass = button("그냥 보기", () => this.done(id, `${this.key(id)}/peeked`, "1"));
      const form = html("form", { class: "ddialab-predict", novalidate: "" }, html("fieldset", {
        "aria-label": choices ? this.question() : null, // 초점은 첫 보기로 갑니다. 묻는 말부터 들리게 합니다
      },
        html("legend", {}, "예상해 보세요"), ...asked, html("div", { class: "ddialab-actions" },
          html("button", { type: "submit" }, "예상 남기기"), " ", pass, " ", status)));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const guess = choices ? form.querySelector(":checked")?.value : field.value.trim();
        const wrong = guess ? !choices && guesses().refusal(guess, unit ?? "", [0, null])
          : `먼저 ${choices ? "하나를 고르세요" : "예상을 적으세요"}.`;
        field.setAttribute("aria-invalid", String(Boolean(wrong)));
        if (wrong) status.textContent = wrong;
        else this.done(id, this.key(id), guess);
      });
      return form;
    }

    done(id, key, guess) {
      guesses().remember(key, guess);
      this.show(null, false);
      this.go();
    }

    // 그 순간까지 알게 된 답을, 남긴 예상과 함께
    tell(answers) {
      const words = [...answers].map(([id, [number, text]]) => this.verdict(id, number, text)).join(" ");
      if (this.told.textContent === words) return;
      this.told.textContent = words;
    }

    verdict(id, number, text) {
      const { recall, parseNumber, withUnit, gap } = guesses(), { choices, unit = "" } = this.asks.get(id) ?? {};
      const saved = recall(this.key(id));
      if (saved === null) return `결과: ${text}.`;
      if (choices) return `예상 ${saved}, 결과 ${text}: ${saved === text ? "맞혔습니다" : "빗나갔습니다"}.`;
      const guess = parseNumber(saved, unit);
      return guess === null ? `결과: ${text}.` : `예상 ${withUnit(guess, unit)}, 결과 ${text}: ${gap(guess, number, unit)}.`;
    }
  }

  return { Asking };
})();
