// 자리 잡기: 넓은 화면은 왼쪽에서 오른쪽으로 칸을, 좁은 화면은 위에서 아래로 줄을 놓습니다.
(globalThis.ddialabScene ??= {}).layout = (() => {
  "use strict";

  const WIDE = { // [너비, 높이]
    client: [88, 76], balancer: [112, 54], server: [190, 54], store: [190, 96], queue: [210, 56], log: [220, 74],
  };
  const NARROW = { // 너비 0은 줄 전체
    client: [160, 42], balancer: [160, 36], server: [78, 66], store: [136, 96], queue: [0, 56], log: [0, 74],
  };
  const LEAST = 288; // 이보다 좁으면 그림을 줄입니다
  const GAP = 60, BETWEEN = 8, RACK = { side: 8, top: 19, bottom: 8, apart: 12 };
  const PORT = 28, PORT_Y = 38; // 점이 이름을 가리지 않게 비켜 지나는 자리
  const PILL = 26; // 저장소의 조작 버튼이 놓일 줄
  const DOT = 11; // 줄에 선 점들의 간격

  const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

  // 칸마다, 묶음(랙)이 같은 이웃끼리 모은 부품들
  function columns({ parts }) {
    const numbers = [...new Set(parts.map(({ column }) => column))].sort((a, b) => a - b);
    return numbers.map((number) => {
      const runs = [];
      for (const part of parts.filter(({ column }) => column === number)) {
        if (part.group && runs.at(-1)?.[0].group === part.group) runs.at(-1).push(part);
        else runs.push([part]);
      }
      return runs;
    });
  }

  function stackHeight(runs) {
    const one = (run) => sum(run.map(({ kind, more }) => WIDE[kind][1] + more)) + BETWEEN * (run.length - 1)
      + (run[0].group ? RACK.top + RACK.bottom : 0);
    return sum(runs.map(one)) + RACK.apart * (runs.length - 1);
  }

  function wide(description, width) {
    const runs = columns(description);
    const framed = runs.map((column) => (column.some(([{ group }]) => group) ? RACK.side : 0));
    const widths = runs.map((column, i) =>
      Math.max(...column.flat().map(({ kind }) => WIDE[kind][0])) + 2 * framed[i]);
    const room = (width - 2 - sum(widths)) / Math.max(1, runs.length - 1);
    if (room < GAP && runs.length > 1) return null;
    const height = Math.max(...runs.map(stackHeight)) + 4, boxes = new Map(), frames = [];
    let x = 1;
    runs.forEach((column, i) => {
      let y = (height - stackHeight(column)) / 2;
      for (const run of column) {
        const top = y, group = run[0].group;
        if (group) y += RACK.top;
        for (const part of run) {
          const w = WIDE[part.kind][0], h = WIDE[part.kind][1] + part.more;
          const drop = part.kind === "balancer" ? h / 2 - PORT_Y : 0; // 길이 곧도록
          boxes.set(part.id, { x: x + (widths[i] - w) / 2, y: y + drop, w, h, kind: part.kind });
          y += h + BETWEEN;
        }
        y += (group ? RACK.bottom : 0) - BETWEEN;
        if (group) frames.push({ id: group, x, y: top, w: widths[i], h: y - top });
        y += RACK.apart;
      }
      x += widths[i] + room;
    });
    return { wide: true, width, height, boxes, frames, room };
  }

  // 줄이 여럿이면 고르게 나눕니다
  function lines(column, width) {
    const made = packed(column, width, Infinity);
    return made.length < 2 ? made : packed(column, width, Math.ceil(column.flat().length / made.length));
  }

  // 한 줄에 들어가는 만큼씩, 많아야 `limit`개씩. 묶음은 되도록 가르지 않습니다
  function packed(column, width, limit) {
    const made = [[]];
    let left = width;
    for (const run of column) {
      const [least] = NARROW[run[0].kind], each = least || width;
      const pad = run[0].group ? 2 * RACK.side : 0;
      const most = Math.max(1, Math.min(limit, Math.floor((width - pad + BETWEEN) / (each + BETWEEN))));
      for (let i = 0; i < run.length; i += most) {
        const part = run.slice(i, i + most), need = part.length * (each + BETWEEN) - BETWEEN + pad;
        const full = made.at(-1).flat().length + part.length > limit;
        if ((need > left || full) && made.at(-1).length) { made.push([]); left = width; }
        made.at(-1).push(part);
        left -= need + RACK.apart;
      }
    }
    return made;
  }

  function narrow(description, width) {
    const boxes = new Map(), frames = [];
    let y = 1;
    columns(description).forEach((column, i) => {
      for (const line of lines(column, width - 2)) {
        const kinds = line.flat().map(({ kind }) => kind), grouped = line.some(([{ group }]) => group);
        if (i || description.lined) y += kinds.includes("server") ? 38 : 24; // 줄 선 점들의 자리
        if (grouped) y += RACK.top;
        const pads = sum(line.map(([{ group }]) => (group ? 2 * RACK.side : 0)));
        const free = width - 2 - pads - RACK.apart * (line.length - 1)
          - BETWEEN * sum(line.map((run) => run.length - 1));
        const own = sum(kinds.map((kind) => NARROW[kind][0] || free));
        const grow = kinds.every((kind) => kind === "server" || kind === "store") ? free / own : 1;
        const tall = Math.max(...line.flat().map(({ kind, more }) => NARROW[kind][1] + more));
        let x = 1 + (free - own * grow) / 2;
        for (const run of line) {
          const from = x, group = run[0].group;
          if (group) x += RACK.side;
          for (const { id, kind, more } of run) {
            const w = (NARROW[kind][0] || free) * grow;
            boxes.set(id, { x, y, w, h: NARROW[kind][1] + more, kind });
            x += w + BETWEEN;
          }
          x += (group ? RACK.side : 0) - BETWEEN;
          const h = tall + RACK.top + RACK.bottom;
          if (group) frames.push({ id: group, x: from, y: y - RACK.top, w: x - from, h });
          x += RACK.apart;
        }
        y += tall + (grouped ? RACK.bottom : 0);
      }
    });
    return { wide: false, width, height: y + 2, boxes, frames };
  }

  // 점이 설 자리. 자리가 모자라면 null
  function spot({ wide, boxes, room }, part, place, slot) {
    const { x, y, w, h, kind } = boxes.get(part), middle = y + h / 2;
    if (place === "work") {
      return slot < Math.floor((w - (wide ? 104 : 58)) / DOT) ? [x + 15 + slot * DOT, y + h - 14] : null;
    }
    if (place === "wait") return queueSpot(wide, { x, y, w, h }, room, slot);
    if (kind === "client") return wide ? [x + w, middle] : [x + w - PORT, y + h];
    if (kind === "balancer") return wide ? [x + w / 2, y + PORT_Y] : [x + w - PORT, middle];
    return wide ? [x, middle] : [x + w / 2, y];
  }

  // 줄은 앞에서부터 한 줄로 서고, 자리가 모자라면 겹줄이 됩니다
  function queueSpot(wide, { x, y, w, h }, room, slot) {
    const one = Math.max(1, Math.floor((wide ? Math.min(room - 30, 88) : w - 6) / DOT));
    const row = Math.floor(slot / one), at = slot % one;
    if (row >= (wide ? 4 : 3)) return null;
    if (!wide) return [x + 9 + at * DOT, y - 9 - row * DOT];
    return [x - 11 - at * DOT, y + h / 2 + [0, 11, -11, 22][row]];
  }

  // 부품 사이의 선: 점이 다니는 길과 같은 곡선
  function wire({ wide, boxes }, from, to) {
    const a = boxes.get(from), b = boxes.get(to);
    if (!a || !b) return "";
    const dx = b.x + b.w / 2 - a.x - a.w / 2, dy = b.y + b.h / 2 - a.y - a.h / 2;
    const apart = wide ? Math.abs(dx) > 1 : a.y === b.y; // 칸(좁은 화면은 줄)의 차례로 잇습니다
    const [end, far] = apart ? [side(a, Math.sign(dx)), side(b, -Math.sign(dx))]
      : [edge(a, Math.sign(dy)), edge(b, -Math.sign(dy))];
    const [x, y] = [0, 1].map((i) => (end[i] + far[i]) / 2);
    const bend = apart ? [x, end[1], x, far[1]] : [end[0], y, far[0], y];
    return `M${end}C${bend.map((one) => one.toFixed(1))} ${far}`;
  }

  const side = ({ x, y, w, h, kind }, way) => [x + (way > 0 ? w : 0), y + (kind === "balancer" ? PORT_Y : h / 2)];
  const edge = ({ x, y, w, h, kind }, way) =>
    [["client", "balancer"].includes(kind) ? x + w - PORT : x + w / 2, y + (way > 0 ? h : 0)];

  // 그림 속 버튼이 목록의 줄을 덮지 않게, 조작할 수 있는 저장소는 한 줄 더 높습니다
  function placed(description) {
    const pressed = new Set(description.actions.flatMap(({ targets }) => targets));
    return { ...description, parts: description.parts.map((part) => ({ ...part, more: part.kind === "store" && pressed.has(part.id) ? PILL : 0 })) };
  }

  function layout(description, width) {
    const fitted = Math.max(LEAST, Math.round(width)), stage = placed(description);
    const made = (fitted >= 540 && wide(stage, fitted)) || narrow(stage, fitted);
    const wires = description.wires.map(([from, to]) => wire(made, from, to));
    return Object.assign(made, { wires, spot: (...where) => spot(made, ...where) });
  }

  return { layout };
})();
