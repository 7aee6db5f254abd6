// 찾을 말을 색인과 같은 조각으로 나눕니다. Sphinx의 찾기가 splitQuery를 부릅니다.

function withoutParticle(word) {
  if (!/[가-힣]$/.test(word)) return word;
  const particle = KO_PARTICLES.find((p) => word.endsWith(p) && word.length - p.length >= 2);
  return particle ? word.slice(0, -particle.length) : word;
}

// 다른 이름 -> 이 책의 용어. 이름은 낱말의 첫머리에서 시작하고, 띄어쓰기는 없어도 됩니다.
const termOf = Object.fromEntries(
  Object.entries(KO_NAMES).map(([name, term]) => [name.replaceAll(" ", ""), term]));
const otherNames = new RegExp(`(^|[^가-힣a-z0-9])(${Object.keys(KO_NAMES)
  .map((name) => name.replaceAll(" ", "\\s*") + (/[a-z0-9]$/.test(name) ? "(?![a-z0-9])" : ""))
  .join("|")})`, "g");

// 물음에 든 다른 이름들: [[다른 이름, 이 책의 용어], ...]
function namesAsked(query) {
  return [...query.toLowerCase().matchAll(otherNames)]
    .map(([, , name]) => [name, termOf[name.replace(/\s/g, "")]])
    .filter(([name, term]) => name !== term.toLowerCase());
}

function inTermsOfTheBook(query) {
  return namesAsked(query)
    .reduce((words, [name, term]) => words.replace(name, term.toLowerCase()), query.toLowerCase());
}

function queryWords(query) {
  return inTermsOfTheBook(query).split(/[^\p{L}\p{N}_]+/u).filter(Boolean).map(withoutParticle);
}

function inIndex(piece) {
  const index = Search._index;
  return !index || Object.hasOwn(index.terms, piece) || Object.hasOwn(index.titleterms, piece);
}

function koPieces(run) {
  if (run.length < 2 || !/[가-힣]/.test(run)) return [run];
  const all = Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2));
  const known = all.filter(inIndex);  // 낯선 어미 하나 때문에 결과가 비지 않게 합니다
  return known.length * 2 >= all.length ? known : all;
}

function splitQuery(query) {
  return queryWords(query).flatMap((word) => word.match(/[가-힣]+|[^가-힣]+/gu)).flatMap(koPieces);
}
