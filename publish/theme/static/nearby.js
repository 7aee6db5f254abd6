// 장면이 아래쪽에 있는 페이지: 장면이 한 화면 앞까지 다가오거나 키를 누르면 재생기를 받습니다.
// 읽다가 거기까지 가지 않는 독자는 받지 않습니다. 장면이 맨 앞인 페이지는 재생기를 곧바로 싣습니다.
(() => {
  "use strict";

  const FILES = ["live/connect.js", "scene.js"];
  const here = document.currentScript.src;
  let asked = false;

  function load() {
    if (asked) return;
    asked = true;
    for (const name of FILES) {
      const script = document.createElement("script");
      script.async = false; // 적은 차례대로 실행합니다
      script.src = new URL(name, here).href;
      document.head.append(script);
    }
  }

  const watch = new IntersectionObserver((seen) => {
    if (seen.some(({ isIntersecting }) => isIntersecting)) load();
  }, { rootMargin: "100% 0px" });
  for (const figure of document.querySelectorAll("figure.ddialab-scene")) watch.observe(figure);
  addEventListener("keydown", load, { once: true }); // Tab으로 장면을 건너뛰지 않게 합니다
  if (location.hash.startsWith("#scene=")) load();
})();
