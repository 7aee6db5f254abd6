// 범례: 점의 모양과 부품의 상태. 저장된 장면의 나머지는 나중에 오므로 설명만 보고 정합니다.
(globalThis.ddialabScene ??= {}).legend = (() => {
  "use strict";

  const { svg, html, LOOKS, STATES } = globalThis.ddialabScene.draw;
  const { BARS } = globalThis.ddialabScene.timeline;
  const WORDS = { go: "요청", ok: "성공", fail: "실패", late: "시간 초과" };

  function legend({ actions, wires, saved }) {
    const used = new Set(actions.flatMap(({ when }) => when));
    for (const [, op, , name] of saved.changes) if (op === "state") used.add(name);
    const row = (mark, words) => html("li", {}, svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, mark), words);
    const looks = wires.length ? Object.keys(WORDS) : [];
    return html("ul", { class: "dds-legend" },
      ...looks.map((name) => row(svg("path", { class: "dds-dot", "data-look": name, d: LOOKS[name] }), WORDS[name])),
      ...Object.keys(BARS).filter((name) => used.has(name)).map((name) => row(svg("rect", {
        class: `dds-bar dds-${name}`, x: -8, y: -BARS[name] / 2, width: 16, height: BARS[name],
      }), STATES[name])));
  }

  return { legend };
})();
