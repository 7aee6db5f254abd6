// 살아 있는 모델과의 대화. 부탁은 한 번에 하나씩, 차례로 보냅니다.
(globalThis.ddialabScene ??= {}).live = (() => {
  "use strict";

  const { Story } = globalThis.ddialabScene.state;
  const { Tracks } = globalThis.ddialabScene.track;

  class Refused extends Error {} // 모델이 부탁을 거절했습니다. 하던 이야기는 그대로입니다

  // 이야기와, 그 변화로 만든 메시지의 길
  class Reel {
    constructor(description, about, hop) {
      this.story = new Story(description, about);
      this.tracks = new Tracks(hop);
    }

    add({ changes, ms }) {
      this.tracks.add(this.story.add(changes));
      if (ms !== undefined) this.story.known = ms;
    }
  }

  class Live {
    constructor(description, connect, hop) {
      Object.assign(this, { description, connect, hop, adapter: null, reel: null });
      this.last = Promise.resolve();
    }

    // `task`를 앞의 부탁 다음에 합니다
    then(task) {
      const next = this.last.then(task);
      this.last = next.catch(() => {});
      return next;
    }

    async open({ seed, at, actions }, to) {
      this.adapter ??= await this.connect(this.description);
      const request = { do: "open", scene: this.description.scene, seed, at, actions };
      const reply = checked(await this.adapter.open(request));
      const reel = new Reel(this.description, { seed, at, actions }, this.hop);
      reel.add(reply);
      await this.run(to, reel);
      this.reel = reel;
      return reel;
    }

    // 모델은 조금씩 돌고 페이지로 돌아옵니다. 닿을 때까지 다시 부탁합니다
    async run(to, reel = this.reel) {
      if (to <= reel.story.known) return;
      let reply;
      do {
        reply = checked(await this.adapter.send({ do: "run", to }));
        reel.add(reply);
      } while (!reply.reached);
    }

    async act(name, target) {
      const reply = checked(await this.adapter.send({ do: "act", name, target }));
      this.reel.add(reply);
      const done = [reply.ms, name, target];
      this.reel.story.actions.push(done);
      return done;
    }

    close() {
      this.adapter?.close();
      this.adapter = null;
      this.reel = null;
    }
  }

  function checked(reply) {
    if (reply.error) throw new Refused(reply.error);
    return reply;
  }

  return { Live, Reel, Refused };
})();
