// 값이 모두 말인 슬라이더는 라디오 버튼으로: 무엇을 고를 수 있는지 끌어 보지 않아도 보입니다.
(globalThis.ddialabScene ??= {}).choice = (() => {
  "use strict";

  const { html } = globalThis.ddialabScene.draw;
  const MOST = 4;

  const worded = ({ texts }) => texts.length <= MOST && !texts.some((text) => /\d/.test(text));

  // 슬라이더와 같은 모양으로 씁니다: `input.value`가 고른 칸
  function choice({ label, texts }, turn) {
    // 번호를 세면, 장면마다 재생기를 따로 읽는 Jupyter에서 이름이 겹칩니다
    const name = `dds-${Math.random()}`;
    const radios = texts.map((_, index) => html("input", { type: "radio", name, value: index, autocomplete: "off" }));
    radios.forEach((radio, index) => radio.addEventListener("change", () => turn(index)));
    const input = {
      get value() { return String(radios.findIndex(({ checked }) => checked)); },
      set value(index) { radios[index].checked = true; },
    };
    const row = html("fieldset", { class: "dds-choice" }, html("legend", {}, label), html("div", { class: "dds-targets" },
      ...texts.map((text, index) => html("label", { class: "dds-chip" }, radios[index], html("span", {}, text)))));
    return { input, row, tell: () => {} };
  }

  return { worded, choice };
})();
