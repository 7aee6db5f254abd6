// 실습실이 뜨는 동안의 막대(무엇을 하는지, 몇 MB를 받았는지, 실패하면 무엇을 할지)와 책으로 가는 링크.
(function () {
  "use strict";
  const MB = 1e6;
  const SLOW = 30;  // 초. 이보다 오래 걸리면 무엇을 할 수 있는지 알립니다
  const STEPS = {
    app: "화면을 여는 중",
    download: "파이썬을 받는 중",
    kernel: "파이썬을 켜는 중",
    ready: "준비되었습니다",
  };
  const LOGO = "jp-NotebookLogo";
  const LINK = `.jp-RenderedMarkdown a[target=_blank], #${LOGO}`;
  const started = performance.now();
  let bar, text, meter, buttons, ended = false;

  function element(name, attributes, content) {
    const made = Object.assign(document.createElement(name), attributes);
    if (content) made.textContent = content;
    return made;
  }

  function build() {
    bar = element("section", { className: "boot" });
    bar.setAttribute("aria-label", "실습실의 준비");
    text = element("p", {});
    text.setAttribute("role", "status");
    meter = element("progress", { max: 1 });
    meter.setAttribute("aria-label", "받은 양");
    buttons = element("div", { className: "boot-buttons" });
    bar.append(text, meter, buttons);
    document.body.prepend(bar);
    buttons.append(back());
    show("app");
  }

  function back() {
    const lab = (new URLSearchParams(location.search).get("path") || "").replace(/\.ipynb$/, "");
    const page = lab ? `../../labs/${encodeURIComponent(lab)}.html` : "../../index.html";
    return element("a", { href: page }, "책으로 돌아가기");
  }

  function button(label, action) {
    const made = element("button", { type: "button" }, label);
    made.addEventListener("click", action);
    buttons.prepend(made);
    return made;
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
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    text.textContent = `준비되었습니다(${seconds}초). 셀을 고르고 Shift+Enter를 누르면 실행됩니다.`;
    meter.remove();
    button("이 막대 닫기", () => bar.remove());
    button("처음부터 모두 실행", runAll);
  }

  // JupyterLite의 「모든 셀 실행」은 일부러 낸 오류(raises-exception)에서도 멈춥니다. 하나씩 실행합니다.
  async function runAll(event) {
    const { commands, shell } = window.jupyterapp;
    const notebook = shell.currentWidget.content;
    event.target.disabled = true;
    for (const [index, cell] of notebook.widgets.entries()) {
      if (cell.model.type !== "code") continue;
      notebook.activeCellIndex = index;
      const fine = await commands.execute("notebook:run-cell");
      const promised = (cell.model.getMetadata("tags") || []).includes("raises-exception");
      if (!fine && !promised) break;
    }
    event.target.disabled = false;
  }

  function alarm(words) {
    if (!bar || bar.dataset.step === "failed") return;
    bar.dataset.step = "failed";
    ended = true;
    meter.remove();
    if (!bar.isConnected) document.body.prepend(bar);
    text.setAttribute("role", "alert");
    text.textContent = words;
    buttons.replaceChildren(back());
    button("다시 시도", () => location.reload()).focus();
  }

  function fail(reason) {
    alarm(`실습실을 띄우지 못했습니다(${reason}). 네트워크를 확인하고 다시 시도하세요. `
      + "그래도 안 되면 책의 페이지에서 노트북을 내려받아 이 컴퓨터의 JupyterLab으로 열 수 있습니다.");
  }

  function died(reason) {
    alarm(`파이썬이 멈췄습니다(${reason}). 다시 시도를 누르면 새로 띄웁니다. 저장한 셀은 남아 있고, `
      + "변수는 사라지므로 처음부터 실행하세요.");
  }

  function slow() {
    if (ended || !bar) return;
    buttons.before(element("p", { className: "boot-slow" }, "오래 걸리고 있습니다. 느린 연결에서는 몇 분이 걸릴 수 있습니다. "
      + "한 번 받아 두면 다음부터는 빠릅니다."));
    button("다시 시도", () => location.reload());
  }

  function inBook(link) {
    if (link.id === LOGO) return back().href;
    return link.href.replace(/files\/(.*)\.md/, "../$1.html")
      .replace(/files\/(.*)\.ipynb/, "../labs/$1.html");
  }

  // 장이나 다른 실습으로 가는 링크와 로고는, 여기에 없는 파일과 화면이 아니라 책의 페이지로 갑니다.
  for (const moment of ["mouseover", "focusin", "click"]) {
    addEventListener(moment, (event) => {
      const link = event.target instanceof Element && event.target.closest(LINK);
      if (!link) return;
      link.href = inBook(link);
      if (moment === "click") event.stopPropagation();  // 실습실이 제 파일에서 찾지 않게 합니다
    }, true);
  }

  // 커널이 생기기 전에 셀을 실행하면 JupyterLite가 커널을 고르라고 묻습니다. 그때까지는 누른 것을 버립니다.
  addEventListener("keydown", (event) => {
    const runs = event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.altKey);
    if (!runs || bar?.dataset.step !== "app") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // 커널은 웹 워커에서 뜹니다. 워커가 보내는 우리 소식만 골라 듣습니다.
  const NativeWorker = window.Worker;
  window.Worker = class extends NativeWorker {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const news = data && data.ddialabLite;
        if (!news) return;
        if (news.step === "failed") fail(news.reason);
        else if (news.step === "died") died(news.reason);
        else show(news.step, news);
      });
      this.addEventListener("error", (event) => fail(event.message || "워커 오류"));
    }
  };
  addEventListener("error", (event) => {
    if (event.target instanceof HTMLScriptElement) fail(`${event.target.src}을(를) 받지 못함`);
  }, true);
  addEventListener("unhandledrejection", (event) => {
    if (/load(ing)? chunk|dynamically imported/i.test(String(event.reason))) fail("화면의 일부를 받지 못함");
  });
  document.addEventListener("DOMContentLoaded", build);
  setTimeout(slow, SLOW * 1000);
})();
