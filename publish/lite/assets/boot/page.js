// 실습실의 화면: JupyterLite에 명령을 더하고, 링크를 책의 페이지로 보냅니다.
const LOGO = "jp-NotebookLogo";
const LINK = `.jp-RenderedMarkdown a[target=_blank], #${LOGO}`;
const PATH = new URLSearchParams(location.search).get("path") || "";
const NO_SUCH = `이 실습실에 ${PATH || "이름 없는"} 노트북이 없습니다. 책으로 돌아가 실습의 페이지에서 여세요.`;
let app;

// JupyterLite가 제 앱을 여기에 둡니다(exposeAppInBrowser). 그때 명령을 더하고 노트북이 열리기를 기다립니다.
Object.defineProperty(window, "jupyterapp", {
  configurable: true,
  get: () => app,
  set(given) {
    app = given;
    app.commands.addCommand("ddialab:original", { label: "원래 노트북으로", execute: askToRestore });
    app.commands.commandExecuted.connect((_, { id }) => {
      if (id === "notebook:interrupt-kernel") stop(app.shell.currentWidget?.sessionContext?.session);
    });
    app.shell.currentChanged.connect(look);
    look();
    app.restored.then(() => app.serviceManager.contents.get(PATH, { content: false })).catch(() => alarm(NO_SUCH));
  },
});

function look() {
  const context = app.shell.currentWidget?.context;
  context?.ready.then(() => open(context));
}

// 커널이 준비된 뒤: 이 창에서 할 수 없는 것을 말합니다.
async function ready() {
  untouched();
  const files = await navigator.serviceWorker?.getRegistration().catch(() => null);
  if (!files) note("files", `${whyNoFiles()} 셀의 코드가 실습실의 파일을 읽고 쓰거나 input()으로 묻지 못합니다. 실습은 그대로 실행됩니다.`);
}

function whyNoFiles() {
  if (!isSecureContext) return "이 주소가 https가 아니어서";
  return "이 창에서는 서비스 워커를 사용할 수 없어서(사생활 보호 창이면 닫을 때 고친 것도 사라집니다)";
}

function back() {
  const lab = PATH.replace(/\.ipynb$/, "");
  let page = lab ? `../labs/${encodeURIComponent(lab)}.html` : "../index.html";
  if (lab && !/^\d\d-/.test(lab)) page = "../chapters/classroom/student.html";  // 번호가 없으면 과제
  return element("a", { href: HERE + page }, "책으로 돌아가기");
}

function inBook(link) {
  if (link.id === LOGO) return back().href;
  return link.href.replace(/files\/(.*)\.md/, "../$1.html")
    .replace(/files\/(?:labs\/)?(.*)\.ipynb/, "../labs/$1.html");
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
