// 진도 페이지: 이 브라우저에 남은 것을 표에 채우고, 파일로 내보내고 가져오고, 지웁니다. 아무 데도 보내지 않습니다.
// 남는 이름은 `ddialab:페이지:키`입니다. 그 뒤에 `/at`이 붙은 것은 남긴 시각,
// `/result`가 붙은 것은 예상을 결과와 견준 말입니다(book.js, ddialab.js).
(() => {
  "use strict";

  const BOOK = "ddialab", FORMAT = 1, WHO = { name: "ddialab-name", student: "ddialab-student" };
  const MOST = 1_000_000, ENTRIES = 5000, DAY = 86_400_000; // 가져올 파일의 글자 수와 항목 수의 한계
  const PAGE = "[A-Za-z0-9][A-Za-z0-9_./-]{0,119}", KEY = "[A-Za-z0-9_-]{1,80}(?:/(?:peeked|met))?";
  const STORED = new RegExp(`^ddialab:(${PAGE}):(${KEY})$`);
  const find = (id) => document.getElementById(`progress-${id}`);
  const table = document.getElementById("progress");
  const pages = JSON.parse(table.querySelector("script").textContent);
  const made = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });

  // --- 이 브라우저에 남은 것 ---

  // 예전에는 페이지의 이름 대신 파일의 이름으로 남겼습니다. 이름이 같은 파일(index.html)은 물음으로 가립니다
  function pageOf(place, key) {
    const same = pages.filter(({ page }) => place === `${page.split("/").pop()}.html`);
    return (same.find((about) => knows(about, key)) ?? (same.length === 1 ? same[0] : { page: place })).page;
  }

  const isTime = (at) => Number.isSafeInteger(at) && at > 0;
  const bare = (key) => key.split("/")[0];

  function knows({ guesses, checks, challenges }, key) {
    return ["seen", "end"].includes(key) || [...guesses, ...checks, ...challenges].some(([one]) => one === bare(key));
  }

  function kept() {
    const found = new Map();
    let names = [];
    try { names = Object.keys(localStorage).sort(); } catch { /* 저장소를 막은 브라우저 */ }
    for (const name of names) {
      const [, place, key] = STORED.exec(name) ?? [];
      if (!place) continue;
      const page = pageOf(place, key), id = `${page}:${key}`;
      const when = Number(localStorage.getItem(`${name}/at`)), at = isTime(when) ? when : null;
      const result = localStorage.getItem(`ddialab:${id}/result`);
      if (!found.has(id) || place === page) found.set(id, { page, key, value: localStorage.getItem(name), at, result });
    }
    return found;
  }

  function put({ page, key, value, at, result }) {
    const name = `ddialab:${page}:${key}`;
    localStorage.setItem(name, value);
    for (const [about, told] of [["at", at], ["result", result]]) {
      if (told) localStorage.setItem(`${name}/${about}`, told);
      else localStorage.removeItem(`${name}/${about}`);
    }
  }

  // 남길 수 있으면 빈 문자열, 없으면 독자에게 알릴 까닭
  function trouble() {
    try {
      localStorage.setItem("ddialab-probe", "1");
      localStorage.removeItem("ddialab-probe");
    } catch (error) {
      return error.name === "QuotaExceededError"
        ? "이 브라우저의 저장 공간이 가득 차서 새로 남길 수 없습니다. 지금까지 남은 것은 그대로입니다."
        : "이 브라우저가 저장을 막아 진도가 남지 않습니다. 책은 그대로 읽을 수 있습니다. 시크릿 창이 아닌 창에서 열거나, 설정에서 이 사이트의 데이터 저장을 허용하세요.";
    }
    return location.protocol === "file:"
      ? "파일로 연 책입니다. 브라우저에 따라 페이지마다 따로 저장해, 다른 페이지에서 한 것이 여기에 나오지 않습니다. 책의 맨 위 폴더에서 python serve.py를 치고 나오는 주소로 열면 모두 모입니다."
      : "";
  }

  // --- 표 ---

  const date = (at) => (at ? new Date(at).toLocaleDateString("ko-KR") : "");

  // 페이지 하나에서 한 것들을 셉니다. 「더 파기」는 건너뛰어도 되므로 따로 셉니다
  function counted({ page, guesses, checks, challenges, deeper }, found) {
    const got = (key) => found.get(`${page}:${key}`);
    const count = (asked, done) => {
      const [story, more] = [false, true].map((deep) => asked.filter(([key]) => deeper.includes(key) === deep));
      return { done: story.filter(done).length, all: story.length, more: [more.filter(done).length, more.length] };
    };
    const peeked = guesses.filter(([key]) => !got(key) && got(`${key}/peeked`)).length;
    const right = checks.filter(([key, , answer]) => got(key)?.value === answer).length;
    return {
      read: got("end") ? "끝까지 읽음" : got("seen") ? "열어 봄" : "",
      guesses: { ...count(guesses, ([key]) => got(key)), aside: peeked ? `그냥 봄 ${peeked}` : "" },
      checks: { ...count(checks, ([key]) => got(key)), aside: checks.some(([key]) => got(key)) ? `맞음 ${right}` : "" },
      challenges: { ...count(challenges, ([scene]) => got(`${scene}/met`)), aside: "" },
    };
  }

  const share = ([done, all]) => `${done} / ${all}`;

  function fillCount(cell, { done, all, more, aside }) {
    cell.textContent = all ? share([done, all]) : "";
    cell.className = all && done === all ? "all" : "";
    const asides = [aside, more[1] ? `더 파기 ${share(more)}` : ""].filter(Boolean);
    asides.forEach((words) => cell.append(made("small", ` ${words}`)));
  }

  function fill(found) {
    const sums = { guesses: [0, 0], checks: [0, 0], challenges: [0, 0], deeper: [0, 0] };
    const add = (kind, counts) => { sums[kind] = sums[kind].map((sum, i) => sum + counts[i]); };
    let read = 0;
    for (const about of pages) {
      const done = counted(about, found);
      const [, reading, ...cells] = table.querySelector(`tr[data-page="${about.page}"]`).cells;
      reading.textContent = done.read || "아직";
      reading.className = done.read === "끝까지 읽음" ? "all" : "";
      read += done.read === "끝까지 읽음";
      ["guesses", "checks", "challenges"].forEach((kind, i) => {
        fillCount(cells[i], done[kind]);
        add(kind, [done[kind].done, done[kind].all]);
        add("deeper", done[kind].more);
      });
    }
    find("sum").textContent = `끝까지 읽음 ${share([read, pages.length])} · 예상 ${share(sums.guesses)}`
      + ` · 스스로 확인 ${share(sums.checks)} · 도전 ${share(sums.challenges)} · 더 파기 ${share(sums.deeper)}`;
  }

  // --- 내가 남긴 예상과 답 ---

  // 결과를 보았으면 견준 말까지. 견준 말은 예상으로 시작합니다
  const guessed = ({ value, result }) => result ?? `예상: ${value}`;

  function answersOn({ page, guesses, checks, challenges }, found) {
    const got = (key) => found.get(`${page}:${key}`), lines = [];
    const tell = (asked, words, { at }) => lines.push([asked, words, date(at)]);
    for (const [key, asked] of guesses) if (got(key)) tell(asked, guessed(got(key)), got(key));
    for (const [key, asked, right] of checks) {
      if (got(key)) tell(asked, `고른 답: ${got(key).value} (${got(key).value === right ? "맞음" : "틀림"})`, got(key));
    }
    for (const [scene, goal] of challenges) {
      const met = got(`${scene}/met`);
      if (met) tell(`도전: ${goal}`, "이루었습니다", met);
    }
    return lines;
  }

  function listOf(lines) {
    const list = document.createElement("ul");
    for (const [asked, words, day] of lines) {
      const item = made("li", asked);
      item.append(document.createElement("br"), words, day && ` · ${day}`);
      list.append(item);
    }
    return list;
  }

  // 물음이 없어졌거나 바뀌어 표에 없는 것. 버리지 않고 보여 주고, 내보낼 때도 함께 담습니다
  const isLost = ({ page, key }) => !pages.some((about) => about.page === pageOf(page, key) && knows(about, key));

  function fillAnswers(found) {
    const parts = pages.map((about) => [about.title, answersOn(about, found)]);
    const lost = [...found.values()].filter((one) => isLost(one) && !/^(seen|end)$|\/peeked$/.test(one.key)).map(({ page, key, value, at, result }) => [`${page} · ${key}`, result ?? value, date(at)]);
    const box = find("answers").querySelector("div");
    box.replaceChildren(...[...parts, ["지금 책에는 없는 것", lost]].filter(([, lines]) => lines.length)
      .flatMap(([title, lines]) => [made("h2", title), listOf(lines)]));
    if (!box.firstChild) box.append(made("p", "아직 없습니다."));
  }

  function show() {
    const found = kept(), note = trouble();
    fill(found);
    fillAnswers(found);
    find("note").textContent = note;
    find("note").hidden = !note;
  }

  const tell = (words) => { find("told").textContent = words; };

  // --- 내보내기 ---

  // 다시 가져올 수 있는 것만 담습니다
  function exported() {
    const entries = [...kept().values()].filter((entry) => !wrongEntry(entry));
    const who = { name: find("name").value, student: find("student").value, date: find("date").value };
    return JSON.stringify({ book: BOOK, format: FORMAT, ...who, entries }, null, 1);
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([exported()], { type: "application/json" }));
    link.download = `ddialab-progress-${today()}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
    tell(`${link.download} 파일로 내보냈습니다. ${kept().size}개가 들어 있습니다.`);
  }

  // --- 가져오기: 파일은 누군가 적은 글입니다. 하나라도 꼴이 어긋나면 아무것도 넣지 않습니다 ---

  const TEXT = (most) => new RegExp(`^[^\\u0000-\\u001f\\u007f]{1,${most}}$`);
  const WHOLE = { page: new RegExp(`^${PAGE}$`), key: new RegExp(`^${KEY}$`), value: TEXT(500) };

  const cut = (value) => String(JSON.stringify(value)).slice(0, 40);

  function wrongEntry(entry) {
    if (typeof entry !== "object" || entry === null) return "항목이 아닙니다";
    for (const [field, pattern] of Object.entries(WHOLE)) {
      if (typeof entry[field] !== "string" || !pattern.test(entry[field])) return `${field}=${cut(entry[field])}을(를) 읽을 수 없습니다`;
    }
    const { at, result = null } = entry; // 예전의 파일에는 result가 없습니다
    if (result !== null && !(typeof result === "string" && TEXT(1000).test(result))) return `result=${cut(result)}을(를) 읽을 수 없습니다`;
    return at === null || isTime(at) ? "" : `at=${cut(at)}은(는) 시각이 아닙니다`;
  }

  // [항목들, ""]이나 [null, 받을 수 없는 까닭]
  function read(text) {
    const refuse = (why) => [null, `${why} 아무것도 바꾸지 않았습니다. 이 책의 「내보내기」로 만든 파일을 그대로 고르세요.`];
    let told = null;
    if (text.length > MOST) return refuse(`파일이 너무 큽니다(${text.length}자). ${MOST}자까지 받습니다.`);
    try { told = JSON.parse(text); } catch { return refuse("파일이 JSON이 아닙니다."); }
    if (told?.book !== BOOK) return refuse("이 책의 진도 파일이 아닙니다.");
    if (told.format !== FORMAT) return refuse(`형식 ${Number(told.format)}의 파일입니다. 이 책은 형식 ${FORMAT}만 읽습니다.`);
    if (!Array.isArray(told.entries) || told.entries.length > ENTRIES) return refuse(`entries가 ${ENTRIES}개 이하인 목록이 아닙니다.`);
    const at = told.entries.findIndex(wrongEntry);
    if (at >= 0) return refuse(`${at + 1}번째 항목: ${wrongEntry(told.entries[at])}.`);
    const line = (text) => (typeof text === "string" && TEXT(80).test(text) ? text : "");
    return [{ who: { name: line(told.name), student: line(told.student) }, entries: told.entries }, ""];
  }

  // 없던 것은 넣고, 다르게 답한 것은 나중에 답한 것을 남깁니다. 앞날의 시각은 믿지 않습니다
  function merge(entries) {
    const found = kept(), sums = { added: 0, newer: 0, same: 0, older: 0 };
    for (const entry of entries) {
      const { key, value, result } = entry, page = pageOf(entry.page, key), mine = found.get(`${page}:${key}`);
      const at = entry.at <= Date.now() + DAY ? entry.at : null;
      const how = !mine ? "added" : mine.value === value ? "same" : (at ?? 0) > (mine.at ?? 0) ? "newer" : "older";
      if (how === "added" || how === "newer") put({ page, key, value, at, result });
      if (how === "same" && result && !mine.result) put({ ...mine, result });
      sums[how] += 1;
    }
    return sums;
  }

  function take(text) {
    const [told, wrong] = read(text);
    if (wrong) return tell(wrong);
    try {
      const { added, newer, same, older } = merge(told.entries);
      const lost = told.entries.filter(isLost).length;
      Object.keys(WHO).filter((field) => !find(field).value).forEach((field) => setWho(field, told.who[field]));
      tell(`${told.entries.length}개를 읽었습니다. 새로 넣은 것 ${added}개, 파일의 답이 나중이라 바꾼 것 ${newer}개,`
        + ` 이미 같은 것 ${same}개, 여기의 답이 나중이라 그대로 둔 것 ${older}개.`
        + (lost ? ` 지금 책에는 없는 것 ${lost}개도 버리지 않고 보관합니다.` : ""));
    } catch {
      tell(`다 넣지 못했습니다. ${trouble() || "저장 공간이 모자랍니다."} 고친 다음 다시 가져오면 이어집니다.`);
    }
    return show();
  }

  function pick(file) {
    if (!file) return undefined;
    if (file.size > 4 * MOST) return tell(`${file.name}: 파일이 너무 큽니다. 이 책의 「내보내기」로 만든 파일을 고르세요.`);
    return file.text().then(take, () => tell(`${file.name}: 파일을 읽지 못했습니다. 다시 고르세요.`));
  }

  // --- 지우기 ---

  function forget() {
    const many = kept().size;
    if (!confirm(`이 브라우저에 남은 진도 ${many}개와 이름과 학번을 모두 지웁니다. 직접 쓴 정책의 코드도 지웁니다. 내보낸 파일이 없으면 되살릴 수 없습니다. 지울까요?`)) return;
    try {
      Object.keys(localStorage).filter((name) => Object.values(WHO).includes(name) || name.startsWith("ddialab:"))
        .forEach((name) => localStorage.removeItem(name));
    } catch { /* 저장소를 막은 브라우저에는 지울 것이 없습니다 */ }
    Object.keys(WHO).forEach((field) => { find(field).value = ""; });
    tell(`${many}개를 지웠습니다.`);
    document.querySelectorAll("#contents .mark").forEach((mark) => mark.remove());
    show();
  }

  // --- 이름과 학번과 날짜 ---

  function setWho(field, text) {
    find(field).value = text;
    try { localStorage.setItem(WHO[field], text); } catch { /* 남기지 못해도 찍을 수는 있습니다 */ }
  }

  function today() {
    const now = new Date();
    return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((one) => String(one).padStart(2, "0")).join("-");
  }

  for (const [field, name] of Object.entries(WHO)) {
    try { find(field).value = localStorage.getItem(name) ?? ""; } catch { /* 저장소를 막은 브라우저 */ }
    find(field).addEventListener("input", () => setWho(field, find(field).value));
  }
  find("date").value = today();
  find("print").addEventListener("click", () => print());
  find("export").addEventListener("click", save);
  find("import").addEventListener("click", () => find("file").click());
  find("file").addEventListener("change", ({ target }) => { pick(target.files[0]); target.value = ""; });
  find("delete").addEventListener("click", forget);
  addEventListener("pageshow", show);
  addEventListener("storage", show);
  show();
})();
