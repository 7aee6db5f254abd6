// 책 페이지에서 슬라이더, 예상, 스스로 확인을 움직입니다. 커널도 서버도 필요 없습니다.
// 보통의 스크립트라서 파일로 열어도(file://) 동작합니다: <script defer src=".../ddialab.js"></script>
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- 슬라이더: 미리 그린 그림 가운데 하나를 보여 줍니다 ---

  function explore(figure) {
    const inputs = all("input[type=range]", figure);
    const stage = figure.querySelector(".ddialab-scroll");
    const stored = figure.querySelector("script[type='application/json']");
    if (!stored) return;
    let frames = null;
    const show = () => {
      let index = 0;
      for (const input of inputs) {
        const text = JSON.parse(input.dataset.texts)[input.value];
        input.nextElementSibling.value = text;
        input.setAttribute("aria-valuetext", text);
        index = index * (Number(input.max) + 1) + Number(input.value);
      }
      frames ??= JSON.parse(stored.textContent); // 페이지를 여는 동안이 아니라 처음 움직일 때 풉니다
      stage.innerHTML = frames[index];
    };
    for (const input of inputs) input.addEventListener("input", show);
    figure.querySelector(".ddialab-note").remove();
    figure.querySelector(".ddialab-controls").hidden = false;
  }

  // --- 예상: 이 브라우저에만 남깁니다. 저장이 막혀 있으면 페이지가 열려 있는 동안만 기억합니다 ---

  const memory = new Map();
  const lab = location.pathname.split("/").pop() || "index.html";
  const slot = (key) => `ddialab:${lab}:${key}`;

  function recall(key) {
    if (memory.has(key)) return memory.get(key);
    try { return localStorage.getItem(slot(key)); } catch { return null; }
  }

  function remember(key, guess) {
    memory.set(key, guess);
    try { localStorage.setItem(slot(key), guess); } catch { /* 저장할 수 없어도 실습은 이어집니다 */ }
  }

  // show/predict.py의 parse_number와 같은 글을 읽고, refusal과 같은 말을 합니다
  const NUMBER = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d{1,3})?";
  const GUESS = new RegExp(
    `^(?:약|대략|한|~|≈)?\\s*(${NUMBER})(?:\\s*/\\s*(${NUMBER}))?\\s*(\\D*?)\\s*(?:쯤|정도|가량)?$`, "i");

  function parseNumber(text, unit) {
    const found = GUESS.exec(text.replaceAll(",", "").trim());
    if (!found) return null;
    const [, top, bottom, said] = found;
    if (!["", unit, unit || "%"].includes(said)) return null;
    const number = bottom === undefined ? Number(top)
      : Number(top) / Number(bottom) * (unit === "%" && !said ? 100 : 1);
    return Number.isFinite(number) ? number : null;
  }

  function refusal(text, unit, [least, most]) {
    const number = parseNumber(text, unit);
    if (number === null) {
      const kind = unit ? `단위가 「${unit}」인 수` : "수";
      return `${text.trim()}: 읽을 수 없습니다. ${kind}로 적어 주세요. 예: 12, 0.5, 1/2`;
    }
    if (number >= least && (most === null || number <= most)) return "";
    const bounds = `${withUnit(least, unit)} 이상${most === null ? "" : ` ${withUnit(most, unit)} 이하`}`;
    return `${withUnit(number, unit)}: ${bounds}인 수로 적어 주세요.`;
  }

  function predict(form) {
    const { key } = form.dataset;
    const field = form.querySelector("input[type=text]");
    const status = form.querySelector("[role=status]");
    const unit = form.querySelector(".ddialab-unit")?.textContent ?? "";
    const saved = recall(key);
    if (saved !== null) {
      if (field) field.value = saved;
      else all("input", form).forEach((radio) => { radio.checked = radio.value === saved; });
      status.textContent = `전에 적어 둔 예상입니다. ${verdict(key, saved) ?? ""}`;
    }
    form.addEventListener("input", () => { status.textContent = ""; field?.removeAttribute("aria-invalid"); });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const guess = field ? field.value.trim() : form.querySelector(":checked")?.value;
      const wrong = guess
        ? field && refusal(guess, unit, JSON.parse(field.dataset.range))
        : `먼저 ${field ? "예상을 적으세요" : "하나를 고르세요"}.`;
      field?.setAttribute("aria-invalid", String(Boolean(wrong)));
      if (wrong) {
        status.textContent = wrong;
        field?.focus();
        return;
      }
      remember(key, guess);
      status.textContent = `적어 두었습니다. ${verdict(key, guess) ?? ""}`;
      all(".ddialab-compare").forEach(compare);
      all(`.ddialab-answer[data-key="${key}"]`).forEach(open);
    });
    form.querySelector(".ddialab-actions").hidden = false;
  }

  // --- 접힌 답: 예상을 남기거나 「그냥 보기」를 눌러야 열리고, 다시 와도 열려 있습니다 ---

  function open(box) {
    if (box.classList.contains("open")) return;
    box.previousElementSibling.remove();
    box.classList.add("open");
    box.closest("details")?.setAttribute("open", ""); // 「더 파기」 안의 답
  }

  function fold(box) {
    const peeked = `${box.dataset.key}/peeked`;
    if ((recall(box.dataset.key) ?? recall(peeked)) !== null) return open(box);
    box.previousElementSibling.querySelector("button").addEventListener("click", () => {
      remember(peeked, "1");
      open(box);
      box.focus({ preventScroll: true }); // 버튼이 있던 자리가 곧 답의 처음입니다
    });
  }

  // 아래 세 함수는 show/predict.py의 verdict, gap_text, with_unit과 같은 문장을 만듭니다.

  function verdict(key, saved) {
    const abouts = all(".ddialab-compare").map((paragraph) => JSON.parse(paragraph.dataset.about));
    const about = abouts.find((one) => one.key === key);
    if (!about || saved === null) return null;
    const { measured, text, unit } = about;
    if (typeof measured === "string") {
      return `예상 ${saved}, 결과 ${text}: ${saved === measured ? "맞혔습니다" : "빗나갔습니다"}.`;
    }
    const guess = parseNumber(saved, unit);
    return guess === null ? null
      : `예상 ${withUnit(guess, unit)}, 결과 ${text}: ${gap(guess, measured, unit)}.`;
  }

  function compare(paragraph) {
    const { key } = JSON.parse(paragraph.dataset.about);
    paragraph.textContent = verdict(key, recall(key)) ?? paragraph.textContent;
  }

  function gap(guess, measured, unit) {
    if (guess === measured) return "정확히 맞혔습니다";
    if (guess <= 0 || measured <= 0) return `${withUnit(Math.abs(guess - measured), unit)} 차이입니다`;
    const ratio = Math.max(guess, measured) / Math.min(guess, measured);
    return ratio < 1.05 ? "거의 맞혔습니다" : `${Number(ratio.toPrecision(3))}배 차이입니다`;
  }

  function withUnit(number, unit) {
    const space = !unit || /^[가-힣%]/.test(unit) ? "" : " ";
    return `${Number(number.toPrecision(6))}${space}${unit}`;
  }

  // --- 스스로 확인: 고른 것을 바꾸면 앞의 답은 지웁니다 ---

  function check(form) {
    const status = form.querySelector("[role=status]");
    form.addEventListener("change", () => { status.textContent = ""; });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      status.textContent = form.querySelector(":checked")?.dataset.reply ?? "먼저 하나를 고르세요.";
    });
    form.querySelector("details").remove();
    form.querySelector(".ddialab-actions").hidden = false;
  }

  function start() {
    all("figure.ddialab-explore").forEach(explore);
    all("form.ddialab-predict").forEach(predict);
    all(".ddialab-answer").forEach(fold);
    all("form.ddialab-check").forEach(check);
    all(".ddialab-compare").forEach(compare);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
