// 사건 재생기. 기록을 읽어 그리기만 하므로, 앞뒤로 감아도 잃는 것이 없습니다.
// 보통의 스크립트입니다: 책 페이지는 <script defer>로 부르고(file://에서도 동작합니다),
// Jupyter에서는 show/player.py가 끝에 export 한 줄을 붙여 anywidget 모듈로 씁니다.
globalThis.ddialabPlayer = (() => {
  "use strict";

  const STATES = { ok: "정상", down: "꺼짐", suspect: "의심", repair: "복구 중", drain: "비우는 중" };
  const FAULTS = {
    disk: "디스크 고장", crash: "프로세스가 죽음", power: "전원이 나감", vanish: "VM이 사라짐",
    reboot: "재부팅",
  };
  const REASONS = { timeout: "시간 초과", refuse: "연결 거절", "no-replica": "보낼 복제본이 없음" };
  const ICONS = { // 12×12 칸에 그린 상태 그림: 색을 못 보아도 모양이 다릅니다
    ok: "M1 6.5L4.5 10L11 2", down: "M2 2L10 10M10 2L2 10", drain: "M6 1V10M2 6.5L6 10.5L10 6.5",
    suspect: "M3 4A3 3 0 1 1 6 7V8M6 11V11.2", repair: "M10.5 6A4.5 4.5 0 1 1 8.5 2.2M8.5 0V2.8H5.6",
  };
  const LOOKS = { // 요청의 모양
    go: "M-5 0A5 5 0 1 1 5 0A5 5 0 1 1 -5 0Z", late: "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0Z",
    ok: "M-5 0L-1.5 4L5 -4", fail: "M-4 -4L4 4M4 -4L-4 4",
  };
  const BUTTONS = { // 버튼의 그림. 글꼴마다 다른 기호 글자 대신 씁니다
    play: "M4 2L14 8L4 14Z", pause: "M4 2H7V14H4ZM10 2H13V14H10Z", first: "M2 2H4V14H2ZM14 2L6 8L14 14Z",
    back: "M10 2L3 8L10 14ZM11.5 2H13.5V14H11.5Z", next: "M6 2L13 8L6 14ZM2.5 2H4.5V14H2.5Z",
  };
  const SPEEDS = [0.25, 0.5, 1, 2, 4];
  const BARS = { down: 10, out: 4, repair: 7 }; // 띠에 그릴 막대의 두께
  const HOP = 0.28; // 점이 한 칸을 가는 데 걸리는, 화면에서의 초

  // --- 기록 읽기 ---

  function decode(data, key) {
    const scene = data.scenes[key];
    const events = scene.same ? decode(data, Object.keys(data.scenes)[0]).slice(0, scene.same) : [];
    let now = events.length ? Math.round(events.at(-1).time / data.tick) : 0;
    let last = events.reduce((most, event) => Math.max(most, event.request), -1);
    let requests = 0, details = 0;
    scene.t.forEach((step, i) => {
      const letter = scene.k[i];
      now += step;
      const request = scene.q.includes(letter) ? -1 : last - scene.r[requests++];
      last = Math.max(last, request);
      const detail = scene.w.includes(letter) ? data.words[scene.d[details++]] : "";
      const node = parseInt(scene.n[i], 36) - 1;
      events.push({ time: now * data.tick, kind: data.kinds[letter], node, request, detail });
    });
    return events;
  }

  // --- 어느 순간의 상태: 사건을 하나씩 적용합니다 ---

  function newState(nodes) {
    return {
      ok: 0, fail: 0, open: 0, lost: 0, recent: [],
      nodes: nodes.map(() => ({
        down: "", suspect: false, drain: false, repair: false, serving: new Set(), waiting: new Set(),
      })),
    };
  }

  function finish(state, good) {
    state.open -= 1;
    state[good ? "ok" : "fail"] += 1;
    state.recent.push(good);
    if (state.recent.length > 8) state.recent.shift();
  }

  const APPLY = {
    arrive: (state) => { state.open += 1; },
    ok: (state) => finish(state, true),
    fail: (state) => finish(state, false),
    lost: (state) => { state.lost += 1; },
    send: (_, node, request) => { if (!node.down) node.waiting.add(request); },
    start: (_, node, request) => { node.waiting.delete(request); node.serving.add(request); },
    reply: (_, node, request) => { node.serving.delete(request); },
    refuse: (_, node, request) => { node.waiting.delete(request); node.serving.delete(request); },
    down: (_, node, _request, detail) => {
      Object.assign(node, { down: detail || "crash", repair: false });
      node.serving.clear();
      node.waiting.clear();
    },
    // 비우고 껐다 켠 노드는 헬스 체크를 다시 통과할 때까지 일을 받지 않습니다
    up: (_, node) => Object.assign(node, { down: "", suspect: node.suspect || node.drain, drain: false }),
    suspect: (_, node) => { node.suspect = true; },
    trust: (_, node) => Object.assign(node, { suspect: false, drain: false }),
    drain: (_, node) => { node.drain = true; },
    repair: (_, node) => { node.repair = true; },
    repaired: (_, node) => { node.repair = false; },
  };

  function apply(state, event) {
    APPLY[event.kind]?.(state, state.nodes[event.node], event.request, event.detail);
  }

  function stateName(node) {
    if (node.down) return "down";
    if (node.repair) return "repair";
    if (node.drain) return "drain";
    return node.suspect ? "suspect" : "ok";
  }

  // --- 점의 길: 시도마다 "언제부터 어디로"의 목록. 화면 크기와 상관없이 한 번만 계산합니다 ---

  function freeSlot(slots) {
    let slot = 0;
    while (slots.has(slot)) slot += 1;
    return slot;
  }

  function plotDots(events, nodeCount, hop) {
    const dots = [], byAttempt = new Map(), lastReply = new Map(), closed = new Set();
    const off = new Set(); // 지금 꺼져 있는 노드
    const retryAt = new Map(); // 재시도하는 요청마다, 앞의 시도가 화면에서 끝나는 시각
    const waiting = Array.from({ length: nodeCount }, () => new Map());
    const serving = Array.from({ length: nodeCount }, () => new Map());

    const make = (time, place) => {
      const dot = { hops: [{ at: time, place }], looks: [[time, "go"]], end: Infinity };
      dots.push(dot);
      return dot;
    };
    const move = (dot, time, place) => {
      const before = dot.hops.at(-1);
      dot.hops.push({ at: Math.max(time, before.at + (dot.hops.length > 1 ? hop : 0)), place });
    };
    const endAfterMove = (dot) => { dot.end = dot.hops.at(-1).at + hop * 1.6; };
    const leave = (dot) => {
      waiting[dot.node].delete(dot.slot);
      serving[dot.node].delete(dot.slot);
    };
    const takeSlot = (dot, rows, name) => {
      leave(dot);
      dot.slot = freeSlot(rows[dot.node]);
      rows[dot.node].set(dot.slot, dot);
      return [name, dot.node, dot.slot];
    };
    const vanish = (dot, time) => { leave(dot); dot.end = Math.max(time, dot.hops.at(-1).at); };
    const attempt = (event) => byAttempt.get(`${event.request}/${event.node}`);

    const on = {
      send(event) {
        const again = retryAt.get(event.request);
        const dot = make(Math.max(event.time, again ?? 0), [again === undefined ? "client" : "lb"]);
        Object.assign(dot, { node: event.node, slot: -1 });
        if (again === undefined) move(dot, event.time, ["lb"]);
        move(dot, event.time, takeSlot(dot, waiting, "wait"));
        dot.dead = off.has(event.node);
        byAttempt.set(`${event.request}/${event.node}`, dot);
      },
      start(event) {
        const dot = attempt(event);
        if (dot) move(dot, event.time, takeSlot(dot, serving, "serve"));
      },
      reply(event) {
        const dot = attempt(event);
        if (!dot) return;
        if (dot.late || closed.has(event.request)) { vanish(dot, event.time); return; }
        leave(dot);
        move(dot, event.time, ["lb"]);
        dot.looks.push([dot.hops.at(-1).at, "ok"]);
        endAfterMove(dot);
        lastReply.set(event.request, dot);
      },
      ok(event) {
        closed.add(event.request);
        const dot = lastReply.get(event.request);
        if (dot) { move(dot, event.time, ["client"]); endAfterMove(dot); }
      },
      refuse(event) {
        const dot = attempt(event);
        if (!dot) return;
        leave(dot);
        dot.looks.push([dot.hops.at(-1).at + hop, "fail"]);
        move(dot, event.time, ["lb"]);
        endAfterMove(dot);
        retryAt.set(event.request, dot.hops.at(-1).at + hop);
      },
      timeout(event) {
        const dot = attempt(event);
        if (!dot) return;
        dot.late = true;
        retryAt.set(event.request, event.time);
        dot.looks.push([event.time, "late"]);
        if (dot.dead) vanish(dot, event.time);
      },
      fail(event) {
        closed.add(event.request);
        const dot = make(Math.max(event.time, retryAt.get(event.request) ?? 0), ["lb"]);
        dot.looks = [[event.time, "fail"]];
        move(dot, event.time, ["client"]);
        endAfterMove(dot);
      },
      up(event) { off.delete(event.node); },
      down(event) {
        off.add(event.node);
        for (const dot of [...waiting[event.node].values(), ...serving[event.node].values()]) {
          if (dot.late) vanish(dot, event.time);
          dot.dead = true; // 시간 초과나 거절을 알게 될 때까지 그 자리에 멈춰 있습니다
        }
      },
    };
    for (const event of events) on[event.kind]?.(event);
    return dots;
  }

  // --- 자리 잡기: 넓은 화면은 왼쪽에서 오른쪽, 좁은 화면은 위에서 아래 ---

  function layout(nodes, wide) {
    const box = wide ? { x: 440, w: 268, h: 46, top: 8 } : { x: 112, w: 236, h: 46, top: 156 };
    const racks = [], boxes = [];
    let y = box.top;
    nodes.forEach(([, rack], i) => {
      if (!i || rack !== nodes[i - 1][1]) {
        if (i) y += 10;
        racks.push({ name: rack, x: box.x - 10, y, w: box.w + 20, first: i });
        y += rack ? 22 : 8;
      }
      boxes.push({ x: box.x, y, w: box.w, h: box.h });
      y += box.h + 8;
      Object.assign(racks.at(-1), { h: y - racks.at(-1).y, last: i });
    });
    const height = y + 8;
    const mid = wide ? height / 2 : 0;
    const client = wide ? { x: 8, y: mid - 44, w: 100, h: 88 } : { x: 8, y: 4, w: 92, h: 74 };
    const lb = wide ? { x: 190, y: mid - 40, w: 104, h: 60 } : { x: 8, y: 98, w: 92, h: 50 };
    const clientPort = wide ? [client.x + client.w, mid] : [client.x + client.w / 2, client.y + client.h];
    const lbIn = wide ? [lb.x, mid] : [lb.x + lb.w / 2, lb.y];
    const lbOut = wide ? [lb.x + lb.w, mid] : [24, lb.y + lb.h];
    const rows = wide ? 11 : 6;
    const spot = ([kind, node, slot]) => {
      if (kind === "client") return clientPort;
      if (kind === "lb") return [lb.x + lb.w / 2, wide ? mid : lb.y + 36];
      const to = boxes[node];
      if (kind === "wait") return [to.x - 18 - Math.min(slot, rows) * 9, to.y + to.h / 2];
      return [to.x + to.w - 14 - Math.min(slot, 6) * 13, to.y + 15];
    };
    return { width: wide ? 720 : 360, height, boxes, racks, client, lb, clientPort, lbIn, lbOut, rows, spot };
  }

  // --- 그림 조각 ---

  function svg(tag, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function html(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function rect(box, name) {
    return svg("rect", { class: name, x: box.x, y: box.y, width: box.w, height: box.h, rx: 8 });
  }

  function glyph(name) {
    return svg("svg", { class: "ddp-glyph", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: BUTTONS[name] }));
  }

  function legend() {
    const row = (mark, words) => html("li", {}, svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, mark), words);
    const item = (look, words) => row(svg("path", { class: "ddp-dot", "data-look": look, d: LOOKS[look] }), words);
    const bar = (name, words) => row(svg("rect", { class: `ddp-${name}`, x: -8, y: -BARS[name] / 2, width: 16, height: BARS[name] }), words);
    return html("ul", { class: "ddp-legend" }, item("go", "요청"), item("ok", "제때 온 답"),
      item("fail", "거절이나 실패"), item("late", "기다리다 포기한 요청(복제본은 모르고 계속 일합니다)"),
      bar("down", "꺼짐"), bar("out", "의심, 비우는 중"), bar("repair", "복구 중"));
  }

  // --- 재생기 하나 ---

  class Player {
    constructor(root, data, onKills) {
      this.root = root;
      this.onKills = onKills;
      this.kills = [];
      this.pressed = new Set();
      this.time = 0;
      this.cursor = 0;
      this.speed = 1;
      this.playing = false;
      this.calm = matchMedia("(prefers-reduced-motion: reduce)");
      this.build(data.alt);
      this.load(data);
      this.watch = new ResizeObserver(() => this.resize());
      this.watch.observe(root);
    }

    // 새 기록을 싣습니다. 보고 있던 시각은 지킵니다
    load(data) {
      this.data = data;
      this.reels = new Map();
      this.rate = data.duration / Math.min(60, Math.max(20, data.duration)); // 화면 1초에 흐르는 시뮬레이션 시간
      this.range.max = Math.round(data.duration / data.tick);
      this.range.step = Math.max(1, Math.round(this.range.max / 400));
      this.buildKills();
      this.switchScene();
    }

    switchScene() {
      const key = this.data.toggles.map(([name]) => name).filter((name) => this.pressed.has(name)).join("+");
      if (!this.reels.has(key)) {
        const events = decode(this.data, key);
        const dots = plotDots(events, this.data.nodes.length, HOP * this.rate);
        this.reels.set(key, { events, dots, downs: events.filter((event) => event.kind === "down") });
      }
      Object.assign(this, this.reels.get(key));
      this.state = null;
      this.width = 0;
      this.resize();
      this.seek(Math.min(this.time, this.data.duration));
    }

    // --- 시간 ---

    seek(time) {
      this.time = Math.min(Math.max(time, 0), this.data.duration);
      let cursor = 0;
      while (cursor < this.events.length && this.events[cursor].time <= this.time + 1e-9) cursor += 1;
      this.replayTo(cursor);
      this.draw();
      if (!this.playing) this.tell();
    }

    // 앞으로는 이어서, 뒤로는 처음부터 다시 적용합니다
    replayTo(cursor) {
      if (!this.state || cursor < this.cursor) {
        this.state = newState(this.data.nodes);
        this.cursor = 0;
      }
      while (this.cursor < cursor) apply(this.state, this.events[this.cursor++]);
    }

    step(direction) {
      this.pause();
      const cursor = Math.min(Math.max(this.cursor + direction, 0), this.events.length);
      this.replayTo(cursor);
      this.time = cursor ? this.events[cursor - 1].time : 0;
      this.draw();
      this.tell();
    }

    play() {
      if (this.time >= this.data.duration) this.seek(0);
      this.playing = true;
      this.now.setAttribute("aria-live", "off");
      this.labelPlay();
      let before = performance.now();
      const frame = (stamp) => {
        if (!this.playing || !this.root.isConnected) return;
        const beat = this.calm.matches ? 500 : 0; // 움직임을 줄여 달라는 독자에게는 0.5초마다 건너뜁니다
        if (stamp - before >= beat) {
          const passed = Math.min(stamp - before, Math.max(beat * 1.5, 100)) / 1000;
          before = stamp;
          this.advance(passed * this.rate * this.speed);
        }
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }

    advance(amount) {
      const from = this.cursor;
      this.seek(this.time + amount);
      for (let i = this.cursor - 1; i >= from; i -= 1) {
        if (this.isNews(this.events[i])) { this.now.textContent = this.sentence(this.events[i]); break; }
      }
      if (this.time >= this.data.duration) this.pause();
    }

    pause() {
      if (!this.playing) return;
      this.playing = false;
      this.labelPlay();
      this.now.setAttribute("aria-live", "polite");
      this.tell();
    }

    labelPlay() {
      const words = this.playing ? "멈춤" : "재생";
      this.playButton.setAttribute("aria-label", words);
      this.playButton.replaceChildren(glyph(this.playing ? "pause" : "play"), ` ${words}`);
    }

    // --- 말로 읽어 주기 ---

    isNews(event) {
      return event.node >= 0 ? !["send", "start", "reply"].includes(event.kind) : event.kind === "fail";
    }

    sentence(event) {
      const node = event.node >= 0 ? `${this.data.nodes[event.node][0]} 노드` : "";
      const who = `${event.request}번 요청`;
      const words = {
        arrive: () => `${who}이 들어왔습니다.`,
        send: () => `${who}을 ${node}로 보냈습니다(${event.detail || 1}번째 시도).`,
        start: () => `${node}가 ${who}을 처리하기 시작했습니다.`,
        reply: () => `${node}가 ${who}에 답했습니다.`,
        ok: () => `${who}이 성공했습니다.`,
        timeout: () => `${who}: ${node}의 답을 더 기다리지 않습니다(시간 초과).`,
        refuse: () => `${who}: ${node}가 연결을 거절했습니다.`,
        retry: () => `${who}을 다시 보냅니다.`,
        fail: () => `${who}이 실패했습니다(${REASONS[event.detail] || event.detail}).`,
        down: () => `${node}가 꺼졌습니다(${FAULTS[event.detail] || event.detail}).`,
        up: () => `${node}가 다시 켜졌습니다.`,
        suspect: () => `헬스 체크가 ${node}를 뺐습니다.`,
        trust: () => `헬스 체크가 ${node}를 다시 넣었습니다.`,
        drain: () => `${node}를 비웁니다. 새 요청을 받지 않습니다.`,
        repair: () => `${node}가 잃은 데이터를 다시 복제하기 시작했습니다.`,
        repaired: () => `${node}가 데이터 복제를 마쳤습니다.`,
        lost: () => "데이터의 마지막 사본이 사라졌습니다.",
      };
      return `${this.clockText(event.time)} ${words[event.kind]()}`;
    }

    tell() {
      this.range.setAttribute("aria-valuetext", this.clockText(this.time));
      const last = this.cursor ? this.sentence(this.events[this.cursor - 1]) : "아직 아무 일도 없습니다.";
      const names = this.data.nodes.map(([name]) => name);
      const ill = this.state.nodes
        .map((node, i) => [names[i], stateName(node)])
        .filter(([, name]) => name !== "ok")
        .map(([name, state]) => `${name} ${STATES[state]}`);
      this.now.textContent = `${last} 지금: ${ill.length ? ill.join(", ") : "모든 노드 정상"}.`;
    }

    clockText(time) {
      const digits = Math.max(0, Math.min(2, -Math.round(Math.log10(this.data.tick))));
      return `${time.toFixed(digits)}${this.data.unit}`;
    }

    // --- 화면 만들기 ---

    build(alt) {
      const button = (icon, label, act) => {
        const made = html("button", { type: "button", class: `ddp-${icon}`, "aria-label": label }, glyph(icon));
        made.addEventListener("click", act);
        return made;
      };
      const count = (name, words) => html("span", { class: `ddp-${name}` }, `${words} `, html("b"));
      this.killBar = html("div", { class: "ddp-kills", role: "group", "aria-label": "노드 끄기" });
      this.board = html("div", { class: "ddp-board" }, html("span", { class: "ddp-clock" }),
        count("ok", "성공"), count("fail", "실패"), count("open", "처리 중"), count("lost", "잃은 데이터"));
      this.stage = svg("svg", { class: "ddp-stage", role: "img", "aria-label": alt });
      this.strip = svg("svg", { class: "ddp-strip", "aria-hidden": "true" });
      this.range = html("input", {
        type: "range", class: "ddp-range", min: 0, value: 0, "aria-label": "시각", autocomplete: "off",
      });
      this.now = html("p", { class: "ddp-now", "aria-live": "polite" });
      this.playButton = button("play", "재생", () => (this.playing ? this.pause() : this.play()));
      this.labelPlay();
      const speed = html("select", {}, ...SPEEDS.map((value) => html("option", { value }, `${value}배`)));
      speed.value = "1";
      speed.addEventListener("change", () => { this.speed = Number(speed.value); });
      const controls = html("div", { class: "ddp-controls", role: "group", "aria-label": "재생 조작" },
        this.playButton,
        button("first", "처음으로", () => { this.pause(); this.seek(0); }),
        button("back", "한 사건 뒤로", () => this.step(-1)),
        button("next", "한 사건 앞으로", () => this.step(1)),
        html("label", {}, "속도 ", speed));
      // 끄는 동안에는 조용히, 놓으면 한 번만 읽어 줍니다
      this.range.addEventListener("input", () => {
        this.pause();
        this.now.setAttribute("aria-live", "off");
        this.seek(this.range.value * this.data.tick);
      });
      this.range.addEventListener("change", () => {
        this.now.setAttribute("aria-live", "polite");
        this.tell();
      });
      this.strip.addEventListener("pointerdown", (event) => {
        const { left, width } = this.strip.getBoundingClientRect();
        const x = (event.clientX - left) / width * this.width;
        this.pause();
        this.seek((x - this.gutter) / (this.width - this.gutter - 8) * this.data.duration);
      });
      this.root.classList.add("ddp");
      this.root.replaceChildren(this.killBar, this.board, this.stage, this.strip, this.range, controls,
        this.now, legend());
    }

    // 노드를 끄는 버튼: 미리 돌린 조합을 고르거나(책), 지금 이 시각에 끕니다(Jupyter)
    buildKills() {
      const { live, toggles, nodes } = this.data;
      const now = nodes.map(([name]) => [name, `${name} 지금 끄기`]);
      const others = toggles.filter(([name]) => nodes.every(([node]) => node !== name)); // 랙의 전원
      const choices = live ? [...now, ...others] : toggles;
      this.killBar.replaceChildren(...choices.map(([name, words]) => {
        const made = html("button", { type: "button", "data-name": name }, words);
        if (!live) made.setAttribute("aria-pressed", String(this.pressed.has(name)));
        made.addEventListener("click", () => this.kill(name));
        return made;
      }));
      if (live && this.kills.length) {
        const undo = html("button", { type: "button" }, "끈 노드 모두 다시 켜기");
        undo.addEventListener("click", () => { this.kills = []; this.onKills(this.kills); });
        this.killBar.append(undo);
      }
      this.killBar.hidden = !choices.length;
    }

    kill(name) {
      if (this.data.live) {
        this.kills = [...this.kills, [this.time, name]];
        this.onKills(this.kills);
        return;
      }
      if (this.pressed.has(name)) this.pressed.delete(name);
      else this.pressed.add(name);
      this.killBar.querySelectorAll("[data-name]").forEach((made) => {
        made.setAttribute("aria-pressed", String(this.pressed.has(made.dataset.name)));
      });
      this.switchScene();
    }

    canKill(name) {
      return this.data.live || this.data.toggles.some(([key]) => key === name);
    }

    resize() {
      const width = Math.round(this.root.clientWidth) || 720;
      if (width === this.width) return;
      this.width = width;
      this.place = layout(this.data.nodes, width >= 560);
      this.buildStage();
      this.buildStrip();
      if (this.state) this.draw();
    }

    buildStage() {
      const { width, height, boxes, racks, client, lb, clientPort, lbIn, lbOut } = this.place;
      this.stage.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.stage.style.maxWidth = width === 360 ? "30rem" : "";
      const wire = (from, to) => svg("path", { class: "ddp-wire", d: `M${from}L${to}` });
      const wires = boxes.map((box) => wire(lbOut, [box.x, box.y + box.h / 2]));
      const frames = racks.filter((rack) => rack.name).map((rack) => svg("g", {}, rect(rack, "ddp-rack"),
        svg("text", { class: "ddp-rack-name", x: rack.x + 10, y: rack.y + 15 }, `랙 ${rack.name}`)));
      const middle = (box, words, y) => svg("text",
        { x: box.x + box.w / 2, y, "text-anchor": "middle", class: "ddp-name" }, words);
      this.mouth = svg("path", { class: "ddp-icon" });
      const faceY = client.y + client.h / 2 - 12;
      const face = svg("g", { transform: `translate(${client.x + client.w / 2} ${faceY})` },
        svg("circle", { class: "ddp-face", r: 18 }),
        svg("path", { class: "ddp-icon", d: "M-6 -5V-3M6 -5V-3" }), this.mouth);
      this.nodeViews = boxes.map((box, i) => this.buildNode(box, i));
      this.dotLayer = svg("g");
      this.dotPool = [];
      this.burstLayer = svg("g");
      this.stage.replaceChildren(wire(clientPort, lbIn), ...wires, ...frames, rect(client, "ddp-box"), face,
        middle(client, "사용자", client.y + client.h - 10), rect(lb, "ddp-box"),
        middle(lb, "로드 밸런서", lb.y + 20), ...this.nodeViews.map((view) => view.group),
        this.burstLayer, this.dotLayer);
    }

    buildNode(box, i) {
      const [name] = this.data.nodes[i];
      const icon = svg("path", { class: "ddp-icon", transform: `translate(${box.x + 12} ${box.y + 9})` });
      const state = svg("text", { class: "ddp-state", x: box.x + 64, y: box.y + 20 });
      const load = svg("text", { x: box.x + 32, y: box.y + 38 });
      const group = svg("g", { class: "ddp-node", "data-node": name }, rect(box, "ddp-box"), icon,
        svg("text", { class: "ddp-name", x: box.x + 32, y: box.y + 20 }, name), state, load);
      if (this.canKill(name)) {
        group.classList.add("ddp-can-kill");
        group.addEventListener("click", () => this.kill(name));
      }
      return { group, icon, state, load };
    }

    // 띠: 노드마다 꺼짐·의심·복구의 막대, 맨 아래는 실패한 요청의 눈금
    buildStrip() {
      const lane = 16, { nodes, duration } = this.data;
      this.gutter = 44;
      const height = lane * (nodes.length + 1) + 22;
      const x = (time) => this.gutter + time / duration * (this.width - this.gutter - 8);
      const middle = (row) => row * lane + lane / 2 + 2;
      const label = (words, row) => svg("text", { x: 2, y: middle(row) + 4 }, words);
      const parts = nodes.map(([name], row) => svg("g", {}, label(name, row),
        svg("path", { class: "ddp-lane", d: `M${x(0)} ${middle(row)}H${x(duration)}` })));
      for (const { name, node, from, to } of this.spans()) {
        const thick = BARS[name];
        parts.push(svg("rect", {
          class: `ddp-${name}`, x: x(from), y: middle(node) - thick / 2, width: Math.max(2, x(to) - x(from)), height: thick,
        }));
      }
      const fails = this.events.filter((event) => event.kind === "fail");
      const ticks = fails.map((event) => `M${x(event.time).toFixed(1)} ${middle(nodes.length) - 5}v10`).join("");
      const ends = [0, 0.5, 1].map((part) => svg("text", {
        x: x(part * duration), y: height - 4, "text-anchor": ["start", "middle", "end"][part * 2],
      }, `${Number((part * duration).toPrecision(3))}${this.data.unit}`));
      this.cursorLine = svg("path", { class: "ddp-cursor" });
      this.cursorAt = (time) => `M${x(time).toFixed(1)} 0V${height - 18}`;
      this.strip.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
      this.strip.replaceChildren(...parts, label("실패", nodes.length),
        svg("path", { class: "ddp-fails", d: ticks }), ...ends, this.cursorLine);
      this.range.style.marginLeft = `${this.gutter - 8}px`;
      this.range.style.width = `calc(100% - ${this.gutter - 8}px)`;
    }

    // 노드마다 정상이 아니었던 동안
    spans() {
      const state = newState(this.data.nodes), spans = [];
      const since = this.data.nodes.map(() => ["ok", 0]);
      const close = (node, time, next) => {
        const [name, from] = since[node];
        const shown = { down: "down", suspect: "out", drain: "out", repair: "repair" }[name];
        if (shown) spans.push({ name: shown, node, from, to: time });
        since[node] = [next, time];
      };
      for (const event of this.events) {
        apply(state, event);
        if (event.node < 0) continue;
        const next = stateName(state.nodes[event.node]);
        if (next !== since[event.node][0]) close(event.node, event.time, next);
      }
      since.forEach((_, node) => close(node, this.data.duration, "ok"));
      return spans;
    }

    // --- 한 장면 그리기 ---

    draw() {
      const { state } = this;
      const counts = { ok: state.ok, fail: state.fail, open: state.open, lost: state.lost };
      this.board.firstChild.textContent = this.clockText(this.time);
      for (const [name, value] of Object.entries(counts)) {
        this.board.querySelector(`.ddp-${name} b`).textContent = value;
      }
      this.board.querySelector(".ddp-lost").hidden = !state.lost;
      this.range.value = this.time / this.data.tick;
      this.cursorLine.setAttribute("d", this.cursorAt(this.time));
      const bad = state.recent.filter((good) => !good).length / Math.max(1, state.recent.length);
      this.mouth.setAttribute("d", `M-8 ${5 + bad * 4}Q0 ${13 - bad * 16} 8 ${5 + bad * 4}`);
      state.nodes.forEach((node, i) => this.drawNode(node, this.nodeViews[i]));
      this.drawBursts();
      this.drawDots();
    }

    drawNode(node, view) {
      const name = stateName(node);
      if (view.group.dataset.state !== name) {
        view.group.dataset.state = name;
        view.icon.setAttribute("d", ICONS[name]);
        view.state.textContent = STATES[name];
      }
      const words = `처리 ${node.serving.size} · 대기 ${node.waiting.size}`;
      if (view.load.textContent !== words) view.load.textContent = words;
    }

    // 꺼지는 순간의 물결. 시각만으로 정해지므로 되감아도 같습니다
    drawBursts() {
      const lasting = HOP * 2.5 * this.rate;
      const rings = this.calm.matches ? [] : this.downs
        .filter((event) => event.time <= this.time && this.time < event.time + lasting);
      this.burstLayer.replaceChildren(...rings.map((event) => {
        const part = (this.time - event.time) / lasting, box = this.place.boxes[event.node], grow = part * 14;
        return svg("rect", {
          class: "ddp-burst", rx: 8 + grow, opacity: 1 - part, x: box.x - grow, y: box.y - grow,
          width: box.w + grow * 2, height: box.h + grow * 2,
        });
      }));
    }

    drawDots() {
      let used = 0;
      for (const dot of this.dots) {
        if (dot.hops[0].at > this.time || dot.end <= this.time) continue;
        const to = this.hopAt(dot);
        if (dot.hops[to].place[2] > this.place.rows && dot.hops[to].place[0] === "wait") continue; // 줄의 끝 너머
        const made = this.dotPool[used] ?? (this.dotPool[used] = this.newDot());
        used += 1;
        const [x, y] = this.dotAt(dot, to);
        const look = dot.looks.findLast(([from]) => from <= this.time)?.[1] ?? dot.looks[0][1];
        made.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
        if (made.dataset.look !== look) {
          made.dataset.look = look;
          made.setAttribute("d", LOOKS[look]);
        }
        made.style.display = "";
      }
      for (const made of this.dotPool.slice(used)) made.style.display = "none";
    }

    newDot() {
      const made = svg("path", { class: "ddp-dot" });
      this.dotLayer.append(made);
      return made;
    }

    hopAt(dot) {
      let i = dot.hops.length - 1;
      while (dot.hops[i].at > this.time) i -= 1;
      return i;
    }

    dotAt(dot, i) {
      const to = this.place.spot(dot.hops[i].place);
      if (!i || this.calm.matches) return to;
      const from = this.place.spot(dot.hops[i - 1].place);
      const part = Math.min(1, (this.time - dot.hops[i].at) / (HOP * this.rate));
      const eased = part * part * (3 - 2 * part);
      return [from[0] + (to[0] - from[0]) * eased, from[1] + (to[1] - from[1]) * eased];
    }
  }

  function mount(figure) {
    const stored = figure.querySelector("script[type='application/json']");
    const still = figure.querySelector(".ddialab-still");
    const root = document.createElement("div");
    still.replaceWith(root);
    return new Player(root, JSON.parse(stored.textContent), () => {});
  }

  // anywidget이 부르는 입구
  function render({ model, el }) {
    const root = document.createElement("div");
    const problem = html("p", { role: "alert" });
    const frame = html("figure", { class: "ddialab ddialab-player" }, root, problem);
    el.append(frame);
    const player = new Player(root, model.get("data"), (kills) => {
      model.set("kills", kills);
      model.save_changes();
    });
    model.on("change:data", () => player.load(model.get("data")));
    model.on("change:message", () => { problem.textContent = model.get("message"); });
    return () => { player.pause(); player.watch.disconnect(); };
  }

  const start = () => document.querySelectorAll("figure.ddialab-player").forEach(mount);
  if (document.currentScript) { // 모듈로 불리면(Jupyter) 페이지를 뒤지지 않습니다
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
    else start();
  }
  return { mount, render };
})();
