// 부품들: 사용자, 로드 밸런서, 서버, 저장소, 큐, 로그. 만들 때 한 번 그리고, 그다음에는 바뀐 것만 고칩니다.
(globalThis.ddialabScene ??= {}).parts = (() => {
  "use strict";

  const { svg, set, cut, cells, ICONS, STATES } = globalThis.ddialabScene.draw;
  const ROWS = 4, ROW = 17; // 저장소에 보이는 키의 수와 줄의 높이
  const CELL = 40; // 큐와 로그의 한 칸
  const RIPPLE = 700, FRESH = 900; // 화면의 밀리초: 상태가 바뀐 물결, 값이 바뀐 표시

  const text = (x, y, words, attributes = {}) => svg("text", { x, y, text: words, ...attributes });
  const frame = ({ x, y, w, h }, name, rx = 8) => svg("rect", { class: name, x, y, width: w, height: h, rx });

  function clientView(box, label, wide) {
    const [x, y] = wide ? [box.x + 24, box.y + 28] : [box.x + 26, box.y + box.h / 2];
    const mouth = svg("path", { class: "dds-ink" });
    const group = svg("g", {}, frame(box, "dds-box"), svg("g", { transform: `translate(${x} ${y})` },
      svg("circle", { class: "dds-face", r: 15 }), svg("path", { class: "dds-ink", d: "M-5 -4V-2M5 -4V-2" }), mouth),
    wide ? text(box.x + box.w / 2, box.y + box.h - 11, label, { class: "dds-name dds-mid" })
      : text(box.x + 50, y + 4.5, cut(label, 10), { class: "dds-name" }));
    return { group, show: (_, { recent }) => set(mouth, "d", smile(recent)) };
  }

  // 지난 결과가 나쁠수록 입꼬리가 내려갑니다
  function smile(recent) {
    const bad = recent.filter((good) => !good).length / Math.max(1, recent.length);
    return `M-7 ${4 + bad * 4}Q0 ${11 - bad * 14} 7 ${4 + bad * 4}`;
  }

  function balancerView(box, label, wide) {
    const at = wide ? [box.x + box.w / 2, box.y + 21] : [box.x + 14, box.y + box.h / 2 + 4.5];
    const name = text(...at, cut(label, 14), { class: wide ? "dds-name dds-mid" : "dds-name" });
    return { group: svg("g", {}, frame(box, "dds-box"), name), show() {} };
  }

  function serverView(box, label, wide) {
    const icon = svg("path", { class: "dds-ink", transform: `translate(${box.x + 11} ${box.y + 9})` });
    const state = text(box.x + (wide ? Math.max(60, 37 + 6.2 * cells(cut(label, 12))) : 9), box.y + (wide ? 20 : 36), "", { class: "dds-state" });
    const load = text(box.x + (wide ? box.w - 10 : 7), box.y + (wide ? box.h - 9 : 36), "",
      { class: wide ? "dds-load dds-end" : "dds-load" });
    const group = svg("g", {}, frame(box, "dds-box"), icon,
      text(box.x + 30, box.y + 20, cut(label, wide ? 12 : 8), { class: "dds-name" }), state, load);
    return {
      group,
      show(part) {
        set(icon, "d", ICONS[part.state]);
        set(state, "text", wide || part.state !== "ok" ? STATES[part.state] : "");
        const busy = part.work + part.wait ? `처리 ${part.work}${wide ? " · " : "·"}대기 ${part.wait}` : "";
        set(load, "text", wide || part.state === "ok" ? busy : "");
      },
    };
  }

  function storeView(box, label) {
    const rows = Array.from({ length: ROWS }, (_, i) => text(box.x + 12, box.y + 38 + i * ROW, "", { class: "dds-item" }));
    const more = text(box.x + box.w - 10, box.y + 19, "", { class: "dds-load dds-end" });
    const rim = `M${box.x} ${box.y + 24.5}h${box.w}`;
    const group = svg("g", {}, frame(box, "dds-box", 14), svg("path", { class: "dds-wire", d: rim }),
      text(box.x + 12, box.y + 17, cut(label, Math.floor(box.w / 8)), { class: "dds-name" }), more, ...rows);
    return {
      group,
      show(part, _, time, rate) {
        const all = [...part.rows], shown = all.slice(-ROWS);
        rows.forEach((row, i) => {
          const [key, [value, at]] = shown[i] ?? ["", ["", -Infinity]];
          set(row, "text", shown[i] ? cut(`${key} = ${value}`, Math.floor((box.w - 20) / 6.2)) : "");
          set(row, "data-fresh", at && time - at < FRESH * rate ? "" : null); // 처음부터 있던 것은 새것이 아닙니다
        });
        set(more, "text", all.length > ROWS ? `모두 ${all.length}개` : "");
      },
    };
  }

  // 큐와 로그: 왼쪽이 앞(먼저 들어온 것)이고 오른쪽에 쌓입니다. 자리가 모자라면 앞의 것부터 보입니다
  function rowView(box, label) {
    const most = Math.floor((box.w - 20) / CELL), y = box.y + 26, log = box.kind === "log";
    const cells = Array.from({ length: most }, (_, i) => ({
      box: frame({ x: box.x + 10 + i * CELL, y, w: CELL - 4, h: 20 }, "dds-cell", 3),
      item: text(box.x + 8 + i * CELL + CELL / 2, y + 14, "", { class: "dds-item dds-mid" }),
    }));
    const more = text(box.x + box.w - 10, box.y + 17, "", { class: "dds-load dds-end" });
    const readers = svg("g");
    const group = svg("g", {}, frame(box, "dds-box"), text(box.x + 12, box.y + 17,
      cut(label, Math.floor(box.w / 12)), { class: "dds-name" }), more, ...cells.flatMap(({ box: b, item }) => [b, item]), readers);
    return {
      group,
      show({ items, base, points }) {
        const from = log ? Math.max(0, items.length - most) : 0; // 로그는 새것을 봅니다
        cells.forEach((cell, i) => {
          const item = items[from + i];
          set(cell.box, "data-full", item === undefined ? null : "");
          set(cell.item, "text", item === undefined ? "" : cut(item, 5));
        });
        set(more, "text", log ? `오프셋 ${base + from}부터` : `${items.length}개`);
        if (log) pointers(readers, points, (offset) => box.x + 8 + (offset - base - from + 0.5) * CELL, box, y + 22);
      },
    };
  }

  // 로그의 독자들이 선 곳. 보이는 칸보다 앞이면 왼쪽 끝에 화살표로 알립니다
  function pointers(readers, points, at, box, y) {
    if (readers.children.length !== points.size) { // 되감으면 줄기도 합니다
      readers.replaceChildren(...[...points].map(() => svg("g", {}, svg("path", { class: "dds-point" }), text(0, y + 18, "", { class: "dds-load dds-mid" }))));
    }
    let right = box.x + box.w;
    [...points].map(([reader, offset], i) => {
      const spot = at(offset), past = spot < box.x + 8; // 가리키는 칸이 이미 밀려났습니다
      const words = `${past ? "← " : ""}${cut(reader, 10)}`, half = 4 + 2.8 * cells(words);
      const x = Math.min(spot, box.x + box.w - 10), [mark, name] = readers.children[i].children;
      set(mark, "d", past ? "" : `M${x} ${y}l4.5 7h-9Z`);
      set(name, "text", words);
      return { name, x, half };
    }).sort((a, b) => b.x - a.x).forEach(({ name, x, half }) => { // 이름은 겹치지 않게
      const at = Math.max(Math.min(x, right - half), box.x + half);
      right = at - half;
      set(name, "x", at);
    });
  }

  const VIEWS = {
    client: clientView, balancer: balancerView, server: serverView, store: storeView,
    queue: rowView, log: rowView,
  };

  // 부품 하나: 그림, 상태의 틀, 누르면 할 일을 적은 작은 버튼
  class Part {
    constructor({ id, kind, label }, layout, press) {
      const box = layout.boxes.get(id);
      Object.assign(this, { id, box, view: VIEWS[kind](box, label, layout.wide) });
      this.ring = svg("rect", { class: "dds-ring", display: "none" });
      this.group = svg("g", { class: "dds-part", "data-part": String(id) }, this.view.group, this.ring);
      this.words = svg("g", { class: "dds-part dds-words" }, ...this.view.group.querySelectorAll("text"));
      if (["client", "server", "store"].includes(kind)) this.addPill(layout.wide && kind !== "store", kind === "client");
      this.group.addEventListener("click", () => press(id));
    }

    // 저장소에서는 줄들의 아래에, 좁은 서버에서는 아래쪽에
    addPill(beside, client) {
      const { x, y, w, h } = this.box, top = y + (beside ? 6 : client ? h / 2 - 10 : h - 26);
      this.right = x + w - 7;
      this.word = text(0, top + 14, "", { class: "dds-mid" });
      this.rim = frame({ x: 0, y: top, w: 0, h: 20 }, "", 10);
      this.pill = svg("g", { class: "dds-pill" }, this.rim, this.word);
      this.words.append(this.pill); // 누르는 것은 아래의 상자가 받습니다
    }

    // 이름표만큼 넓은 버튼. 좁은 서버에는 처리하는 점들도 있으므로 이름표를 자릅니다
    label(words) {
      const most = this.box.kind === "store" ? (this.box.w - 26) / 6.2 : this.box.w < 150 ? 6 : 14;
      const label = cut(words, most), width = Math.max(40, 12 + 6.2 * cells(label));
      set(this.word, "text", label);
      set(this.word, "x", this.right - width / 2);
      set(this.rim, "x", this.right - width);
      set(this.rim, "width", width);
    }

    show(picture, time, rate, offer, calm) {
      const part = picture.parts.get(this.id);
      for (const one of [this.group, this.words]) set(one, "data-state", part.state);
      set(this.group, "data-offer", offer ? "" : null);
      this.view.show(part, picture, time, rate);
      if (this.pill) {
        set(this.pill, "display", offer ? null : "none");
        if (offer) this.label(offer.label);
      }
      this.ripple(calm ? 1 : (time - part.since) / (RIPPLE * rate));
    }

    // 상태가 바뀐 순간의 물결. 시각만으로 정해지므로 되감아도 같습니다
    ripple(part) {
      set(this.ring, "display", part < 1 ? null : "none");
      if (part >= 1) return;
      const grow = 12 * part, { x, y, w, h } = this.box;
      const size = { rx: 8 + grow, opacity: (1 - part).toFixed(2), x: x - grow, y: y - grow, width: w + 2 * grow, height: h + 2 * grow };
      for (const [name, value] of Object.entries(size)) set(this.ring, name, value);
    }
  }

  function groupView(box, label) {
    return svg("g", {}, frame(box, "dds-rack", 10), text(box.x + 10, box.y + 14, label, { class: "dds-load" }));
  }

  return { Part, groupView };
})();
