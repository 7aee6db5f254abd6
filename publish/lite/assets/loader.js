// 커널(웹 워커)이 파이썬을 띄우는 첫 코드. JupyterLite는 이것을 Pyodide로 알고 loadPyodide를 부릅니다.
//
// Pyodide의 파일들을 xz로 압축해 두고 여기서 풉니다. 정적 호스트의 gzip보다 훨씬 작습니다.
// 풀린 것은 fetch가 돌려주는 것처럼 꾸며, Pyodide의 코드는 그대로 사용합니다.
// 무엇을 얼마나 받았는지, 무엇을 하는지는 메시지로 페이지에 알립니다.
import { FIGURES, PACKED } from "./manifest.js";
import * as pyodideModule from "./pyodide.js";
import { XzReadableStream, initSqlJs } from "./vendor.js";

const HERE = new URL(".", import.meta.url).href;
const SITE_PACKAGES = "/lib/python3.12/site-packages";
const PROBE_MS = 3000;  // 그림 패키지의 주소가 이 안에 답하지 않으면 표로 보여 줍니다
const NO_ANSWER = "그림 패키지를 내려받는 주소에 닿지 못했습니다. 인터넷이 되는 곳에서 다시 열면 그림이 나옵니다.";

const tell = (step, more = {}) => postMessage({ ddialabLite: { step, ...more } });

addEventListener("securitypolicyviolation", ({ disposition, effectiveDirective, blockedURI }) => {
  if (disposition === "report" || !/^(script|worker)-src/.test(effectiveDirective)) return;
  tell("blocked", { reason: `${effectiveDirective}: ${blockedURI}` });
});

// ── 압축해 둔 파일 ───────────────────────────────────────────────────

const total = Object.values(PACKED).reduce((sum, file) => sum + file.size, 0);
let received = 0;

function counted(body) {
  return body.pipeThrough(new TransformStream({
    transform(chunk, controller) {
      received += chunk.byteLength;
      tell("download", { received, total });
      controller.enqueue(chunk);
    },
  }));
}

async function download(name) {
  const { file } = PACKED[name];
  try {
    const response = await realFetch(HERE + file, { cache: "force-cache" });  // 이름에 해시가 있습니다
    if (!response.ok) throw new Error(response.status);
    return new Uint8Array(await new Response(counted(response.body)).arrayBuffer());
  } catch (error) {
    throw new Error(`${name}을(를) 받지 못함: ${error.message}`);
  }
}

function unpack(bytes) {
  return new XzReadableStream(new Blob([bytes]).stream());
}

const realFetch = globalThis.fetch.bind(globalThis);
// 아무것도 기다리지 않고 한꺼번에 받기 시작합니다.
const downloads = Object.fromEntries(Object.keys(PACKED).map((name) => [name, download(name)]));
const brokenDownload = new Promise((_, reject) => {
  for (const promise of Object.values(downloads)) promise.catch(reject);
});
brokenDownload.catch(() => {});  // 아직 아무도 기다리지 않을 때의 실패

globalThis.fetch = async (resource, options) => {
  const url = new URL(typeof resource === "string" ? resource : resource.url ?? String(resource), HERE).href;
  const name = url.startsWith(HERE) ? url.slice(HERE.length) : "";
  if (!Object.hasOwn(PACKED, name)) return realFetch(resource, options);
  const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(unpack(await downloads[name]), { headers: { "Content-Type": type } });
};

// Pyodide는 이 모듈이 전역에 둔 함수를 찾으면 제 파일을 받지 않습니다.
async function importPacked(name) {
  const text = await (await fetch(HERE + name)).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  await import(url);
  URL.revokeObjectURL(url);
}

// ── 그림 패키지 ────────────────────────────────────────────────────

async function figuresReachable() {
  if (!FIGURES.probe) return FIGURES.inside;
  try {
    const signal = AbortSignal.timeout(PROBE_MS);
    return (await realFetch(FIGURES.probe, { method: "HEAD", signal })).ok;
  } catch {
    return false;
  }
}

// ── 띄우기 ─────────────────────────────────────────────────────────

const reason = (error) => String(error?.message ?? error).trim().split("\n").at(-1);

// 파이썬이 통째로 멈추면(메모리가 모자라거나, 휠이 없는 함수를 부르거나) 커널은 아무것도 알려 주지 않습니다.
function tellWhenDead(pyodide) {
  const before = pyodide._api.on_fatal;
  pyodide._api.on_fatal = (error) => {
    tell("died", { reason: reason(error) });
    return before?.(error);
  };
}

// 커널은 runPythonAsync를 몇 번 불러 켜집니다. 마지막이 끝나면 준비된 것이고, 하나라도 실패하면 실패입니다.
function watched(pyodide) {
  const run = pyodide.runPythonAsync.bind(pyodide);
  pyodide.runPythonAsync = async (code, ...rest) => {
    try {
      const value = await run(code, ...rest);
      if (code.includes("import pyodide_kernel")) {
        tellWhenDead(pyodide);
        tell("ready");
      }
      return value;
    } catch (error) {
      tell("failed", { reason: reason(error) });
      throw error;
    }
  };
  return pyodide;
}

async function start(options) {
  tell("download", { received, total });
  const [figures] = await Promise.all([figuresReachable(), importPacked("pyodide.asm.js")]);
  const pyodide = await pyodideModule.loadPyodide({
    ...options,
    packages: [],  // 커널의 패키지는 아래에서 통째로 얹습니다
    lockFileURL: HERE + (figures ? "pyodide-lock.json" : "pyodide-lock-tables.json"),
  });
  tell("kernel");
  const kernel = await (await fetch(`${HERE}kernel.zip`)).arrayBuffer();
  pyodide.unpackArchive(kernel, "zip", { extractDir: SITE_PACKAGES });
  pyodide.registerJsModule("sqljs", await initSqlJs({ locateFile: (name) => HERE + name }));
  if (!figures) {  // loadPyodide의 env는 한글을 깨뜨립니다
    pyodide.runPython(`import os; os.environ["DDIALAB_NO_FIGURES"] = ${JSON.stringify(NO_ANSWER)}`);
  }
  return watched(pyodide);
}

export async function loadPyodide(options) {
  try {
    // 받기에 실패해도 Pyodide는 끝없이 기다리므로, 둘 가운데 먼저 오는 소식을 따릅니다
    return await Promise.race([start(options), brokenDownload]);
  } catch (error) {
    tell("failed", { reason: reason(error) });
    throw error;
  }
}
