// 독자의 노트북: 이 브라우저에 저장한 것이 책의 것보다 낡았는지, 고친 것이 남는지 봅니다.
const KEPT = `ddialab-kept:${location.pathname}:`;  // 저장하기 전에 닫은 것을 적어 두는 자리
const DOWNLOAD = "내 노트북 내려받기";
const NEWER = "책의 노트북이 새로 나왔습니다. 지금 보이는 것은 이 브라우저에 저장해 둔 예전 것입니다.";
const GONE = "이 실습은 책에서 없어졌거나 이름이 바뀌었습니다. 지금 보이는 것은 이 브라우저에 저장해 둔 예전 것입니다.";
const REPLACE = "이 브라우저에 저장한 이 노트북을 책의 것으로 바꿉니다. 고친 것과 실행한 출력은 사라집니다.";
const LEFT = "지난번에 닫을 때 저장하지 못한 것이 있습니다. 그 뒤에 다른 탭에서 저장한 것이 있어 덮어쓰지 않았습니다.";
const REFUSED = "이 브라우저가 저장을 허락하지 않습니다(사생활 보호 창이거나 남은 공간이 없습니다). "
  + "고친 것이 남지 않으니 닫기 전에 내려받아 두세요.";
const NOT_SAVED = "고친 것을 이 브라우저에 저장하지 못했습니다(남은 공간이 없을 수 있습니다). 닫기 전에 내려받아 두세요.";
let opened = null;  // 열린 노트북의 context

const sources = (notebook) => JSON.stringify(notebook.cells.map((cell) => [cell.cell_type, cell.source]));
const nameOf = (context) => context.model.getMetadata("ddialab")?.lab ?? context.path;

function open(context) {
  if (opened) return;
  opened = context;
  watchSaving(context);
  recover(context);
  compare(context);
  storageRefused().then((refused) => refused && note("storage", REFUSED, { [DOWNLOAD]: download }));
}

// JupyterLite는 열기만 해도 고친 것으로 봅니다. 그대로 두면 읽기만 한 노트북까지 저장되어 낡습니다.
function untouched() {
  if (opened && sources(opened.model.toJSON()) === saved) opened.model.dirty = false;
}

// ── 책의 것과 견주기 ───────────────────────────────────────────────────────

// 시각이 아니라 빌드할 때 셀에서 만든 도장을 견줍니다. 시계가 틀린 컴퓨터에서도 맞습니다.
async function compare(context) {
  const releases = await published("releases.json").catch(() => null);
  if (!releases) return;
  const mine = context.model.getMetadata("ddialab"), now = releases[nameOf(context)];
  if (now && now !== mine?.release) note("newer", NEWER, { [DOWNLOAD]: download, "원래 노트북으로": askToRestore });
  if (!now && mine) note("newer", GONE, { [DOWNLOAD]: download });
}

async function published(path) {
  const address = HERE + path.split("/").map(encodeURIComponent).join("/");
  const response = await fetch(address, { cache: "no-cache" });  // 새로 나온 것이 있는지 서버에 묻습니다
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

function askToRestore() {
  note("original", REPLACE, { [DOWNLOAD]: download, "책의 것으로 바꾸기": restore });
}

async function restore() {
  try {
    opened.model.fromJSON(await published(`files/${nameOf(opened)}`));
  } catch (error) {
    note("original", `책의 노트북을 받지 못했습니다(${error.message}). 고친 것은 그대로입니다. 인터넷을 확인하고 다시 하세요.`,
      { "다시 하기": restore });
    return;
  }
  forget("newer");
  note("original", "책의 노트북으로 바꿨습니다. 처음부터 실행하세요.", { [RUN_ALL]: runAll });
  await opened.save();
}

function download(_, notebook = opened.model.toJSON()) {
  const link = element("a", { download: opened.path.split("/").at(-1) });
  link.href = URL.createObjectURL(new Blob([JSON.stringify(notebook, null, 1)], { type: "application/x-ipynb+json" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);  // 누르자마자 지우면 받지 못하는 브라우저가 있습니다
}

// ── 고친 것이 남게 ────────────────────────────────────────────────────────

let saved = "";  // 저장소에 있는 것의 본문

function watchSaving(context) {
  let saving = "";
  saved = sources(context.model.toJSON());
  context.saveState.connect((_, state) => {
    if (state === "started") saving = sources(context.model.toJSON());
    if (state === "failed") note("save", NOT_SAVED, { [DOWNLOAD]: download });
    if (!state.startsWith("completed")) return;
    saved = saving;
    forget("save");
    if (sources(context.model.toJSON()) === saved) drop(context);
  });
  addEventListener("pagehide", () => keep(context));
  document.addEventListener("visibilitychange", () => document.hidden && keep(context));
}

// 저장소(IndexedDB)에 쓰는 일은 페이지가 닫히기 전에 끝나지 않습니다. 곧바로 쓰이는 localStorage에 적어 둡니다.
function keep(context) {
  const notebook = context.model.toJSON();
  if (sources(notebook) === saved) return;
  for (const cell of notebook.cells) if (cell.outputs) cell.outputs = [];
  const kept = { notebook, base: context.contentsModel.last_modified };
  attempt(() => localStorage.setItem(KEPT + context.path, JSON.stringify(kept)));
  context.save();
}

function recover(context) {
  const kept = JSON.parse(attempt(() => localStorage.getItem(KEPT + context.path)) ?? "null");
  const now = context.model.toJSON();
  if (!kept || sources(kept.notebook) === sources(now)) return drop(context);
  if (kept.base !== context.contentsModel.last_modified) {
    note("kept", LEFT, { "그때 것 내려받기": () => (download(null, kept.notebook), drop(context)) });
    return;
  }
  const outputs = new Map(now.cells.map((cell) => [cell.id, cell.outputs]));
  for (const cell of kept.notebook.cells) if (cell.outputs) cell.outputs = outputs.get(cell.id) ?? [];
  context.model.fromJSON(kept.notebook);
  context.save();
}

function drop(context) {
  attempt(() => localStorage.removeItem(KEPT + context.path));
}
