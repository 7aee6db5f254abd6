// 장면의 모델을 이 페이지 안에서 켭니다. 독자가 처음 손대기 전에는 아무것도 받지 않습니다.
//   const adapter = await ddialabLive.connect(description);   // { open(부탁), send(부탁), close() }
// 켤 수 없거나 도중에 죽으면, 독자에게 보일 한국어 문장을 담은 Error로 거절합니다.
(() => {
  "use strict";

  const here = new URL(".", document.currentScript.src);
  const TICK = 500; // 밀리초. 기다림은 시계가 아니라 이 간격으로 센 수로 잽니다: 잠든 컴퓨터는 세지 않습니다
  const PATIENCE = 40; // 이만큼 세는 동안 아무 말이 없으면 죽은 것으로 봅니다
  const SAVED = "저장된 장면을 보여 드립니다.";
  const WHY = {
    wasm: "이 브라우저에서는 모델을 실행하는 기술(WebAssembly)을 쓸 수 없습니다.",
    policy: "이 사이트의 보안 정책이 모델을 실행하지 못하게 합니다.",
    worker: "이 브라우저에서는 모델을 실행할 워커를 띄울 수 없습니다.",
    missing: "모델의 파일을 받지 못했습니다. 네트워크를 확인하고 페이지를 다시 여세요.",
    silent: "모델이 오래 답하지 않아 멈추었습니다.",
    memory: "모델이 쓸 수 있는 메모리를 다 썼습니다.",
    depth: "모델의 재귀가 너무 깊어 멈추었습니다.",
    broken: "모델에서 오류가 났습니다.",
    closed: "모델을 껐습니다.",
  };

  class Dead extends Error {
    constructor(why, detail = "") {
      const cause = WHY[why] ?? WHY.broken;
      super(why === "closed" ? cause : `${cause} ${SAVED}`); // 장면은 저장해 둔 것을 대신 보여 줍니다
      Object.assign(this, { why, cause });
      this.detail = detail; // 개발자 도구에서 볼 것. 화면에는 나오지 않습니다
    }
  }

  const scripts = new Map(); // 주소 → 다 받으면 끝나는 약속
  const live = { connect, models: {}, offline: null, patience: PATIENCE, tick: TICK };

  function load(name) {
    if (!scripts.has(name)) scripts.set(name, add(name));
    return scripts.get(name);
  }

  function add(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(name, here).href;
      script.onload = resolve;
      script.onerror = () => {
        scripts.delete(name); // 다음에 손대면 다시 받아 봅니다
        script.remove();
        reject(new Dead("missing", name));
      };
      document.head.append(script);
    });
  }

  // 정책이 막으면 빈 모듈조차 만들 수 없습니다
  function check() {
    if (typeof WebAssembly !== "object") throw new Dead("wasm");
    try {
      new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    } catch (error) {
      throw new Dead("policy", String(error));
    }
    if (typeof Worker !== "function") throw new Dead("worker");
  }

  function bytes(base64) {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  }

  // 워커와, 그 워커가 읽을 wasm. file://에서는 모듈도 fetch도 없으므로 스크립트에 든 것을 꺼냅니다
  async function start() {
    if (here.protocol !== "file:") {
      return [spawn(new URL("worker.js", here)), new URL("micropython.wasm", here).href];
    }
    await load("offline.js");
    const url = URL.createObjectURL(new Blob([live.offline.worker], { type: "text/javascript" }));
    const worker = spawn(url);
    URL.revokeObjectURL(url);
    return [worker, bytes(live.offline.wasm)];
  }

  function spawn(url) {
    try {
      return new Worker(url);
    } catch (error) {
      throw new Dead("worker", String(error));
    }
  }

  class Adapter {
    constructor(worker) {
      this.worker = worker;
      this.waiting = new Map(); // 번호 → 답을 기다리는 부탁
      this.next = 0;
      this.dead = null;
      this.patience = live.patience;
      worker.onmessage = ({ data }) => this.hear(data);
      worker.onerror = (event) => this.die(new Dead("policy", event.message ?? ""));
    }

    // 부탁 하나. 답이 오거나, 모델이 죽거나, 너무 오래 말이 없으면 끝납니다
    ask(message) {
      if (this.dead) return Promise.reject(this.dead);
      return new Promise((resolve, reject) => {
        this.next += 1;
        this.waiting.set(this.next, { resolve, reject });
        this.worker.postMessage({ id: this.next, ...message });
        this.quiet = 0;
        this.timer ??= setInterval(() => this.count(), live.tick);
      });
    }

    count() {
      this.quiet += 1;
      if (this.quiet > this.patience) this.die(new Dead("silent"));
    }

    hear({ id, text, why, detail }) {
      this.quiet = 0;
      if (why) return this.die(new Dead(why, detail));
      this.waiting.get(id)?.resolve(text);
      this.waiting.delete(id);
      if (!this.waiting.size) this.rest();
    }

    rest() {
      clearInterval(this.timer);
      this.timer = undefined;
    }

    die(why) {
      this.dead ??= why;
      this.rest();
      this.worker.terminate();
      for (const { reject } of this.waiting.values()) reject(this.dead);
      this.waiting.clear();
    }

    async send(request) {
      return JSON.parse(await this.ask({ text: JSON.stringify(request) }));
    }

    open(request) {
      return this.send(request);
    }

    close() {
      this.die(new Dead("closed"));
    }
  }

  async function connect({ scene }) {
    check();
    const model = load(`${encodeURIComponent(scene)}.js`); // 워커가 켜지는 동안 함께 받습니다
    model.catch(() => {});
    const [worker, wasm] = await start();
    const adapter = new Adapter(worker);
    try {
      await Promise.all([adapter.ask({ wasm }), model]);
      await adapter.ask({ model: live.models[scene] });
    } catch (error) {
      adapter.die(error);
      throw error;
    }
    return adapter;
  }

  // 직접 쓰는 정책의 편집기는 독자가 다가올 때 받습니다. 접힌 절에 있으면 펴야 다가온 것입니다
  const near = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    near.disconnect();
    const link = document.createElement("link");
    document.head.append(Object.assign(link, { rel: "stylesheet", href: `${here}../trial.css` }));
    load("../trial.js").catch(() => {}); // 받지 못하면 저장된 표가 남습니다
  }, { rootMargin: "100%" });
  for (const figure of document.querySelectorAll("figure.ddialab-trial")) near.observe(figure);

  globalThis.ddialabLive = live;
})();
