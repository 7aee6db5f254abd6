// 독자의 조작: 그 순간까지는 그대로 두고, 그 뒤를 새로 씁니다. 첫 조작에 모델을 켭니다.
// 모델이 켜지지 않거나 죽으면 저장된 장면으로 돌아갑니다.
(globalThis.ddialabScene ??= {}).branch = (() => {
  "use strict";

  const { Live, Refused } = globalThis.ddialabScene.live;
  const link = globalThis.ddialabScene.link;
  const AHEAD = 100; // 모델을 앞서 돌려 두는, 장면의 밀리초
  const STARTING = "모델을 켜는 중입니다.", STARTED = "도전을 시작합니다.";

  class Branch {
    constructor(scene, connect) {
      this.scene = scene;
      this.live = new Live(scene.description, connect, scene.hop);
      this.mine = new WeakSet(); // 독자가 한 조작. 대본이나 남의 링크에 있던 것은 아닙니다
    }

    get saved() { return this.scene.reel === this.scene.saved; }

    // 모델을 지금보다 조금 앞까지만 돌려 둡니다
    ahead() {
      const { story, time, description } = this.scene;
      if (this.saved || this.growing || story.known >= Math.min(description.end, time + AHEAD / 2)) return;
      this.grow(time);
    }

    grow(time) {
      this.growing = true;
      const to = Math.min(this.scene.description.end, Math.floor(time) + AHEAD);
      return this.ask(() => this.live.run(to)).finally(() => { this.growing = false; });
    }

    async ask(task) {
      try {
        await this.live.then(task);
        return true;
      } catch (error) {
        if (!(error instanceof Refused)) this.fall();
        this.scene.tell(error.message);
        return false;
      }
    }

    fall() {
      this.live.close();
      this.scene.ready();
      this.scene.change(this.scene.saved, this.scene.time);
    }

    // 누른 것이 눌렸다고 곧바로 보이고, 모델이 답하면 이어서 흐릅니다(`go`).
    // 답하기 전에 또 누르면 마지막 것이 답을 받은 다음에 흐릅니다
    async own(pressing, task, go = true) {
      const { scene } = this;
      this.going ||= go;
      scene.actions.pressing = pressing;
      scene.tell(this.live.adapter ? "" : STARTING);
      scene.pause();
      scene.hush(false);
      let note = "";
      const done = await this.ask(async () => { note = await task() ?? ""; });
      if (done) scene.tell(note);
      // 풀이나 남의 링크를 본 것은 독자가 이룬 것이 아닙니다
      if (done && pressing.length) Object.assign(scene, { acted: true, whose: "reader" });
      if (scene.actions.pressing !== pressing) return; // 그사이 또 눌렀습니다
      const { going } = this;
      scene.actions.pressing = null;
      this.going = false;
      scene.draw();
      if (done && going) this.flow();
    }

    flow() {
      if (this.scene.halted) this.scene.asking.focus(); // 한 일이 물음을 불렀습니다
      else this.scene.play();
    }

    act(name, target, go = true) {
      return this.own([name, target], async () => {
        const { story, time } = this.scene;
        const kept = story.actions.filter(([at]) => at <= time), later = story.actions.filter(([at]) => at > time);
        const dropped = later.filter((one) => this.mine.has(one)).length;
        const front = !this.saved && !later.length && story.known - time <= AHEAD;
        if (!front) await this.reopen({ ...story, actions: kept }, Math.floor(time));
        this.mine.add(await this.live.act(name, target));
        if (front) this.scene.seek(this.scene.story.known); // 앞서 돌려 둔 데서 일어났습니다. 그 순간을 봅니다
        return dropped ? `이 순간 뒤에 했던 조작 ${dropped}개는 지웠습니다.` : "";
      }, go);
    }

    // 슬라이더는 멈춘 장면을 움직이지 않습니다. 도는 동안 돌릴 수 없는 것이거나 처음이나 끝에서 돌렸으면
    // 다음에 돌 장면의 설정입니다: 처음으로 갑니다. 다른 슬라이더는 돌려 둔 칸에, 조작은 그 시각에 그대로
    // 있습니다. 같은 일을 다른 설정으로 겪어 봅니다. 도전이면 조작은 독자가 새로 합니다
    turn(knob, i, index) {
      const { scene } = this, { time, ended, playing } = scene, middle = time > 0 && !ended;
      if (knob.live && middle) return this.act(knob.name, index, playing);
      return this.own([knob.name, index], async () => {
        const { seed, actions } = scene.story, acts = scene.challenge ? [] : actions.filter(([, name]) => !this.knob(name));
        await this.reopen({ seed, actions: acts, at: scene.positions().with(i, index) }, 0);
        return middle && !playing ? "설정을 바꾸어 처음으로 돌아왔습니다." : "";
      }, playing);
    }

    knob(name) { return this.scene.description.knobs.some((one) => one.name === name); }

    async reopen(about, time) {
      this.scene.change(await this.live.open(about, time), time);
    }

    // 맞춰 둔 슬라이더 그대로, 조작 없이 처음부터
    again() {
      const { scene } = this, at = scene.positions(), { seed } = scene.story;
      if (JSON.stringify(at) !== JSON.stringify(scene.description.saved.at)) {
        return this.own([], () => this.reopen({ seed, at, actions: [] }, 0).then(() => STARTED));
      }
      scene.forget();
      scene.play();
      return scene.tell(STARTED);
    }

    solve() {
      const { seed, challenge } = this.scene.description;
      Object.assign(this.scene, { acted: false, whose: "solution" });
      return this.own([], () => this.reopen({ seed, ...challenge.solution }, 0).then(() => "풀이를 재생합니다."));
    }

    // 링크의 순간으로. 저장된 장면의 순간이면 모델을 켜지 않습니다
    follow(hash) {
      const { scene } = this, found = link.read(hash, scene.description);
      if (!found) return scene.tell(link.BAD);
      const { seed, at, actions } = scene.description.saved, { time } = found, note = found.old ? link.OLD : "";
      const told = (one, two, three) => JSON.stringify([one, two, three.filter(([ms]) => ms <= time)]);
      const arrive = () => {
        scene.sent = time;
        return scene.arrive(note);
      };
      Object.assign(scene, { acted: false, whose: "sender" });
      if (told(found.seed, found.at, found.actions) !== told(seed, at, actions)) {
        return this.own([], () => this.reopen(found, time).then(arrive), false);
      }
      scene.change(scene.saved, 0);
      return scene.tell(arrive());
    }

    async copy() {
      const { scene } = this, { story, time } = scene;
      const done = story.actions.filter(([at]) => at <= time);
      const hash = link.write({ ...story, actions: done }, time, scene.description);
      if (!hash) return scene.tell(link.LONG);
      const url = location.href.split("#")[0] + hash;
      try {
        await navigator.clipboard.writeText(url);
        return scene.tell("이 순간의 링크를 복사했습니다.");
      } catch {
        scene.showAddress(url);
        return scene.tell("브라우저가 복사를 막았습니다. 아래의 링크를 직접 복사하세요.");
      }
    }
  }

  return { Branch };
})();
