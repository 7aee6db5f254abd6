// 직접 쓰는 정책: 표 위에 편집기를 달고, 「실행」을 누르면 페이지 안의 모델이 시드마다 돌립니다.
// connect.js가 독자가 다가올 때 받습니다. 링크나 저장된 것이 저절로 실행되는 일은 없고, 친 코드는 이 브라우저에만 남습니다.
(() => {
  "use strict";

  const PATIENCE = 20; // 이만큼 세는 동안 시드 하나를 마치지 못하면 끝나지 않는 것으로 봅니다(connect.js)
  const INDENT = "    ";
  const WHY = {
    silent: ["정책이 오래 답하지 않아 멈추었습니다.", "부를 때마다 곧바로 값 하나를 돌려주어야 합니다.",
      "while과 for가 언젠가 끝나는지 보고 다시 실행하세요."],
    memory: ["정책이 쓸 수 있는 메모리(64 MB)를 다 썼습니다.", "받은 값을 보고 고르는 데 드는 만큼만 쓸 수 있습니다.",
      "끝없이 자라는 리스트나 수가 없는지 보고 다시 실행하세요."],
    depth: ["함수가 자기를 너무 깊이 불렀습니다.", "되풀이는 for로 적으세요.", "자기를 부르는 줄을 고치고 다시 실행하세요."],
  };
  const ELSEWHERE = "실습을 JupyterLab이나 브라우저 실습실에서 열면 같은 함수를 셀에서 고칠 수 있습니다.";

  class Wrong extends Error { // 정책이 틀렸습니다. 모델은 그대로입니다
    constructor(said, line) {
      super(said.join(" "));
      Object.assign(this, { said, line });
    }
  }

  const made = (tag, words = "", attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = words;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const paragraphs = (lines) => lines.map((line) => made("p", line));

  class Desk {
    constructor(figure, number) {
      this.told = JSON.parse(figure.querySelector("script").textContent);
      this.body = figure.querySelector("tbody");
      this.said = this.body.closest("div").nextElementSibling;
      this.said.setAttribute("role", "status"); // 결과의 말은 들리기도 합니다
      this.caption = this.body.parentNode.createCaption();
      this.adapter = null;
      this.running = false;
      this.build(number);
      figure.prepend(this.editor);
    }

    build(number) {
      const id = `trial-${number}`, { form, text } = this.told;
      this.area = made("textarea", "", { id, rows: text.split("\n").length + 1, wrap: "off",
        spellcheck: "false", autocomplete: "off", autocapitalize: "off", autocorrect: "off", "aria-describedby": `${id}-note` });
      const label = made("label", "내 정책 ", { for: id });
      label.append(made("code", form));
      const note = made("p", "고치고 실행해 보세요. 코드는 이 브라우저에만 남고, 실행은 이 페이지 안에서만 합니다.", { id: `${id}-note`, class: "ddialab-note" });
      this.go = made("button", "실행", { type: "button" });
      const reset = made("button", "처음 코드로", { type: "button" });
      this.bar = made("progress", "", { value: 0, max: 1, "aria-label": "마친 시드", hidden: "" });
      this.status = made("span", "", { role: "status" });
      this.wrong = made("div", "", { class: "ddialab-wrong", role: "alert" });
      const actions = made("div", "", { class: "ddialab-actions" });
      actions.append(this.go, " ", reset, " ", this.bar, " ", this.status);
      this.editor = made("div", "", { class: "ddialab-desk" });
      this.editor.append(label, this.area, note, actions, this.wrong);
      this.area.value = ddialabGuess.recall(this.key) || text;
      this.caption.textContent = "처음 코드의 결과입니다.";
      if (this.area.value !== text) this.status.textContent = "전에 고친 코드입니다.";
      this.area.addEventListener("input", () => this.changed());
      this.area.addEventListener("keydown", (event) => this.indent(event));
      this.go.addEventListener("click", () => (this.running ? this.stop() : this.run()));
      reset.addEventListener("click", () => this.restore());
    }

    get key() {
      return `${this.told.name}/policy`;
    }

    changed() {
      ddialabGuess.remember(this.key, this.area.value);
      this.status.textContent = "";
      this.caption.textContent = this.caption.textContent.replace("방금 실행한", "고치기 전에 실행한");
      this.clear();
    }

    clear() {
      this.wrong.replaceChildren();
      this.area.removeAttribute("aria-invalid");
    }

    restore() {
      this.area.value = this.told.text;
      this.changed();
      ddialabGuess.remember(this.key, "");
      this.status.textContent = "처음 코드로 돌렸습니다.";
    }

    // 새 줄은 윗줄만큼 들여 씁니다. Tab은 그대로 다음 버튼으로 갑니다
    indent(event) {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      const line = this.area.value.slice(0, this.area.selectionStart).split("\n").pop();
      const space = /^ */.exec(line)[0] + (/:\s*$/.test(line) ? INDENT : "");
      if (document.execCommand("insertText", false, `\n${space}`)) event.preventDefault(); // 실행 취소가 됩니다
    }

    async run() {
      this.clear();
      this.stopped = false;
      this.busy(true);
      this.status.textContent = "실행하는 중입니다.";
      try {
        this.show(await this.judged(this.area.value));
      } catch (error) {
        this.refuse(error);
      }
      this.busy(false);
    }

    busy(yes) {
      this.running = yes;
      this.go.textContent = yes ? "멈추기" : "실행";
      this.bar.hidden = !yes;
    }

    stop() {
      this.stopped = true; // 아직 켜는 중이면 켜지는 대로
      this.adapter?.close();
    }

    async judged(text) {
      this.bar.removeAttribute("value");
      if (!this.adapter) {
        this.adapter = await globalThis.ddialabLive.connect({ scene: this.told.name });
        this.adapter.patience = PATIENCE;
        if (this.stopped) this.adapter.close();
      }
      await this.ask({ do: "read", text });
      for (let done = 0, all = 1; done < all;) {
        ({ done, all } = await this.ask({ do: "next" }));
        Object.assign(this.bar, { max: all, value: done });
      }
      return this.ask({ do: "tell", others: this.told.others });
    }

    async ask(request) {
      const reply = await this.adapter.send(request);
      if (reply.error) throw new Wrong(reply.error, reply.line);
      return reply;
    }

    show({ rows, said }) {
      this.body.replaceChildren(...rows.map(([label, ...cells]) => {
        const row = made("tr");
        row.append(made("th", label, { scope: "row" }), ...cells.map((cell) => made("td", cell)));
        return row;
      }));
      this.said.replaceChildren(...paragraphs(said));
      this.caption.textContent = "방금 실행한 코드의 결과입니다.";
      this.status.textContent = "마쳤습니다.";
    }

    refuse(error) {
      this.status.textContent = "";
      if (!(error instanceof Wrong)) this.adapter = null; // 죽은 모델은 다음에 새로 켭니다
      if (error.why === "closed") {
        this.status.textContent = "멈추었습니다.";
        return;
      }
      const line = this.area.value.split("\n")[error.line - 1];
      const said = error.said ?? WHY[error.why] ?? [error.cause ?? String(error), ELSEWHERE];
      this.wrong.replaceChildren(...paragraphs(said));
      if (line?.trim()) this.wrong.firstChild.after(made("pre", line.trim()));
      if (error.said || WHY[error.why]) this.area.setAttribute("aria-invalid", "true");
    }
  }

  // 느린 네트워크에서는 예상을 읽고 쓰는 스크립트보다 먼저 올 수 있습니다
  const begin = () => document.querySelectorAll("figure.ddialab-trial").forEach((figure, number) => new Desk(figure, number));
  if (globalThis.ddialabGuess) begin();
  else addEventListener("load", begin);
})();
