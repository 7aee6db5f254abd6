// 실습실의 막대: 뜨는 동안 무엇을 하는지, 몇 MB를 받았는지, 실패하면 무엇을 할지. 뜬 뒤에는 알릴 것을 한 줄씩 답니다.
const HERE = new URL(".", document.currentScript.src).href;
const MB = 1e6;
const SLOW = 30;  // 초. 이보다 오래 걸리면 무엇을 할 수 있는지 알립니다
const STEPS = {
  app: "화면을 여는 중",
  download: "파이썬을 받는 중",
  kernel: "파이썬을 켜는 중",
  ready: "준비되었습니다",
};
const HOW_TO_RUN = matchMedia("(pointer: coarse)").matches
  ? "셀을 고르고 위의 ▶를 누르면 실행됩니다."  // 휴대전화에는 Shift가 없습니다
  : "셀을 고르고 Shift+Enter를 누르면 실행됩니다.";
const AGAIN = { "다시 시도": () => location.reload() };
const started = performance.now();
const notes = new Map();  // 무엇에 대한 것인지 → 막대에 단 한 줄
let bar, main, text, meter, buttons, list, ended = false;

function element(name, attributes, content) {
  const made = Object.assign(document.createElement(name), attributes);
  if (content) made.textContent = content;
  return made;
}

function button(label, action) {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", action);
  return made;
}

function build() {
  if (bar) return;
  bar = element("section", { className: "boot" });
  bar.setAttribute("aria-label", "실습실의 준비");
  main = element("div", { className: "boot-main" });
  text = element("p", {});
  text.setAttribute("role", "status");
  meter = element("progress", { max: 1 });
  meter.setAttribute("aria-label", "받은 양");
  buttons = element("div", { className: "boot-buttons" });
  list = element("div", { className: "boot-notes" });
  list.setAttribute("aria-live", "polite");
  buttons.append(back());
  main.append(text, meter, buttons);
  bar.append(main, list);
  document.querySelector(".boot-still")?.remove();
  document.body.prepend(bar);
  show("app");
}

function show(step, { received = 0, total = 0 } = {}) {
  if (!bar || ended) return;
  const at = Object.keys(STEPS).indexOf(step) + 1;
  const amount = total ? ` ${(received / MB).toFixed(1)} / ${(total / MB).toFixed(1)} MB` : "";
  text.textContent = `${at}/${Object.keys(STEPS).length} ${STEPS[step]}${amount}`;
  if (total) meter.value = received / total;
  else meter.removeAttribute("value");
  bar.dataset.step = step;
  if (step === "ready") finish();
}

function finish() {
  ended = true;
  forget("slow");
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  text.textContent = `준비되었습니다(${seconds}초). ${HOW_TO_RUN}`;
  meter.remove();
  buttons.prepend(button(RUN_ALL, runAll), button("이 막대 닫기", close));
  ready();
}

function close() {
  main.remove();
  if (!notes.size) bar.remove();
}

function alarm(words) {
  build();
  if (bar.dataset.step === "failed") return;
  bar.dataset.step = "failed";
  ended = true;
  meter.remove();
  notes.forEach((_, about) => forget(about));
  bar.prepend(main);
  document.body.prepend(bar);
  text.setAttribute("role", "alert");
  text.textContent = words;
  buttons.replaceChildren(...Object.entries(AGAIN).map(([label, action]) => button(label, action)), back());
  buttons.firstChild.focus();
}

// 막대에 알릴 것을 한 줄 답니다. 같은 것에 대해서는 마지막에 한 말만 남습니다.
function note(about, words, actions = {}) {
  build();
  forget(about);
  const line = element("div", { className: "boot-note" });
  const choices = element("div", { className: "boot-buttons" });
  choices.append(...Object.entries(actions).map(([label, action]) => button(label, action)),
    button("닫기", () => forget(about)));
  line.dataset.about = about;
  line.append(element("p", {}, words), choices);
  notes.set(about, line);
  list.append(line);
  if (!bar.isConnected) document.body.prepend(bar);
}

function forget(about) {
  notes.get(about)?.remove();
  notes.delete(about);
  if (!notes.size && bar && !main.isConnected) bar.remove();
}

document.addEventListener("DOMContentLoaded", build);
setTimeout(slow, SLOW * 1000);
