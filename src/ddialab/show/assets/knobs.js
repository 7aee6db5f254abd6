// Jupyter의 슬라이더. 책의 페이지와 같은 브라우저의 기본 요소라서 키보드와 스크린 리더가 그대로 통합니다.
function render({ model, el }) {
  const make = (tag, name) => el.appendChild(Object.assign(document.createElement(tag), { className: name }));
  const controls = make("div", "ddialab-controls"), stage = make("div", ""), told = make("p", "ddialab-told");
  el.classList.add("ddialab");
  controls.innerHTML = model.get("controls");
  told.setAttribute("role", "status");
  const inputs = [...controls.querySelectorAll("input")];
  // JupyterLab이 화살표를 가져가지 않게 합니다. 초점이 있는 요소에 적혀 있어야 통합니다
  for (const input of inputs) input.dataset.lmSuppressShortcuts = "true";
  const show = () => { stage.innerHTML = model.get("picture"); };

  controls.addEventListener("input", ({ target }) => {
    const text = JSON.parse(target.dataset.texts)[target.value];
    target.nextElementSibling.value = text;
    target.setAttribute("aria-valuetext", text);
    model.set("at", inputs.map((input) => Number(input.value)));
    model.save_changes();
  });
  let later = 0; // 움직이는 동안에는 조용히, 멈추면 새 그림이 말하는 바를 한 번만 읽어 줍니다
  model.on("change:picture", () => {
    show();
    clearTimeout(later);
    later = setTimeout(() => {
      const said = stage.querySelector("svg")?.getAttribute("aria-label");
      told.textContent = said ?? stage.querySelector(".ddialab-scroll > p")?.textContent ?? "";
    }, 500);
  });
  show();
}
export default { render };
