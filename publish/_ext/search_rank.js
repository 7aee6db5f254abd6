// 찾은 페이지를 줄 세웁니다. Sphinx의 찾기는 낱말이 모두 든 페이지만 제목순으로 늘어놓습니다. 그래서 한 낱말만
// 책의 말과 달라도 비어 있고, 물은 것을 이야기하는 페이지가 그 낱말을 한 번 말한 페이지보다 뒤로 밀립니다.

const BESIDE = 0.5;  // 제목이나 같은 페이지의 다른 절에 든 낱말, 본문이 아닌 페이지와 절의 몫
const ENOUGH = 0.3;  // 물은 것의 무게 가운데 이만큼은 든 페이지만 보여 줍니다
const BODY = /^chapters\/\d/, ASIDE = /^(스스로 확인하기|더 읽기)$/;

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

// 이 조각이 든 절들. 책에 없는 영어 낱말은 앞부분이 같은 것(resilient와 resilience)으로 찾습니다.
function sectionsOf(piece) {
  const terms = Search._index?.terms ?? {};
  if (Object.hasOwn(terms, piece)) return terms[piece];
  if (!/^[a-z]{6,}$/.test(piece)) return [];
  const stem = piece.slice(0, -2);
  return Object.keys(terms).filter((term) => term.startsWith(stem)).flatMap((term) => terms[term]);
}

// 물은 낱말마다 그것이 든 절들과 무게. 드문 낱말이 무겁고, 책에 없는 낱말은 무게가 0입니다.
function askedWords(query) {
  const { sections } = Search._index;
  return [...new Set(queryWords(query))].map((word) => {
    const [first, ...rest] = koRuns(word).flatMap(koPieces).map((piece) => new Set(sectionsOf(piece)));
    const found = [...first].filter((section) => rest.every((others) => others.has(section)));
    return { word, found: new Set(found), weight: found.length && Math.log(1 + sections.length / found.length) };
  });
}

function titleWeight({ word, weight }, title) {
  return word.length > 1 && title.toLowerCase().includes(word) ? BESIDE * weight : 0;
}

// 절 하나의 점수. 긴 절에는 무엇이든 들어 있으므로 그만큼 덜 쳐줍니다.
function sectionScore(section, words) {
  const { sections, sizes } = Search._index;
  const here = words.filter(({ found }) => found.has(section));
  const length = Math.sqrt((1 + sizes[section] * sizes.length / sum(sizes)) / 2);
  const score = sum(here.map((asked) => asked.weight + titleWeight(asked, sections[section][2]))) / length;
  return ASIDE.test(sections[section][2]) ? score * BESIDE : score;
}

// 페이지 하나의 [점수, 가장 맞는 절, 물은 것 가운데 든 무게]
function pageScore(page, found, words) {
  const { titles } = Search._index;
  const [score, best] = found.map((section) => [sectionScore(section, words), section])
    .reduce((one, other) => (other[0] > one[0] ? other : one));
  const times = words.map((asked) => found.filter((section) => asked.found.has(section)).length);
  const more = words.map((asked, i) => titleWeight(asked, titles[page]) + BESIDE * asked.weight
    * (Math.log(1 + times[i]) + (times[i] > 0 && !asked.found.has(best))));
  return [score + sum(more), best, sum(words.map(({ weight }, i) => weight * (times[i] > 0)))];
}

// 본문이 먼저이고, 제목을 그대로 물은 실습(「실습 07」)이 다음입니다.
function pageShare(page, words) {
  const { docnames, titles } = Search._index;
  if (BODY.test(docnames[page])) return 1;
  return words.every((asked) => titleWeight(asked, titles[page]) > 0) ? 0.75 : BESIDE;
}

// Sphinx의 _performSearch가 돌려주는 것과 같은 모양: 가장 맞는 페이지가 끝에 옵니다.
function rankedPages(query) {
  const { sections, docnames, titles, filenames } = Search._index;
  const words = askedWords(query), all = sum(words.map(({ weight }) => weight));
  const found = [...new Set(words.flatMap((asked) => [...asked.found]))];
  return [...new Set(found.map((section) => sections[section][0]))].flatMap((page) => {
    const inside = found.filter((section) => sections[section][0] === page);
    const [score, best, share] = pageScore(page, inside, words), [, anchor, title] = sections[best];
    return share < ENOUGH * all ? [] : [[docnames[page], anchor ? `${titles[page]} > ${title}` : titles[page],
      anchor, null, score * pageShare(page, words), filenames[page]]];
  }).sort((one, other) => one[4] - other[4]);
}
