// 책의 페이지: 장면마다 재생기를 달고, 주소가 어느 장면의 순간이면 그 순간으로 갑니다.
// 저장된 장면의 나머지는 독자가 손댈 때 받습니다. file://에서도 되도록 보통의 스크립트로 받습니다.
(() => {
  "use strict";

  const { scene: { Scene }, link } = globalThis.ddialabScene;
  const here = document.currentScript.src; // 페이지는 여러 깊이에 있지만 이 파일 곁은 늘 같습니다

  const described = (figure) => JSON.parse(figure.querySelector("script[type='application/json']").textContent);

  function mount(figure) {
    const root = figure.querySelector(".dds-room"), description = described(figure);
    const connect = (about) => globalThis.ddialabLive.connect(about);
    return new Scene(root, description, { connect, linked: true, rest: () => rest(description) });
  }

  function rest({ scene, digest, saved }) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.onload = () => resolve(globalThis.ddialabSaved[`${scene}-${digest}`]);
      script.onerror = () => reject(new Error("저장된 장면을 받지 못했습니다. 네트워크를 확인하고 페이지를 다시 여세요."));
      script.src = new URL(saved.rest, here).href;
      document.head.append(script);
    });
  }

  const figures = [...document.querySelectorAll("figure.ddialab-scene")];
  const mounted = globalThis.ddialabScene.mounted = [];
  const at = (i) => mounted[i] ??= mount(figures[i]);

  function follow() {
    const name = link.nameIn(location.hash);
    if (name === null || !figures.length) return;
    const scene = at(Math.max(0, figures.findIndex((figure) => described(figure).scene === name)));
    scene.root.scrollIntoView();
    scene.ready().then(() => scene.branch.follow(location.hash));
  }

  // 장면은 하나씩, 브라우저가 페이지를 배치하고 한가할 때 그립니다. 사파리에는 requestIdleCallback이 없습니다
  const later = globalThis.requestIdleCallback ?? setTimeout;
  function draw(i) {
    if (i === figures.length) return;
    at(i);
    later(() => draw(i + 1));
  }

  follow();
  later(() => draw(0));
  addEventListener("hashchange", follow);
})();
