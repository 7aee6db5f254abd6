// 책 페이지에서 슬라이더, 예상, 스스로 확인을 움직입니다. 커널도 서버도 필요 없습니다.
// 보통의 스크립트라서 파일로 열어도(file://) 동작합니다: <script defer src=".../ddialab.js"></script>
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- 슬라이더: 미리 그린 그림 가운데 하나를 보여 줍니다 ---

  function explore(figure, number) {
    const inputs = all("input[type=range]", figure);
    const stage = figure.querySelector(".ddialab-scroll");
    const stored = figure.querySelector("script[type='application/json']");
    if (!stored) return;
    let frames = null;
    const tell = announcer(figure);
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
      tell(stage.firstElementChild.getAttribute("aria-label"));
    };
    for (const input of inputs) {
      input.addEventListener("input", show);
      // 이름표 안의 값까지 이름이 되면, 값을 두 번 읽습니다
      input.setAttribute("aria-label", input.previousElementSibling.textContent);
    }
    figure.querySelector(".ddialab-note").remove();
    figure.querySelector(".ddialab-controls").hidden = false;
    const print = () => fingerprint(stored.textContent);
    share(figure, () => `#figure=${number}&at=${inputs.map((input) => input.value)}&m=${print()}`);
    explored.push({
      figure, print,
      turn(at) {
        inputs.forEach((input, i) => { input.value = at[i]; });
        show();
      },
      fits: (at) => at.length === inputs.length && at.every((value, i) => value <= Number(inputs[i].max)),
    });
  }

  // --- 이 그림의 링크: 슬라이더를 맞춘 그대로 남에게 보냅니다 ---

  const explored = [];
  const LINK = /^#figure=(\d{1,3})&at=(\d{1,2}(?:,\d{1,2}){0,7})&m=([0-9a-f]{8})$/;
  const LOST = "링크에 적힌 그림이 이 페이지에 없습니다. 링크를 끝까지 복사했는지 보세요.";
  const CHANGED = "이 링크를 만든 뒤 그림이 바뀌었습니다. 보낸 사람이 본 것과 다를 수 있습니다.";

  // 그림들의 지문(FNV-1a). 링크를 만든 뒤 그림이 바뀌었는지만 봅니다
  function fingerprint(text) {
    let mark = 0x811c9dc5;
    for (let i = 0; i < text.length; i += 1) mark = Math.imul(mark ^ text.charCodeAt(i), 0x01000193);
    return (mark >>> 0).toString(16).padStart(8, "0");
  }

  function note(before, words) {
    const told = document.createElement("p");
    told.className = "ddialab-note";
    told.setAttribute("role", "status");
    before.after(told);
    told.textContent = words;
  }

  function share(figure, hash) {
    const button = document.createElement("button"), bar = figure.querySelector(".ddialab-controls");
    button.type = "button";
    button.textContent = "이 그림의 링크 복사";
    bar.append(button);
    button.addEventListener("click", async () => {
      const url = location.href.split("#")[0] + hash();
      bar.nextElementSibling?.matches(".ddialab-note") && bar.nextElementSibling.remove();
      try {
        await navigator.clipboard.writeText(url);
        note(bar, "링크를 복사했습니다.");
      } catch {
        note(bar, `브라우저가 복사를 막았습니다. 이 주소를 직접 복사하세요: ${url}`);
      }
    });
  }

  // 주소는 누군가 적은 글입니다. 꼴이 맞고 그 그림에 있는 값일 때만 따릅니다
  function follow() {
    if (!location.hash.startsWith("#figure=")) return;
    const [, number, places, print] = LINK.exec(location.hash) ?? [], at = (places ?? "").split(",").map(Number);
    const found = explored.find((one) => one.fits(at) && one.print() === print) ?? explored[number];
    if (!places || !found?.fits(at)) return note(document.querySelector("h1"), LOST);
    found.turn(at);
    const fold = found.figure.closest("details:not(.hide)"), waiting = found.figure.closest(".ddialab-answer:not(.open)");
    fold?.setAttribute("open", "");
    (waiting?.previousElementSibling ?? found.figure).scrollIntoView(); // 예상하기 전이면 답을 펴지 않습니다
    if (found.print() !== print) note(found.figure.querySelector(".ddialab-controls"), CHANGED);
  }

  // 화면을 듣는 사람에게 바뀐 그림의 대체 텍스트를 알립니다. 슬라이더를 끄는 동안에는 기다렸다가 한 번만 말합니다
  function announcer(figure) {
    const region = document.createElement("p");
    region.className = "ddialab-said";
    region.setAttribute("role", "status");
    figure.append(region);
    let waiting = 0;
    return (words) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { region.textContent = words; }, 600);
    };
  }

  // --- 예상: 이 브라우저에만 남깁니다. 저장이 막혀 있으면 페이지가 열려 있는 동안만 기억합니다 ---

  const memory = new Map();
  const file = location.pathname.split("/").pop() || "index.html"; // 예전에는 파일 이름으로 남겼습니다
  const slot = (key, page = document.documentElement.dataset.page ?? file) => `ddialab:${page}:${key}`;

  function recall(key) {
    if (memory.has(key)) return memory.get(key);
    try { return localStorage.getItem(slot(key)) ?? localStorage.getItem(slot(key, file)); } catch { return null; }
  }

  function remember(key, guess) {
    memory.set(key, guess);
    try {
      localStorage.setItem(slot(key), guess);
      localStorage.setItem(slot(`${key}/at`), Date.now()); // 진도를 합칠 때 새것을 고릅니다
    } catch { /* 저장할 수 없어도 실습은 이어집니다 */ }
  }

  // 한 번이면 되는 것: 처음 한 때만 남깁니다
  function keep(key) {
    if (recall(key) === null) remember(key, "1");
  }

  // 예상을 결과와 견준 말. 진도가 예상 곁에 보여 줍니다
  function settle(key, said) {
    if (recall(key) === null) return;
    try { localStorage.setItem(slot(`${key}/result`), said.replaceAll("\n", " ")); } catch { /* 페이지에는 보입니다 */ }
  }

  const { refusal } = globalThis.ddialabGuess; // guess.js가 이 파일의 앞에 붙습니다

  function predict(form) {
    const { key } = form.dataset;
    const field = form.querySelector("input[type=text]");
    const status = form.querySelector("[role=status]");
    const unit = form.querySelector(".ddialab-unit")?.textContent ?? "";
    const saved = recall(key);
    // 보기에 초점이 가면 묶음의 이름만 읽습니다. 물음까지 이름이어야 무엇을 고르는지 듣습니다
    if (!field) form.querySelector("fieldset").setAttribute("aria-label", `예상해 보세요. ${form.querySelector("p").textContent}`);
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

  function verdict(key, saved) {
    const abouts = all(".ddialab-compare").map((paragraph) => JSON.parse(paragraph.dataset.about));
    const about = abouts.find((one) => one.key === key);
    return about ? globalThis.ddialabGuess.verdict(saved, about.measured, about.text, about.unit) : null;
  }

  function compare(paragraph) {
    const { key } = JSON.parse(paragraph.dataset.about), said = verdict(key, recall(key));
    if (!said) return;
    paragraph.textContent = said;
    settle(key, said);
  }

  // --- 스스로 확인: 고른 것을 바꾸면 앞의 설명은 지웁니다. 마지막에 확인한 답을 남깁니다 ---

  function check(form) {
    const status = form.querySelector("[role=status]"), choices = all("input", form), key = choices[0].name;
    const words = (choice) => choice.parentNode.textContent.trim(), saved = recall(key);
    const before = choices.find((choice) => words(choice) === saved);
    if (before) {
      before.checked = true;
      status.textContent = `전에 고른 답입니다. ${before.dataset.reply}`;
    }
    form.addEventListener("change", () => { status.textContent = ""; });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = choices.find((choice) => choice.checked);
      if (chosen) remember(key, words(chosen));
      status.textContent = chosen?.dataset.reply ?? "먼저 하나를 고르세요.";
    });
    form.querySelector("details").remove();
    form.querySelector(".ddialab-actions").hidden = false;
  }

  function start() {
    all("figure.ddialab-explore").forEach(explore);
    all("form.ddialab-predict[data-key]").forEach(predict); // 장면의 물음은 장면이 답합니다
    all(".ddialab-answer").forEach(fold);
    all("form.ddialab-check").forEach(check);
    all(".ddialab-compare").forEach(compare);
    follow();
    addEventListener("hashchange", follow);
  }

  // 장면의 물음도 같은 자리에 남기고 같은 말로 견줍니다
  Object.assign(globalThis.ddialabGuess, { recall, remember, keep, settle });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
