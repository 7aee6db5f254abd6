// 장면 하나: 시간을 흘리고 그 순간을 그립니다. 그리기는 시각만으로 정해지므로 앞뒤로 아무리 감아도 같습니다.
(globalThis.ddialabScene ??= {}).scene = (() => {
  "use strict";

  const scenes = globalThis.ddialabScene;
  const { html, set, svg, button } = scenes.draw;
  const HOP = 220; // 점이 한 칸을 가는, 화면의 밀리초
  const BEAT = 500; // 움직임을 줄여 달라는 독자의 화면이 바뀌는 간격
  const SHORT = 20000, LONG = 60000; // 장면을 다 보는 데 걸리는, 화면의 밀리초
  const ENDED = "끝났습니다. 되감거나 시간 막대를 왼쪽으로 옮긴 뒤에 누르세요.";
  const FIRST = "먼저 예상하거나 「그냥 보기」를 누르세요.";

  const seconds = (time) => `${(time / 1000).toFixed(1)}초`;

  class Scene {
    // `connect`는 첫 조작에 모델을 켭니다. `linked`면 이 순간의 링크를 만들 수 있습니다.
    // `rest`는 페이지에 담지 않은, 저장된 장면의 나머지를 받아 옵니다
    constructor(root, description, { connect, linked, rest }) {
      Object.assign(this, { root, description, rest, time: 0, wanted: 0, seen: 0, until: 0, playing: false, width: 0 });
      this.sent = null; // 링크가 가리키는 시각. 가는 길에 물음이 있으면 답한 다음에 닿습니다
      this.whose = "reader"; // 누가 한 것인가: reader, solution, sender
      const { end, saved } = description;
      this.rate = end / Math.min(LONG, Math.max(SHORT, end)); // 화면 1초에 흐르는 장면의 시간
      this.hop = HOP * this.rate;
      this.calm = matchMedia("(prefers-reduced-motion: reduce)");
      this.saved = this.reel = new scenes.live.Reel(description, { ...saved, known: saved.rest ? 0 : end }, this.hop);
      this.saved.add({ changes: saved.changes });
      this.branch = new scenes.branch.Branch(this, connect);
      const room = root.clientWidth; // 요소를 넣기 전에 봅니다. 넣은 다음에 보면 페이지를 한 번 더 배치합니다
      this.build(linked);
      this.resize(room);
      this.watch = new ResizeObserver(() => this.resize(root.clientWidth));
      this.watch.observe(root);
    }

    get story() { return this.reel.story; }

    get ended() { return this.time >= this.description.end; }

    // --- 화면 만들기 ---

    build(linked) {
      const { description: about, branch } = this, { controls } = scenes;
      this.stage = svg("svg", { class: "dds-stage", role: "img", "aria-label": about.alt ?? about.title });
      this.messages = new scenes.messages.Messages();
      this.when = html("span", { "aria-hidden": "true" }); // 듣는 독자는 그 순간에 듣습니다
      this.now = html("span", { class: "dds-now", "aria-live": "polite" });
      this.hint = html("p", { class: "dds-hint", "aria-hidden": "true" });
      this.told = html("p", { class: "dds-told", role: "status" });
      this.heard = html("p", { class: "ddialab-said", role: "status" });
      this.actions = new controls.Actions(about, (action, target) => this.press(action, target));
      this.asking = new scenes.ask.Asking(about, { go: () => this.answered(), jump: () => this.jump() });
      this.bar = new controls.Bar(this);
      this.knobs = new controls.Knobs(about, (...turned) => branch.turn(...turned));
      this.timeline = new scenes.timeline.Timeline(about, {
        seek: (time) => this.go(time), pressed: () => this.hush(true), released: () => this.ready().then(() => this.read()),
      });
      this.challenge = about.challenge && new scenes.challenge.Challenge(about.challenge, this.knobs.box, {
        start: () => { branch.again(); this.look(); }, solve: () => branch.solve(),
      });
      this.root.classList.add("dds");
      this.root.parentNode.setAttribute("aria-label", about.title); // 한 페이지의 장면들을 이름으로 가립니다
      this.root.append(...[this.challenge?.box, this.board(), this.stage, html("div", { class: "dds-line" },
        html("p", {}, this.when, this.now), this.hint, this.told, this.heard),
        this.challenge?.judged, this.asking.heard, this.asking.box, this.actions.box, this.timeline.drawing, this.timeline.range, this.foot(linked),
        this.challenge ? null : this.knobs.box, scenes.legend.legend(about)].filter(Boolean));
    }

    board() {
      this.clock = html("span", { class: "dds-clock" });
      this.counts = this.description.counters.map(({ id, label, tone }) => {
        const value = html("b");
        return { id, value, box: html("span", { class: "dds-count", "data-tone": tone }, `${label} `, value) };
      });
      return html("div", { class: "dds-board" }, this.bar.play, this.clock, ...this.counts.map(({ box }) => box));
    }

    foot(linked) {
      this.address = html("input", { type: "text", class: "dds-address", readonly: "", "aria-label": "이 순간의 링크", hidden: "" });
      const copy = linked ? [button("이 순간의 링크 복사", () => this.branch.copy())] : [];
      this.mine = button("내 조작 지우기", () => { this.forget(); this.rewind(); this.hold(); }, { hidden: "" });
      return html("div", { class: "dds-row dds-foot" }, this.bar.box, this.bar.speed, ...copy, this.mine, this.address);
    }

    showAddress(url) {
      this.address.hidden = false;
      this.address.value = url;
      this.address.select();
    }

    // 글자를 키운 독자에게는 그림도 그만큼 큽니다
    resize(room) {
      const { description: about } = this;
      const width = Math.round((room || 640) / (parseFloat(getComputedStyle(document.documentElement).fontSize) / 16));
      if (width === this.width) return;
      this.width = width;
      this.layout = scenes.layout.layout(about, width);
      const { boxes, frames, wires } = this.layout;
      this.parts = about.parts.map((part) => new scenes.parts.Part(part, this.layout, (id) => this.tap(id)));
      const label = (id) => about.groups.find((group) => group.id === id)?.label ?? "";
      set(this.stage, "viewBox", `0 0 ${this.layout.width} ${this.layout.height}`);
      this.stage.replaceChildren(...frames.map((frame) => scenes.parts.groupView(frame, label(frame.id))),
        ...wires.map((d) => svg("path", { class: "dds-wire", d })), ...this.parts.map(({ group }) => group),
        this.messages.layer, ...this.parts.map(({ words }) => words)); // 점이 글자를 가리지 않게
      this.timeline.build(this.layout.width, room / this.layout.width);
      this.draw();
    }

    // --- 그 순간 ---

    // 아직 답하지 않은 첫 물음. 그 앞까지만 갈 수 있습니다
    halt() { return this.story.asks.find(({ id }) => !this.asking.passed(id)); }

    seek(time) {
      const limit = Math.min(this.description.end, this.story.known, this.halt()?.time ?? Infinity);
      this.wanted = time;
      if (time > this.story.known && this.reel === this.saved) this.ready();
      this.time = Math.min(Math.max(time, 0), limit);
      this.draw();
    }

    draw() {
      const halt = this.halt(), count = this.story.count(this.time), { playing } = this;
      this.index = halt ? Math.min(count, halt.i + 1) : count;
      this.seen = Math.max(this.seen, this.index);
      this.until = Math.max(this.until, this.time);
      this.halted = Boolean(halt) && this.index > halt.i;
      if (this.halted) this.playing = false;
      this.asking.show(this.halted ? halt.id : null, playing, this.sent === null ? "" : seconds(this.sent));
      this.show(this.story.after(this.index));
    }

    show(picture) {
      const { time, layout, story, calm, ended } = this, clock = seconds(time);
      const offer = (id) => (ended ? undefined : this.actions.offer(id, picture));
      set(this.clock, "text", clock);
      for (const { id, value } of this.counts) set(value, "text", picture.counts.get(id));
      for (const part of this.parts) part.show(picture, time, this.rate, offer(part.id), calm.matches);
      this.messages.show(this.reel.tracks, time, layout, calm.matches);
      this.timeline.show(story, this.seen, this.until, time, clock);
      set(this.when, "text", picture.said && `${seconds(picture.saidAt)}: `);
      set(this.now, "text", picture.said);
      set(this.hint, "text", picture.said ? "" : this.invitation(offer, picture));
      this.actions.show(picture, ended);
      this.knobs.show(this.positions());
      this.asking.tell(picture.answers);
      this.challenge?.show(picture.goal, this.whose);
      if (this.acted && picture.goal?.[0]) globalThis.ddialabGuess.keep(`${this.description.scene}/met`); // 진도
      this.bar.show(this.playing, ended);
      this.mine.hidden = this.reel === this.saved;
    }

    // 아직 아무 말이 없을 때, 지금 그림에서 정말 할 수 있는 일
    invitation(offer, picture) {
      if (this.halted) return "예상하면 이어집니다.";
      if (this.ended) return "끝났습니다. 되감아 다시 해 볼 수 있습니다.";
      const { actions } = this.description, pressed = this.parts.filter(({ pill }) => pill).map(({ id }) => offer(id));
      const inside = actions.find((action) => pressed.includes(action)); // 앞에 적은 조작부터 권합니다
      const below = actions.some((action) => !pressed.includes(action)
        && action.targets.some((target) => this.actions.offered(action, target, picture)));
      const also = inside ? `그림 속의 「${inside.label}」도${below ? ", 아래의 버튼도" : ""} 누를 수 있습니다.` : "";
      if (this.playing) return also;
      return `${this.challenge && !this.time ? "설정을 고르고 「도전 시작」을 누르세요." : "재생해 보세요."} ${also}`;
    }

    // 슬라이더들이 그 순간에 있던 칸. 방금 돌린 것은 모델이 답하기 전에도 돌린 칸에 있습니다
    positions() {
      const at = [...this.story.at], done = this.story.actions.filter(([time]) => time <= this.time);
      for (const [, name, target] of [...done, [this.time, ...this.actions.pressing ?? []]]) {
        const i = this.description.knobs.findIndex((knob) => knob.name === name);
        if (i >= 0) at[i] = target;
      }
      return at;
    }

    tell(words) { set(this.told, "text", words); }

    // 흐르는 동안에만 저절로 읽어 줍니다. 독자가 시각을 옮기면 옮긴 다음에 한 번 읽습니다(read)
    hush(quiet) { set(this.now, "aria-live", quiet ? "off" : "polite"); }

    // `first`: 시각. 시각 막대는 스스로 읽습니다. 같은 말이면 빈칸을 붙여 또 들리게 합니다
    read(...first) {
      const asked = this.halted ? this.asking.asks.get(this.halt().id).question : "";
      const when = this.when.textContent, said = (when === `${seconds(this.time)}: ` ? "" : when) + this.now.textContent;
      const words = [...first, said, asked, this.ended ? this.ending() : ""].filter(Boolean).join(" ");
      set(this.heard, "text", first.length && this.heard.textContent === words ? words + "\u00a0" : words);
    }

    ending() { return `끝났습니다. ${this.counts.map(({ box }) => box.textContent).join(", ")}.`; }

    // 그림이 화면 밖이면 시계 줄부터 보이게 합니다. 「도전 시작」은 그림보다 위에, 물음은 아래에 있습니다.
    // 시계 줄은 휴대전화에서 위에 붙어 있으므로, 그 줄이 아니라 그림을 옮깁니다
    look() {
      const clock = this.root.querySelector(".dds-board").getBoundingClientRect(), said = this.now.closest(".dds-line");
      const { top } = this.stage.getBoundingClientRect();
      if (clock.top >= 0 && top >= clock.bottom - 1 && said.getBoundingClientRect().bottom <= innerHeight) return;
      this.stage.style.scrollMarginTop = `calc(4rem + ${clock.height}px)`;
      this.stage.scrollIntoView();
    }

    // 누른 것이 사라질 때 초점이 갈 곳
    hold() { this.bar.play.focus({ preventScroll: true }); }

    // --- 흐르는 시간 ---

    toggle() {
      this.tell("");
      if (this.playing) this.pause();
      else if (this.halted) this.ask();
      else this.play();
    }

    play() {
      if (this.ended) this.seek(0);
      if (this.playing) return;
      this.playing = true;
      this.hush(false);
      set(this.heard, "text", "");
      let before = performance.now();
      const frame = (stamp) => {
        if (!this.playing || !this.root.isConnected) return;
        const beat = this.calm.matches ? BEAT : 0;
        if (stamp - before >= beat) {
          const passed = Math.min(stamp - before, Math.max(beat * 1.5, 100));
          before = stamp;
          this.advance(passed * this.rate * this.bar.speed.value);
        }
        requestAnimationFrame(frame);
      };
      this.draw();
      requestAnimationFrame(frame);
    }

    advance(amount) {
      this.seek(this.time + amount);
      if (this.ended) {
        this.pause();
        this.tell(""); // 「도전을 시작합니다」는 이제 맞지 않습니다
        set(this.heard, "text", this.ending());
      } else if (this.playing) this.branch.ahead();
    }

    pause() {
      this.playing = false;
      this.draw();
    }

    // 독자가 고른 시각으로. 앞서 한 말은 이제 맞지 않습니다
    go(time) {
      this.pause();
      this.tell("");
      this.seek(time);
    }

    rewind() {
      this.hush(true);
      this.go(0);
      this.read(`${seconds(0)}.`);
    }

    // 물음이 가로막고 있으면 그 물음으로
    ask() {
      this.tell(FIRST);
      this.asking.focus();
    }

    // 답한 다음: 링크를 따라온 독자는 그 순간으로, 아니면 이어서 봅니다.
    // 물음은 사라졌으므로 초점이 갈 곳을 정합니다
    answered() {
      this.hold();
      this.look();
      if (this.sent === null) this.play();
      this.tell(this.sent === null ? "" : this.arrive());
    }

    jump() {
      for (const { id, time } of this.story.asks) if (time <= this.sent && !this.asking.passed(id)) this.asking.peek(id);
      this.answered();
    }

    // 링크의 순간으로. 물음이 가로막으면 거기까지만 가고, 뒤는 보이지 않습니다
    arrive(note = "") {
      const { sent } = this;
      this.seek(sent);
      if (this.halted) {
        this.asking.focus();
        return note;
      }
      this.sent = null;
      this.hold();
      return `${seconds(sent)}의 장면입니다. ${note}`;
    }

    // 변화가 있는 다음 순간이나 앞의 순간으로
    async step(way) {
      this.go(this.time);
      await this.ready();
      this.hush(true);
      const { story, description: { end } } = this;
      if (way > 0 && this.halted) return this.ask();
      while (way > 0 && !story.changes[this.index] && story.known < end) if (!await this.branch.grow(story.known)) return undefined;
      const next = way < 0 ? story.changes[story.count(this.time - 0.001) - 1]?.[0] ?? 0 : story.changes[this.index]?.[0] ?? end;
      this.seek(next);
      return this.read(`${seconds(this.time)}.`);
    }

    // 저장된 장면의 나머지를 받습니다. 그동안 가려던 시각으로는 받은 다음에 갑니다
    ready() {
      const { saved, end } = this.description;
      this.coming ??= saved.rest ? this.rest().then((changes) => {
        this.saved.add({ changes, ms: end });
        if (this.reel === this.saved) this.seek(this.wanted);
      }).catch((error) => this.tell(error.message)) : Promise.resolve();
      return this.coming;
    }

    // --- 이야기 바꾸기 ---

    tap(id) {
      const offer = this.actions.offer(id, this.actions.picture);
      if (this.actions.targets.includes(id)) this.actions.pick(id);
      if (offer) this.press(offer, id);
    }

    // 끝에서 한 일은 일어날 시간이 없습니다
    press(action, target) {
      if (this.ended) this.tell(ENDED);
      else if (this.actions.offered(action, target, this.actions.picture)) this.branch.act(action.name, target);
    }

    // 다른 이야기의 그 순간으로. 그 뒤는 아직 보지 않은 것입니다
    change(reel, time) {
      Object.assign(this, { reel, until: 0, seen: 0, playing: false, sent: null });
      this.seek(time);
    }

    forget() {
      this.tell("");
      this.whose = "reader";
      this.change(this.saved, 0);
    }

    close() {
      this.playing = false;
      this.watch.disconnect();
      this.branch.live.close();
    }
  }

  return { Scene };
})();
