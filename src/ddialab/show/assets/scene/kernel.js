// Jupyter: 같은 장면을 커널의 파이썬이 돌립니다. 부탁과 답은 anywidget의 메시지로 오갑니다.

// 부탁마다 번호를 붙여, 돌아온 답을 제 부탁에 잇습니다
function adapter(model) {
  const waiting = new Map();
  let asked = 0;
  const hear = ({ id, text }) => {
    waiting.get(id)?.(JSON.parse(text));
    waiting.delete(id);
  };
  model.on("msg:custom", hear);
  const send = (request) => new Promise((resolve) => {
    waiting.set(asked += 1, resolve);
    model.send({ id: asked, text: JSON.stringify(request) });
  }).catch(() => { throw Error("커널이 다시 켜졌습니다. 이 장면의 셀을 다시 실행하세요."); }); // 받을 위젯이 없습니다
  return { open: send, send, close: () => model.off("msg:custom", hear) };
}

// 노트북이 열린 동안만 기억합니다
const memory = new Map();
Object.assign(globalThis.ddialabGuess, {
  recall: (key) => memory.get(key) ?? null, remember: (key, guess) => memory.set(key, guess), keep() {}, settle() {},
});

function render({ model, el }) {
  const root = document.createElement("div");
  const figure = document.createElement("figure");
  figure.className = "ddialab ddialab-scene";
  figure.append(root);
  el.append(figure);
  const connect = async () => adapter(model);
  const scene = new globalThis.ddialabScene.scene.Scene(root, model.get("description"), { connect, linked: false });
  return () => scene.close();
}
export default { render };
