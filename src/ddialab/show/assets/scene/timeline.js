// 시간 축: 부품마다 정상이 아니었던 막대, 눈금, 독자의 조작. 본 데까지만 그립니다.
(globalThis.ddialabScene ??= {}).timeline = (() => {
  "use strict";

  const { svg, html, set, cut } = globalThis.ddialabScene.draw;
  const BARS = { down: 9, cut: 9, stop: 9, slow: 6, suspect: 3, drain: 7, repair: 7, new: 7 }; // 막대의 두께
  const LANE = 14, AXIS = 17, GUTTER = 64, RIGHT = 8, THUMB = 8;

  const OWN = "l-4 -8h8Z"; // 독자의 조작

  // 막대 하나. 새 버전은 두 줄: 색을 못 보아도 상태마다 모양이 다릅니다
  function bar(name, x, y, width) {
    const thick = BARS[name], [at, wide] = [x.toFixed(1), width.toFixed(1)];
    const box = (top, tall) => `M${at} ${top}h${wide}v${tall}h-${wide}Z`;
    return name === "new" ? box(y - 3.5, 2) + box(y + 1.5, 2) : box(y - thick / 2, thick);
  }

  // 막대가 생길 수 있는 부품들과, 눈금의 줄들. 막대가 없는 장면이면(`seen`) 눈금의 줄뿐입니다
  function rows({ parts, actions, lanes, saved, seen }) {
    const named = new Set(actions.flatMap(({ targets }) => targets));
    for (const [, op, part, name] of saved.changes) if (op === "state" && BARS[name]) named.add(part);
    const shown = parts.filter(({ id, kind }) => seen.some((name) => BARS[name])
      && (kind === "server" || (named.has(id) && kind !== "client")));
    return [...shown.map(({ id, label }) => [id, label, "part"]), ...lanes.map(({ id, label }) => [id, label, "lane"])];
  }

  class Timeline {
    constructor(description, { seek, pressed, released }) {
      this.end = description.end;
      this.rows = rows(description);
      this.bad = new Set(description.counters.filter(({ tone }) => tone === "bad").map(({ id }) => id)); // 나쁜 일의 줄
      this.row = new Map(this.rows.map(([id, , kind], i) => [`${kind} ${id}`, i]));
      this.drawing = svg("svg", { class: "dds-strip", "aria-hidden": "true" });
      this.range = html("input", {
        type: "range", class: "dds-range", min: 0, max: description.end, value: 0,
        step: Math.max(1, Math.round(description.end / 400)), "aria-label": "시각", autocomplete: "off",
      });
      this.range.addEventListener("input", () => { pressed(); seek(Number(this.range.value)); });
      this.range.addEventListener("change", released);
      // 누른 것만 봅니다. 닿기만 해도 움직이면, 휴대전화에서 화면을 밀다가 시각이 바뀝니다
      this.drawing.addEventListener("click", ({ clientX }) => {
        const { left, width } = this.drawing.getBoundingClientRect();
        const x = (clientX - left) / width * this.width;
        seek((x - GUTTER) / (this.width - GUTTER - RIGHT) * this.end);
        released();
      });
    }

    x(time) { return GUTTER + time / this.end * (this.width - GUTTER - RIGHT); }

    middle(i) { return LANE * (i + 1.5); }

    build(width, scale) {
      this.width = width;
      const height = LANE * (this.rows.length + 1) + AXIS;
      const label = (words, i) => svg("text", { x: 2, y: this.middle(i) + 4, text: cut(words, 11) });
      const lane = (i) => svg("path", { class: "dds-lane", d: `M${this.x(0)} ${this.middle(i)}H${this.x(this.end)}` });
      const ends = [0, 0.5, 1].map((part) => svg("text", {
        x: this.x(part * this.end), y: height - 3, "text-anchor": ["start", "middle", "end"][part * 2],
        text: `${Number((part * this.end / 1000).toPrecision(3))}초`,
      }));
      this.bars = Object.fromEntries(Object.keys(BARS).map((name) => [name, svg("path", { class: `dds-bar dds-${name}` })]));
      this.ticks = ["dds-ticks", "dds-ticks dds-bad"].map((name) => svg("path", { class: name }));
      this.own = svg("path", { class: "dds-own" });
      this.cursor = svg("path", { class: "dds-cursor" });
      this.told = "";
      set(this.drawing, "viewBox", `0 0 ${width} ${height}`);
      this.drawing.replaceChildren(label("조작", -1), ...this.rows.flatMap(([, words], i) => [label(words, i), lane(i)]),
        ...Object.values(this.bars), ...this.ticks, this.own, ...ends, this.cursor);
      this.foot = height - AXIS;
      this.range.style.marginLeft = `${GUTTER * scale - THUMB}px`;
      this.range.style.width = `calc(100% - ${(GUTTER + RIGHT) * scale - 2 * THUMB}px)`;
    }

    // `seen`: 본 변화의 수, `until`: 본 시각
    show({ spans, marks, actions }, seen, until, time, clock) {
      for (const [name, path] of Object.entries(this.bars)) {
        set(path, "d", spans.filter((span) => span.name === name && span.i < seen)
          .map((span) => this.bar(span, span.end < seen ? span.to : until)).join(""));
      }
      const count = marks.findIndex(({ i }) => i >= seen);
      const told = `${count}/${marks.length}`;
      if (told !== this.told) {
        this.told = told;
        const shown = marks.slice(0, count < 0 ? undefined : count);
        this.ticks.forEach((path, bad) => set(path, "d",
          shown.filter(({ lane }) => this.bad.has(lane) === Boolean(bad)).map((mark) => this.tick(mark)).join("")));
      }
      set(this.own, "d", actions.filter(([at]) => at <= until)
        .map(([at]) => `M${this.x(at).toFixed(1)} ${LANE - 2}${OWN}`).join(""));
      set(this.cursor, "d", `M${this.x(time).toFixed(1)} 2V${this.foot}`);
      this.range.value = time;
      set(this.range, "aria-valuetext", clock);
    }

    bar({ part, from, name }, to) {
      const i = this.row.get(`part ${part}`), x = this.x(from);
      return i === undefined ? "" : bar(name, x, this.middle(i), Math.max(2, this.x(to) - x));
    }

    tick({ lane, time }) {
      const i = this.row.get(`lane ${lane}`);
      return i === undefined ? "" : `M${this.x(time).toFixed(1)} ${this.middle(i) - 5}v10`;
    }
  }

  return { Timeline, BARS, OWN, bar };
})();
