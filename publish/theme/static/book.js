// 모든 페이지가 함께 사용하는 작은 동작: 밝기, 차례 여닫기, 코드 복사, 넘치는 상자의 키보드 스크롤.
(function () {
  "use strict";
  const root = document.documentElement;
  const find = (selector, from) => (from || document).querySelector(selector);
  const findAll = (selector) => [...document.querySelectorAll(selector)];

  function save(key, value) {
    try { localStorage.setItem(key, value); } catch (error) { /* 저장소를 막은 브라우저에서는 기억하지 않습니다 */ }
  }

  function themeButton(button) {
    const dark = () => root.dataset.theme === "dark";
    const name = () => { button.setAttribute("aria-label", dark() ? "밝은 화면으로 바꾸기" : "어두운 화면으로 바꾸기"); };
    // 휴대전화의 주소 표시줄도 페이지와 같은 색으로 맞춥니다.
    const tint = () => {
      const paper = getComputedStyle(document.body).backgroundColor;
      findAll("meta[name=theme-color]").forEach((meta) => { meta.content = paper; });
    };
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      save("ddialab-theme", root.dataset.theme);
      name();
      tint();
    });
    name();
    if (dark() !== matchMedia("(prefers-color-scheme: dark)").matches) tint();
  }

  function menuButton(button, contents) {
    const open = (yes) => {
      root.classList.toggle("menu-open", yes);
      button.setAttribute("aria-expanded", String(yes));
      button.setAttribute("aria-label", yes ? "차례 닫기" : "차례 열기");
      if (yes) (find("a.current", contents) || find("a", contents)).focus();
    };
    button.addEventListener("click", () => open(!root.classList.contains("menu-open")));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !root.classList.contains("menu-open")) return;
      open(false);
      button.focus();
    });
    contents.addEventListener("click", (event) => { if (event.target.closest("a")) open(false); });
  }

  function copyButton(block) {
    const button = document.createElement("button");
    button.className = "icon copy";
    button.type = "button";
    button.setAttribute("aria-label", "코드 복사");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(find("pre", block).textContent.trimEnd());
      button.setAttribute("aria-label", "복사했습니다");
      button.classList.add("done");
      setTimeout(() => { button.setAttribute("aria-label", "코드 복사"); button.classList.remove("done"); }, 1500);
    });
    block.append(button);
  }

  // 다 재고 나서 고쳐야 페이지를 여러 번 배치하지 않습니다.
  function measure(boxes) {
    // 접혀 있어 잴 수 없는 것도 닿게 둡니다
    const sizes = boxes.map((box) => [box, !box.checkVisibility() || box.scrollWidth > box.clientWidth + 1]);
    for (const [box, wide] of sizes) {
      if (wide) box.tabIndex = 0;
      else if (box !== document.activeElement) box.removeAttribute("tabindex");
    }
  }

  // 넘치는 상자는 마우스 없이도 밀어 볼 수 있어야 합니다. 화면에서 먼 코드는 그려지지 않아 잴 수
  // 없으므로, 그동안은 닿게 둡니다. 글꼴이 오면 너비가 달라지므로 다시 지켜봅니다. 그려진 것만 다시 잽니다.
  function keepReachable(boxes) {
    const resized = new ResizeObserver((entries) => measure(entries.map(({ target }) => target)));
    for (const box of boxes) box.tabIndex = 0;
    const watch = (box) => { resized.unobserve(box); resized.observe(box); };
    boxes.forEach(watch);
    document.fonts.addEventListener("loadingdone", () => boxes.forEach(watch));
    document.addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => {
      const box = find("pre", target);
      if (!skipped) return measure([box]);
      box.tabIndex = 0;
      watch(box); // 크기가 그대로여도, 다시 그려지면 잽니다
    });
  }

  // 지금 읽는 절을 「이 페이지의 차례」에 표시합니다.
  function markSection(list) {
    const links = new Map([...list.querySelectorAll("a[href^='#']")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const link = links.get(target.id);
        if (!isIntersecting || !link) continue;
        links.forEach((other) => other.removeAttribute("aria-current"));
        link.setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-15% 0px -75% 0px" });
    findAll("main section[id]").forEach((section) => seen.observe(section));
  }

  function keepOpenWhenWide(details) {
    const wide = matchMedia("(min-width: 80rem)");
    const follow = () => { details.open = wide.matches; };
    wide.addEventListener("change", follow);
    follow();
  }

  // 파일로 연 책(USB의 묶음)에서는 브라우저가 실습실의 스크립트를 막습니다. 여는 법을 대신 알려 줍니다.
  function tellHowToPlay(link) {
    const note = document.createElement("span");
    const command = document.createElement("code");
    command.textContent = "python serve.py";
    note.append("브라우저에서 실행하려면 이 책의 맨 위 폴더에서 ", command, "를 치고 나오는 주소로 여세요.");
    link.replaceWith(note);
  }

  if (location.protocol === "file:") findAll("a.play").forEach(tellHowToPlay);
  themeButton(find("button.theme"));
  menuButton(find("button.menu"), find("#contents"));
  if (navigator.clipboard) findAll("main div.highlight").filter((box) => !box.closest(".cell_output")).forEach(copyButton);
  addEventListener("beforeprint", () => findAll("details.deeper").forEach((details) => { details.open = true; }));
  const here = find("details.here");
  if (here) { keepOpenWhenWide(here); markSection(here); }
  keepReachable(findAll("main pre, .table-wrap, div.math, .cell_output .output, .ddialab-scroll"));
})();
