// 범례: 그 장면에서 볼 수 있는 것만. 무엇이 나오는지는 설명(show/legend.py)이 알려 줍니다.
(globalThis.ddialabScene ??= {}).legend = (() => {
  "use strict";

  const { svg, html, LOOKS, STATES } = globalThis.ddialabScene.draw;
  const { BARS, OWN, bar } = globalThis.ddialabScene.timeline;
  const WORDS = { go: "요청", ok: "성공", fail: "실패", late: "시간 초과" };

  function legend({ seen, actions, knobs, lanes }) {
    const row = (words, tag, attributes) => html("li", {}, svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, svg(tag, attributes)), words);
    const some = (table, row) => Object.keys(table).filter((name) => seen.includes(name)).map(row);
    const rows = some(WORDS, (name) => row(WORDS[name], "path", { class: "dds-dot", "data-look": name, d: LOOKS[name] }));
    rows.push(...some(BARS, (name) => row(STATES[name], "path", { class: `dds-bar dds-${name}`, d: bar(name, -8, 0, 16) })));
    if (lanes.length) rows.push(row("일이 있던 때", "path", { class: "dds-ticks", d: "M0 -5v10" }));
    if (actions.length || knobs.some(({ live }) => live)) rows.push(row("조작", "path", { class: "dds-own", d: `M0 4${OWN}` }));
    if (seen.includes("put")) rows.push(row("방금 바뀐 것", "text", { class: "dds-item dds-mid", "data-fresh": "", y: 4, text: "가" }));
    return html("ul", { class: "dds-legend", "aria-label": "범례" }, ...rows);
  }

  return { legend };
})();
