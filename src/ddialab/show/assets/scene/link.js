// 이 순간의 링크: 시드, 슬라이더, 조작, 시각을 주소의 # 뒤에 적습니다.
// 읽는 것은 남이 쓴 글이므로, 꼴과 이름과 범위가 모두 맞을 때만 받고, 화면에 옮기지 않습니다.
(globalThis.ddialabScene ??= {}).link = (() => {
  "use strict";

  const MOST = 2000, ACTIONS = 64; // 글자 수와 조작 수의 한계
  const ACTION = "\\d{1,7}\\.[A-Za-z][A-Za-z0-9_-]{0,31}\\.[A-Za-z0-9_-]{0,32}";
  const SCENE = /^#scene=([a-z][a-z0-9-]{0,39})&/;
  const WHOLE = new RegExp(
    "^#scene=(?<scene>[a-z][a-z0-9-]{0,39})&seed=(?<seed>\\d{1,9})&at=(?<at>(?:\\d{1,3}(?:,\\d{1,3}){0,15})?)"
    + `&a=(?<actions>(?:${ACTION}(?:,${ACTION}){0,${ACTIONS - 1}})?)&t=(?<time>\\d{1,7}(?:\\.\\d{1,3})?)&m=(?<digest>[0-9a-f]{8}|book)$`);
  const BAD = "링크를 읽을 수 없습니다. 이 책에서 복사한 링크여야 합니다. 장면을 처음부터 보여 줍니다.";
  const OLD = "이 링크를 만든 뒤 모델이 바뀌었습니다. 같은 조작이라도 그때와 다르게 흘러갈 수 있습니다.";
  const LONG = `조작이 ${ACTIONS}개를 넘어 링크에 담을 수 없습니다. 「내 조작 지우기」를 누르고 다시 해 보세요.`;

  const split = (text) => (text ? text.split(",") : []);

  // 링크가 부르는 장면의 이름. 장면의 링크가 아니면 null, 이름을 읽을 수 없으면 빈 문자열
  function nameIn(hash) {
    if (!hash.startsWith("#scene=")) return null;
    return SCENE.exec(hash.slice(0, 60))?.[1] ?? "";
  }

  function action(text, { actions, knobs, end }) {
    const [at, name, target] = text.split(".");
    const knob = knobs.find((one) => one.name === name && one.live);
    if (Number(at) > end) return null;
    if (knob) return /^\d{1,3}$/.test(target) && Number(target) < knob.texts.length ? [Number(at), name, Number(target)] : null;
    const targets = actions.find((one) => one.name === name)?.targets ?? [];
    const found = targets.find((one) => String(one) === target);
    return found === undefined ? null : [Number(at), name, found];
  }

  // 링크에 든 순간. 하나라도 어긋나면 null. 책이 놓은 링크(book)는 장면과 함께 만들어져 낡지 않습니다
  function read(hash, description) {
    const found = hash.length <= MOST ? WHOLE.exec(hash)?.groups : null;
    if (!found || found.scene !== description.scene) return null;
    const at = split(found.at).map(Number), time = Number(found.time);
    const actions = split(found.actions).map((text) => action(text, description));
    const right = at.length === description.knobs.length
      && at.every((index, i) => index < description.knobs[i].texts.length)
      && actions.every((one, i) => one && (!i || actions[i - 1][0] <= one[0])) && time <= description.end;
    return right ? { seed: Number(found.seed), at, actions, time, old: ![description.digest, "book"].includes(found.digest) } : null;
  }

  // 링크. 조작이 너무 많으면 null. 변화의 시각까지 적습니다: 내리면 바로 앞의 순간이 됩니다
  function write({ seed, at, actions }, time, { scene, digest }) {
    const told = actions.map(([ms, name, target]) => `${ms}.${name}.${target}`);
    const hash = `#scene=${scene}&seed=${seed}&at=${at}&a=${told}&t=${Math.round(time * 1000) / 1000}&m=${digest}`;
    return actions.length > ACTIONS || hash.length > MOST ? null : hash;
  }

  return { nameIn, read, write, BAD, OLD, LONG };
})();
