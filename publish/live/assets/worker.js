// 페이지의 워커: MicroPython을 켜고 모델을 읽은 다음, 부탁 하나에 답 하나씩 합니다.
// 답마다 파이썬이 자바스크립트로 돌아오므로 그때 쓰레기가 치워집니다. `loadMicroPython`은 앞에 붙습니다.
const MOST = 64 * 1024 * 1024; // 바이트. 휴대전화에서도 탭이 죽지 않을 크기
const PAGE = 65536; // 바이트. WebAssembly의 메모리는 이만큼씩 늘어납니다
let python = null;
let answer = null;

const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * PAGE > MOST) throw new RangeError("memory");
  return grow.call(this, pages);
};

async function begin(wasm) {
  const inside = typeof wasm !== "string";
  // WebKit은 파일로 연 페이지의 워커가 blob:을 받지 못하게 합니다. 들고 온 바이트를 받은 것처럼 건넵니다.
  if (inside) globalThis.fetch = async () => new Response(wasm, { headers: { "Content-Type": "application/wasm" } });
  const start = await loadMicroPython;
  const quiet = () => {};
  const url = inside ? "micropython.wasm" : wasm;
  python = await start({ url, heapsize: 2 * 1024 * 1024, stdout: quiet, stderr: quiet });
}

function read(model) {
  python.runPython(model);
  answer = python.globals.get("answer");
}

function why(error) {
  const said = `${error.type ?? error.name}: ${error.message}`;
  if (/MemoryError|memory|OOM/.test(said)) return "memory";
  if (/recursion|stack/i.test(said)) return "depth";
  if (/wasm|WebAssembly|Content Security/i.test(said)) return answer ? "broken" : "policy";
  return "broken";
}

async function reply({ wasm, model, text }) {
  if (wasm !== undefined) await begin(wasm);
  if (model !== undefined) read(model);
  return text === undefined ? "" : answer(text);
}

onmessage = async ({ data }) => {
  try {
    postMessage({ id: data.id, text: await reply(data) });
  } catch (error) {
    postMessage({ id: data.id, why: why(error), detail: String(error.message ?? error) });
  }
};
