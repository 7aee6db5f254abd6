// 커널은 웹 워커에서 뜹니다. 워커가 보내는 소식을 듣고, 실행과 중지를 맡습니다.
const RUN_ALL = "처음부터 모두 실행";
const CANNOT_STOP = "브라우저의 파이썬은 실행 중인 셀을 도중에 멈추지 못합니다. 이 셀이 끝나면 거기서 멈추고 다음 셀은 "
  + "실행하지 않습니다. 기다릴 수 없으면 커널을 다시 시작하세요. 변수는 사라지고 고친 셀은 남습니다.";
let stopping = false;

const NativeWorker = window.Worker;
window.Worker = class extends NativeWorker {
  constructor(...given) {
    super(...given);
    let up = false;
    this.addEventListener("message", ({ data }) => {
      const news = data?.ddialabLite;
      if (!news) return;
      up ||= news.step === "ready";
      hear(news);
    });
    // 준비된 뒤의 오류는 시작의 실패가 아닙니다. WebKit은 멀쩡한 커널에서도 NoGilError를 알립니다.
    this.addEventListener("error", (event) => up || failed(event.message || "워커 오류"));
  }
};

function hear(news) {
  if (news.step === "blocked") refusal ||= news.reason;
  else if (news.step === "failed") failed(news.reason);
  else if (news.step === "died") died(news.reason);
  else if (!ended) show(news.step, news);
  else restarted(news.step);
}

function failed(reason) {
  if (!ended) return fail(reason);
  note("kernel", `파이썬을 다시 켜지 못했습니다(${refusal || reason}). 다시 시도를 누르면 페이지를 새로 엽니다. `
    + "고친 셀은 남아 있습니다.", AGAIN);
}

function died(reason) {
  alarm(`파이썬이 멈췄습니다(${reason}). 다시 시도를 누르면 새로 띄웁니다. 저장한 셀은 남아 있고, `
    + "변수는 사라지므로 처음부터 실행하세요.");
}

// 독자가 커널을 다시 시작했을 때
function restarted(step) {
  if (step !== "ready") return notes.has("kernel") || note("kernel", "파이썬을 다시 켜는 중입니다.");
  note("kernel", "파이썬을 다시 켰습니다. 변수는 사라졌으므로 처음부터 실행하세요.", { [RUN_ALL]: runAll });
}

// JupyterLite의 「모든 셀 실행」은 일부러 낸 오류(raises-exception)에서도 멈춥니다. 하나씩 실행합니다.
async function runAll(event) {
  const { commands, shell } = window.jupyterapp;
  const notebook = shell.currentWidget.content;
  event.target.disabled = true;
  stopping = false;
  for (const [index, cell] of notebook.widgets.entries()) {
    if (cell.model.type !== "code") continue;
    if (stopping) break;
    notebook.activeCellIndex = index;
    const fine = await commands.execute("notebook:run-cell");
    const promised = (cell.model.getMetadata("tags") || []).includes("raises-exception");
    if (!fine && !promised) break;
  }
  event.target.disabled = false;
}

// JupyterLite의 「중지」는 기다리는 셀만 거두고, 실행 중인 셀에 대해서는 아무 말도 하지 않습니다.
function stop(session) {
  stopping = true;
  if (session?.kernel?.status !== "busy") return;
  note("stop", CANNOT_STOP, { "커널 다시 시작": () => {
    forget("stop");
    session.kernel.restart();
  } });
  session.kernel.statusChanged.connect((_, status) => status === "busy" || forget("stop"));
}

// 커널이 생기기 전에 셀을 실행하면 JupyterLite가 커널을 고르라고 묻습니다. 그때까지는 누른 것을 버립니다.
addEventListener("keydown", (event) => {
  const runs = event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.altKey);
  if (!runs || bar?.dataset.step !== "app") return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
