// 독자의 조작: 그 순간까지는 그대로 두고, 그 뒤를 새로 씁니다. 첫 조작에 모델을 켭니다.
// 모델이 켜지지 않거나 죽으면 저장된 장면으로 돌아갑니다.
(globalThis.ddialabScene ??= {}).branch = (() => {
  "use strict";

  const { Live, Refused } = globalThis.ddialabScene.live;
  const link = globalThis.ddialabScene.link;
  const AHEAD = 100; // 모델을 앞서 돌려 두는, 장면의 밀리초
  const STARTING = "모델을 켜는 중입니다.";

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

    // 누른 것이 눌렸다고 곧바로 보이고, 모델이 답하면 이어서 흐릅니다
    async own(pressing, task, go = true) {
      const { scene } = this;
      scene.actions.pressing = pressing;
      scene.tell(this.live.adapter ? "" : STARTING);
      scene.pause();
      scene.hush(false);
      let note = "";
      const done = await this.ask(async () => { note = await task() ?? ""; });
      if (scene.actions.pressing === pressing) scene.actions.pressing = null; // 그사이 또 누르지 않았으면
      if (done) scene.tell(note);
      scene.acted ||= done && pressing.length > 0; // 풀이나 남의 링크를 본 것은 독자가 이룬 것이 아닙니다
      if (done && go) scene.play();
      else scene.draw();
    }

    act(name, target) {
      return this.own([name, target], async () => {
        const { story, time } = this.scene, kept = story.actions.filter(([at]) => at <= time);
        const later = story.actions.filter(([at]) => at > time), dropped = later.filter((one) => this.mine.has(one)).length;
        const front = !this.saved && !later.length && story.known - time <= AHEAD;
        if (!front) await this.reopen({ ...story, actions: kept }, Math.floor(time));
        this.mine.add(await this.live.act(name, target));
        if (front) this.scene.seek(this.scene.story.known); // 앞서 돌려 둔 데서 일어났습니다. 그 순간을 봅니다
        return dropped ? `이 순간 뒤에 했던 조작 ${dropped}개는 지웠습니다.` : "";
      });
    }

    // 도는 동안 돌릴 수 없는 슬라이더는 장면을 처음부터 다시 시작합니다. 다른 슬라이더는 돌려 둔 칸에 그대로 있습니다
    turn(knob, i, index) {
      if (knob.live) return this.act(knob.name, index);
      return this.own([knob.name, index], () => {
        const { scene } = this, { seed } = scene.story;
        return this.reopen({ seed, actions: [], at: scene.positions().with(i, index) }, 0);
      });
    }

    async reopen(about, time) {
      this.scene.change(await this.live.open(about, time), time);
    }

    // 맞춰 둔 슬라이더 그대로, 조작 없이 처음부터
    again() {
      const { scene } = this, at = scene.positions(), { seed } = scene.story;
      if (JSON.stringify(at) !== JSON.stringify(scene.description.saved.at)) {
        return this.own([], () => this.reopen({ seed, at, actions: [] }, 0));
      }
      scene.forget();
      return scene.play();
    }

    solve() {
      const { seed, challenge } = this.scene.description;
      this.scene.acted = false;
      return this.own([], () => this.reopen({ seed, ...challenge.solution }, 0).then(() => "풀이를 재생합니다."));
    }

    // 링크의 순간으로. 저장된 장면의 순간이면 모델을 켜지 않습니다
    follow(hash) {
      const { scene } = this, found = link.read(hash, scene.description);
      if (!found) return scene.tell(link.BAD);
      const { seed, at, actions } = scene.description.saved, { time } = found, note = found.old ? link.OLD : "";
      const told = (one, two, three) => JSON.stringify([one, two, three.filter(([ms]) => ms <= time)]);
      scene.acted = false;
      if (told(found.seed, found.at, found.actions) !== told(seed, at, actions)) {
        return this.own([], () => this.reopen(found, time).then(() => note), false);
      }
      scene.change(scene.saved, time);
      return scene.tell(note);
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
