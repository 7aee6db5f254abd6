// 모든 페이지가 함께 사용하는 작은 동작: 밝기, 차례 여닫기, 코드 복사, 넘치는 상자의 키보드 스크롤, 진도.
(function () {
  "use strict";
  const root = document.documentElement;
  const find = (selector, from) => (from || document).querySelector(selector);
  const findAll = (selector) => [...document.querySelectorAll(selector)];

  if (!root.dataset.theme) { // 보안 정책이 페이지 안의 스크립트를 막았습니다(layout.html)
    root.classList.add("js");
    let saved = null;
    try { saved = localStorage.getItem("ddialab-theme"); } catch (error) { /* 저장소를 막은 브라우저 */ }
    root.dataset.theme = saved || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

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

  // 스크립트가 없으면 차례는 본문 뒤에 있고 머리에는 그리 가는 링크가 있습니다. 여닫는 버튼으로 바꿉니다.
  function menuButton(link, contents) {
    const button = document.createElement("button");
    Object.assign(button, { className: link.className, type: "button", ariaLabel: "차례 열기", ariaExpanded: "false" });
    button.setAttribute("aria-controls", contents.id);
    link.replaceWith(button);
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
  // 탭 키로 다니는 독자가 나타나면 먼 것까지 한 번에 재어, 넘치지 않는 코드에 멈추지 않게 합니다.
  function keepReachable(boxes) {
    const unknown = new Set();
    const look = (seen) => { measure(seen); seen.forEach((box) => unknown.delete(box)); };
    const resized = new ResizeObserver((entries) => look(entries.map(({ target }) => target)));
    const watch = (box) => { box.tabIndex = 0; unknown.add(box); resized.unobserve(box); resized.observe(box); };
    boxes.forEach(watch);
    document.fonts.addEventListener("loadingdone", () => boxes.forEach(watch));
    addEventListener("keydown", ({ key }) => { if (key === "Tab") look([...unknown]); }, true);
    document.addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => {
      const box = find("pre", target);
      if (skipped) watch(box); // 크기가 그대로여도, 다시 그려지면 잽니다
      else look([box]);
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
    findAll("a.play").forEach((other) => other.remove());  // 과제처럼 여럿이면 한 번만 말합니다
  }

  // --- 진도: 열어 본 페이지와 끝까지 읽은 페이지를 이 브라우저에만 남기고, 차례의 링크에 표시합니다 ---

  const MARKS = { "/met": "도전을 이룸", ":end": "끝까지 읽음", ":seen": "열어 봄" };
  const GUESS = /^(?!seen$|end$|check-)[^/]+$/; // 남는 이름들 가운데 예상의 것

  function markContents() {
    let keys = [];
    try { keys = Object.keys(localStorage); } catch (error) { /* 저장소를 막은 브라우저 */ }
    const top = new URL(root.dataset.content_root, location).pathname.length;
    findAll("#contents a").forEach((link) => {
      const page = `ddialab:${link.pathname.slice(top).replace(".html", "")}:`;
      const own = keys.filter((key) => key.startsWith(page));
      const marks = Object.keys(MARKS).filter((mark) => own.some((key) => key.endsWith(mark))).slice(0, 1);
      const told = marks.map((mark) => MARKS[mark]);
      if (own.some((key) => GUESS.test(key.slice(page.length)))) { marks.push(" guessed"); told.push("예상함"); }
      if (!marks.length) { const old = find(".mark", link); if (old) old.remove(); return; }
      const said = find(".mark", link) || link.appendChild(document.createElement("span"));
      said.textContent = ` (${told.join(", ")})`;
      said.className = `mark ${marks.map((mark) => mark.slice(1)).join(" ")}`;
    });
  }

  function keep(what) {
    const key = `ddialab:${root.dataset.page}:${what}`;
    try { if (localStorage.getItem(key)) return; } catch (error) { return; }
    save(key, "1");
    save(`${key}/at`, Date.now());
    markContents();
  }

  // 종이에서는 열 수 없으므로 찍는 동안만 폅니다. 접어 둔 답은 독자가 편 것만 찍힙니다.
  function printUnfolded() {
    let folded;
    const open = (yes) => folded.forEach((details) => { details.open = yes; });
    addEventListener("beforeprint", () => { folded = findAll("details:not(.hide, .here, .sd-dropdown, [open])"); open(true); });
    addEventListener("afterprint", () => open(false));
  }

  if (location.protocol === "file:") findAll("a.play").forEach(tellHowToPlay);
  themeButton(find("button.theme"));
  menuButton(find("a.menu"), find("#contents"));
  if (navigator.clipboard) findAll("main div.highlight").filter((box) => !box.closest(".cell_output")).forEach(copyButton);
  printUnfolded();
  addEventListener("pageshow", markContents); // 뒤로 가기로 돌아오면 스크립트가 다시 실행되지 않습니다
  if (root.dataset.page) {
    keep("seen");
    new IntersectionObserver(([end]) => { if (end.isIntersecting) keep("end"); }).observe(find(".turn"));
  }
  const here = find("details.here");
  if (here) { keepOpenWhenWide(here); markSection(here); }
  keepReachable(findAll("main pre, main figure:not(.ddialab), .table-wrap, div.math, .cell_output .output, .ddialab-scroll"));
})();
