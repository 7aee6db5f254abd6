// 테스트의 가짜 모델: 서버 셋에 요청을 나누는 클러스터. 시드와 조작만으로 정해지고, 부탁받은 데까지만 돕니다.
globalThis.fake = (() => {
  "use strict";

  const GAPS = [1000, 500, 250, 50]; // 슬라이더의 칸마다, 요청 사이의 밀리초

  class World {
    constructor(seed, at, actions, silent = false) {
      this.silent = silent; // 클러스터가 아닌 장면에는 할 말이 없습니다
      Object.assign(this, { random: seed * 2 + 1, gap: GAPS[at[0]], ms: 0, n: 0, ok: 0, fail: 0, changes: [], events: [] });
      this.servers = ["n1", "n2", "n3"].map((id) => ({ id, up: true, out: false, free: 0 }));
      for (const [ms, name, target] of actions) this.at(ms, () => this.do(name, target));
      this.at(0, () => this.arrive());
      // 선반의 도전: 슬라이더를 둘째 칸에 두면 1초에 이룹니다
      if (silent && at[0] === 1) this.at(1000, () => this.changes.push([1_000_000, "goal", true, "1초에 이루었습니다."]));
    }

    at(ms, what) {
      this.events.push([ms, this.events.length, what]);
      this.events.sort(([a], [b]) => a - b);
    }

    draw() { return (this.random = (this.random * 48271) % 2147483647) / 2147483647; }

    say(op, ...rest) { if (!this.silent) this.changes.push([Math.round(this.ms * 1000), op, ...rest]); }

    arrive() {
      const m = this.n += 1, able = this.servers.filter(({ out }) => !out);
      const server = able[m % Math.max(1, able.length)];
      this.at(this.ms + this.gap, () => this.arrive());
      this.say("new", m, "users");
      this.say("move", m, "lb", "");
      if (!server) return this.lose(m);
      this.say("move", m, server.id, "wait");
      if (!server.up) return this.at(this.ms + 900, () => { this.say("look", m, "late"); this.lose(m); });
      const start = Math.max(this.ms + 40, server.free), takes = 300 + Math.round(this.draw() * 500);
      server.free = start + takes;
      this.at(start, () => server.up && this.say("move", m, server.id, "work"));
      return this.at(server.free, () => (server.up ? this.win(m) : this.lose(m)));
    }

    win(m) {
      this.say("look", m, "ok");
      this.leave(m, "ok");
    }

    lose(m) {
      this.say("look", m, "fail");
      this.say("mark", "fail", `${m}번 요청 실패`);
      this.leave(m, "fail");
    }

    leave(m, counter) {
      this.say("move", m, "lb", "");
      this.say("move", m, "users", "");
      this.say("gone", m);
      this.say("count", counter, this[counter] += 1);
    }

    do(name, target) {
      if (name === "rate") this.gap = GAPS[target];
      const picked = this.servers.filter(({ id }) => id === target || (target === "A" && id !== "n3"));
      for (const server of picked) {
        server.up = name !== "kill";
        this.say("state", server.id, server.up ? "ok" : "down");
        this.say("say", `${server.id}이 ${server.up ? "켜졌습니다" : "꺼졌습니다"}.`);
        const { up } = server;
        this.at(this.ms + 1500, () => { if (server.up === up) server.out = !up; });
        if (up) server.free = this.ms;
      }
    }

    run(to) {
      while (this.events.length && this.events[0][0] <= to) {
        const [ms, , what] = this.events.shift();
        this.ms = ms;
        what();
      }
      this.ms = to;
      return this.changes.splice(0);
    }
  }

  // 이 페이지가 모델에 한 부탁들과, 테스트가 정하는 고장
  const log = [], broken = { connect: "", after: Infinity, refuse: "" };

  // 물음의 이름이 조작의 이름이면, 그 조작을 하는 순간에 묻습니다
  async function connect({ scene, asks }) {
    log.push("connect");
    if (broken.connect) throw new Error(broken.connect);
    await null;
    let world = null;
    const answer = async (request) => {
      log.push(request);
      if (log.length > broken.after) throw new Error("모델이 멈췄습니다. 저장된 장면을 보여 줍니다.");
      if (broken.refuse && request.do === "act") return { error: broken.refuse };
      if (request.do === "open") world = new World(request.seed, request.at, request.actions, scene === "shelf");
      if (request.do === "act") world.do(request.name, request.target);
      if (request.do === "act" && asks.some(({ id }) => id === request.name)) world.say("ask", request.name);
      const to = request.do === "run" ? Math.min(request.to, world.ms + 5000) : world.ms; // 긴 길은 나눠 갑니다
      return { ms: to, reached: to === request.to, changes: world.run(to) };
    };
    return { open: answer, send: answer, close: () => log.push("close") };
  }

  const all = (seed, at, actions, end) => new World(seed, at, actions).run(end);
  globalThis.ddialabLive = { connect };
  return { all, log, broken };
})();

// 저장된 장면의 변화도 같은 모델이 만듭니다
for (const block of document.querySelectorAll("script[type='application/json']")) {
  const about = JSON.parse(block.textContent), { saved } = about;
  if (!saved.changes.length) saved.changes = fake.all(saved.seed, saved.at, saved.actions, about.end);
  block.textContent = JSON.stringify(about);
}
