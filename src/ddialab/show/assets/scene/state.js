// 어느 순간의 그림: 변화를 앞에서부터 하나씩 적용합니다. 뒤로 감는 일이 빠르도록 사이사이의 그림을 적어 둡니다.
(globalThis.ddialabScene ??= {}).state = (() => {
  "use strict";

  const EVERY = 256; // 그림을 적어 두는 간격(변화의 수)
  const RECENT = 8; // 사용자의 표정을 정하는 지난 결과의 수

  const newPart = () => ({
    state: "ok", since: -Infinity, wait: 0, work: 0, rows: new Map(), items: [], base: 0, points: new Map(),
  });

  function newPicture({ parts, counters }) {
    return {
      parts: new Map(parts.map(({ id }) => [id, newPart()])), at: new Map(), recent: [], said: "", saidAt: 0,
      counts: new Map(counters.map(({ id }) => [id, 0])), answers: new Map(), goal: null,
    };
  }

  // 메시지가 있던 자리의 수를 줄이고, 새 자리의 수를 늘립니다
  function place(picture, message, part, name) {
    const [before, old] = picture.at.get(message) ?? [];
    if (old && picture.parts.has(before)) picture.parts.get(before)[old] -= 1;
    if (part === undefined) picture.at.delete(message);
    else picture.at.set(message, [part, name]);
    if (name && picture.parts.has(part)) picture.parts.get(part)[name] += 1;
  }

  const OPS = {
    new: (picture, _, m, part) => place(picture, m, part, ""),
    move: (picture, _, m, part, name) => place(picture, m, part, name),
    gone: (picture, _, m) => place(picture, m),
    state: (picture, time, part, name) => Object.assign(picture.parts.get(part), { state: name, since: time || -Infinity }),
    count(picture, _, counter, number) {
      const more = number > picture.counts.get(counter);
      picture.counts.set(counter, number);
      const tone = this.tones.get(counter);
      if (!more || tone === "plain") return;
      picture.recent.push(tone === "good");
      if (picture.recent.length > RECENT) picture.recent.shift();
    },
    put(picture, time, part, key, text) {
      const { rows } = picture.parts.get(part);
      if (text === null) rows.delete(key);
      else rows.set(key, [text, time]);
    },
    push: (picture, _, part, item) => picture.parts.get(part).items.push(item),
    pop(picture, _, part) {
      const shown = picture.parts.get(part);
      if (shown.items.shift() !== undefined) shown.base += 1;
    },
    point: (picture, _, part, reader, offset) => picture.parts.get(part).points.set(reader, offset),
    say: (picture, time, sentence) => Object.assign(picture, { said: sentence, saidAt: time }),
    answer: (picture, _, id, number, text) => picture.answers.set(id, [number, text]),
    goal: (picture, _, met, sentence) => { picture.goal = [met, sentence]; },
  };

  // 이야기 하나: 지금까지 아는 변화들과, 그 가운데 시간 축에 보일 것
  class Story {
    constructor(description, { seed, at, actions = [], known = 0 }) {
      Object.assign(this, { seed, at: [...at], actions: [...actions], known });
      this.changes = [];
      this.spans = []; // 부품마다 정상이 아니었던 동안
      this.marks = [];
      this.asks = [];
      this.open = new Map();
      this.first = newPicture(description);
      this.tones = new Map(description.counters.map(({ id, tone }) => [id, tone]));
      this.ids = new Set(description.parts.map(({ id }) => id));
      this.frames = [structuredClone(this.first)];
      this.index = 0;
      this.picture = this.first;
    }

    // 변화는 [마이크로초, op, ...]로 옵니다. 모르는 부품의 변화는 버립니다
    add(changes) {
      const added = changes.filter(([, op, part]) =>
        !["state", "put", "push", "pop", "point"].includes(op) || this.ids.has(part));
      for (const [micros, op, ...rest] of added) {
        const time = micros / 1000, i = this.changes.length;
        this.changes.push([time, op, ...rest]);
        if (op === "state") this.turn(time, i, ...rest);
        if (op === "mark") this.marks.push({ time, i, lane: rest[0] });
        if (op === "ask") this.asks.push({ time, i, id: rest[0] });
      }
      return added;
    }

    turn(time, i, part, name) {
      const span = this.open.get(part);
      if (span) Object.assign(span, { to: time, end: i });
      this.open.delete(part);
      if (name === "ok") return;
      const next = { part, name, from: time, i, to: Infinity, end: Infinity };
      this.open.set(part, next);
      this.spans.push(next);
    }

    // `time`까지의 변화의 수
    count(time) {
      let low = 0, high = this.changes.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.changes[middle][0] <= time) low = middle + 1;
        else high = middle;
      }
      return low;
    }

    // 변화 `index`개를 적용한 그림. 앞으로는 이어서, 뒤로는 적어 둔 그림에서부터 적용합니다
    after(index) {
      if (index < this.index) {
        const frame = Math.floor(index / EVERY);
        this.picture = structuredClone(this.frames[frame]);
        this.index = frame * EVERY;
      }
      while (this.index < index) {
        const [time, op, ...rest] = this.changes[this.index++];
        OPS[op]?.call(this, this.picture, time, ...rest);
        if (this.index % EVERY === 0) this.frames[this.index / EVERY] ??= structuredClone(this.picture);
      }
      return this.picture;
    }
  }

  return { Story, EVERY };
})();
