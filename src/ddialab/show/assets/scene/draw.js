// 그리는 도구: 요소를 만들고, 바뀐 속성만 고칩니다. 고친 요소의 수는 draw.touched가 셉니다.
(globalThis.ddialabScene ??= {}).draw = (() => {
  "use strict";

  const ICONS = { // 12×12 칸에 그린 상태 그림: 색을 못 보아도 모양이 다릅니다
    ok: "M1 6.5L4.5 10L11 2", down: "M2 2L10 10M10 2L2 10", drain: "M6 1V10M2 6.5L6 10.5L10 6.5",
    suspect: "M3 4A3 3 0 1 1 6 7V8M6 11V11.2", repair: "M10.5 6A4.5 4.5 0 1 1 8.5 2.2M8.5 0V2.8H5.6",
    cut: "M0 6H4M8 6H12M5 2L7 10", slow: "M2 1H10L2 11H10Z", absent: "M2 6H10", stop: "M4 2V10M8 2V10",
    old: "M2 6A4 4 0 1 1 10 6A4 4 0 1 1 2 6Z", new: "M6 1V11M1 6H11",
  };
  const { STATES } = globalThis.ddialabScene; // 상태의 이름표. 종이의 그림(show/stage.py)과 같은 것입니다
  const LOOKS = { // 메시지의 모양
    go: "M-4.5 0A4.5 4.5 0 1 1 4.5 0A4.5 4.5 0 1 1 -4.5 0Z",
    late: "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0Z", ok: "M-5 0L-1.5 4L5 -4", fail: "M-4 -4L4 4M4 -4L-4 4",
  };
  const BUTTONS = { // 버튼의 그림. 글꼴마다 다른 기호 글자 대신 씁니다
    play: "M4 2L14 8L4 14Z", pause: "M4 2H7V14H4ZM10 2H13V14H10Z", first: "M2 2H4V14H2ZM14 2L6 8L14 14Z",
    back: "M10 2L3 8L10 14ZM11.5 2H13.5V14H11.5Z", next: "M6 2L13 8L6 14ZM2.5 2H4.5V14H2.5Z",
  };

  const draw = { touched: 0 };

  // 값이 바뀐 속성만 고칩니다. 지난 값은 요소에 적어 두어 DOM을 읽지 않습니다
  function set(element, name, value) {
    const was = element.ddialabWas ??= {};
    if (was[name] === value) return;
    was[name] = value;
    draw.touched += 1;
    if (name === "text") element.textContent = value;
    else if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) set(element, name, value);
    element.append(...children);
    return element;
  }

  const svg = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  function html(tag, attributes = {}, ...children) {
    const made = fill(document.createElement(tag), attributes, children);
    // JupyterLab이 화살표와 Enter를 가져가지 않게 합니다. 초점이 있는 요소에 적혀 있어야 통합니다
    if (["button", "input", "select"].includes(tag)) made.dataset.lmSuppressShortcuts = "true";
    return made;
  }

  function button(words, press, attributes = {}) {
    const made = html("button", { type: "button", ...attributes }, words);
    made.addEventListener("click", press);
    return made;
  }

  const glyph = (name) => svg("svg", { class: "dds-glyph", viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("path", { d: BUTTONS[name] }));

  // 글의 너비. 한글은 두 칸, 나머지는 한 칸으로 셉니다
  const cells = (text) => [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 255 ? 2 : 1), 0);

  // 자리에 맞춰 자른 글
  function cut(words, room) {
    const text = String(words);
    if (cells(text) <= room) return text;
    let end = text.length - 1;
    while (end > 1 && cells(text.slice(0, end)) >= room) end -= 1;
    return `${text.slice(0, end)}…`;
  }

  return Object.assign(draw, { ICONS, STATES, LOOKS, set, svg, html, button, glyph, cells, cut });
})();
