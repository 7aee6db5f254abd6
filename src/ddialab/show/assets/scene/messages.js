// 오가는 메시지: 점 하나가 요청 하나입니다. 점의 요소는 다시 쓰고, 움직인 것만 고칩니다.
(globalThis.ddialabScene ??= {}).messages = (() => {
  "use strict";

  const { svg, set, LOOKS } = globalThis.ddialabScene.draw;
  const { spotAt, lookAt } = globalThis.ddialabScene.track;

  class Messages {
    constructor() {
      this.layer = svg("g");
      this.idle = [];
      this.used = new Map(); // 길 -> 요소. 서 있는 메시지는 같은 요소에 머물러 아무것도 고치지 않습니다
    }

    show(tracks, time, layout, calm) {
      const seen = new Set();
      for (const track of tracks.alive(time)) {
        const spot = spotAt(track, time, layout, calm);
        if (!spot) continue;
        seen.add(track);
        const dot = this.used.get(track) ?? this.take(track);
        set(dot, "transform", `translate(${spot[0].toFixed(1)} ${spot[1].toFixed(1)})`);
        const look = lookAt(track, time);
        set(dot, "data-look", look);
        set(dot, "d", LOOKS[look]);
      }
      for (const [track, dot] of this.used) if (!seen.has(track)) this.drop(track, dot);
    }

    take(track) {
      const dot = this.idle.pop() ?? this.layer.appendChild(svg("path", { class: "dds-dot" }));
      set(dot, "display", null);
      this.used.set(track, dot);
      return dot;
    }

    drop(track, dot) {
      set(dot, "display", "none");
      this.used.delete(track);
      this.idle.push(dot);
    }
  }

  return { Messages };
})();
