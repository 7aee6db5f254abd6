// 메시지의 길: 언제부터 어디로 가는지의 목록. 화면의 크기와 상관없이, 변화가 올 때 한 번만 계산합니다.
// 길은 앞선 변화로만 정해지므로, 뒤에 무엇이 오든 이미 보인 자리는 바뀌지 않습니다.
(globalThis.ddialabScene ??= {}).track = (() => {
  "use strict";

  class Tracks {
    // `hop`: 한 칸을 가는 데 걸리는 시간(장면의 밀리초)
    constructor(hop) {
      this.hop = hop;
      this.all = [];
      this.open = new Map();
      this.slots = new Map(); // 부품의 줄마다, 자리를 차지한 메시지들
    }

    add(changes) {
      for (const [micros, op, m, ...rest] of changes) {
        if (op === "new") this.start(micros / 1000, m, rest[0]);
        else if (this.open.has(m)) this[op]?.(this.open.get(m), micros / 1000, ...rest);
      }
    }

    start(time, m, part) {
      const track = { n: this.all.length, m, hops: [], looks: [[time, "go"]], end: Infinity, held: null };
      track.hops.push({ at: time, part, place: "", slot: 0, lasts: 0 });
      this.open.set(m, track);
      this.all.push(track);
    }

    // 화면에서 그 자리에 닿는 때. 변화가 몰려 오면 앞의 칸을 다 간 뒤에 다음 칸을 갑니다
    arrival({ hops }) {
      const last = hops.at(-1);
      return last.at + last.lasts;
    }

    move(track, time, part, place) {
      const at = Math.max(time, this.arrival(track)), same = track.hops.at(-1).part === part;
      // 밀린 메시지는 서두르고, 줄에서 처리로 가는 길은 짧습니다
      const lasts = this.hop * (same ? 0.35 : at > time ? 0.6 : 1);
      track.hops.push({ at, part, place, slot: this.take(track, part, place), lasts });
    }

    look(track, time, look) {
      track.looks.push([Math.max(time, this.arrival(track)), look]);
    }

    gone(track, time) {
      this.leave(track);
      const last = track.looks.at(-1);
      const seen = this.arrival(track) + (["ok", "fail"].includes(last[1]) ? this.hop : 0);
      track.end = Math.max(time, seen);
      this.open.delete(track.m);
    }

    // 빈자리 가운데 맨 앞
    take(track, part, place) {
      this.leave(track);
      if (!place) return 0;
      const key = `${part}|${place}`;
      if (!this.slots.has(key)) this.slots.set(key, []);
      const row = this.slots.get(key), free = row.indexOf(null), slot = free < 0 ? row.length : free;
      row[slot] = track;
      track.held = [row, slot];
      return slot;
    }

    leave(track) {
      if (track.held) track.held[0][track.held[1]] = null;
      track.held = null;
    }

    alive(time) {
      return this.all.filter((track) => track.hops[0].at <= time && time < track.end);
    }
  }

  const lastAt = (list, time, when) => {
    let i = list.length - 1;
    while (i > 0 && when(list[i]) > time) i -= 1;
    return i;
  };

  const lookAt = ({ looks }, time) => looks[lastAt(looks, time, ([at]) => at)][1];

  // 부드럽게 떠나고 부드럽게 닿습니다
  const ease = (part) => part * part * (3 - 2 * part);

  // 시각 `time`의 자리 [x, y]. 줄의 끝 너머에 선 메시지는 null(수로만 셉니다)
  function spotAt({ n, hops }, time, layout, calm) {
    const i = lastAt(hops, time, ({ at }) => at), { at, part, place, slot, lasts } = hops[i];
    const to = layout.spot(part, place, slot);
    const done = lasts ? (time - at) / lasts : 1;
    if (done >= 1 || calm) return to;
    const from = layout.spot(hops[i - 1].part, hops[i - 1].place, hops[i - 1].slot);
    return from && between(from, to ?? layout.spot(part, "", 0), ease(done), (n % 3) - 1);
  }

  // 선을 따라갑니다. 같은 선 위의 메시지가 겹치지 않게 조금씩 비켜 섭니다
  function between([x, y], [toX, toY], part, side) {
    const across = Math.abs(toX - x) > Math.abs(toY - y);
    const s = 1 - part, bend = 1.5 * s * part + part ** 3;
    const even = 3 * s * part * part + part ** 3; // 두 조절점이 출발과 도착의 높이에 있는 3차 곡선
    const off = side * 12 * part * s;
    return across ? [x + (toX - x) * bend, y + (toY - y) * even + off]
      : [x + (toX - x) * even + off, y + (toY - y) * bend];
  }

  return { Tracks, spotAt, lookAt };
})();
