// 찾을 말을 색인과 같은 조각으로 나눕니다. Sphinx의 찾기가 splitQuery를 부릅니다.

function withoutParticle(word) {
  if (!/[가-힣]$/.test(word)) return word;
  const particle = KO_PARTICLES.find((p) => word.endsWith(p) && word.length - p.length >= 2);
  return particle ? word.slice(0, -particle.length) : word;
}

// 「복구하는」, 「중복되면」, 「복구시켰다」의 앞. 「과부하를」처럼 조사가 붙은 것은 동사가 아닙니다.
const DO = new RegExp("^([가-힣]{2,}?)(?:"
  + "[하되](?:다|는.*|고.*|지.*|면.*|며|게.*|기.*|던|도록|려.*|거나|니.*|므로|자.*|세.*|십.*|여.*|였.*|어.*|었.*)"
  + "|[한된](?:|[다지데].*)|[할될](?:|[지까수].*)|[함됨](?:|을|은|으로.*|이)|[합됩][니시].*"
  + "|[해돼](?:|서.*|도|야.*|요|[지진질집졌주준줄줍줘둔둡두보본봅버낸내].*)|[했됐].*"
  + "|시[키킨킬킴킵켜켰].*|당[하한할함합해했].*)$");
const TAIL = /(?:으?면|면서|으?며|지만|거나|도록|던|는[지데]?|고|게|지|기|자|려[고면]|[어아][서도]?|[서도야])$/;

// search_ko.py의 unshrunk와 같습니다
function unshrunk(letter) {
  const code = letter.charCodeAt(0) - 0xac00, end = code % 28, order = (code - end) / 28;
  const vowel = order % 21;
  const base = String.fromCharCode(0xac00 + (order - vowel + (KO_SHRUNK[vowel] ?? vowel)) * 28);
  return KO_ENDS.includes(end) && KO_STEMS.includes(base) ? base : letter;
}

// 「떨어졌다」, 「늘어납니다」, 「늘어난다」에서 꼴이 바뀌는 글자의 자리
function changedAt(word) {
  return [...word].findIndex((letter, at) => {
    const end = (letter.charCodeAt(0) - 0xac00) % 28, rest = word.slice(at + 1);
    return at > 0 && ((end === 20 && letter !== "있") || (end === 17 && /^니[다까]/.test(rest))
      || (end === 4 && rest.startsWith("다")));
  });
}

// 동사의 변하지 않는 앞부분: 늘어(나면, 난다), 되살(리고, 렸다). 두 글자 동사는 색인에 든 줄기(멈추)입니다.
function verbStem(word) {
  const at = changedAt(word), bare = word.replace(TAIL, "");
  const ended = at > 0 ? word.slice(0, at + 1) : bare;
  const [first, ...rest] = ended;
  if (rest.length === 1) return first + unshrunk(rest[0]);
  if (at > 0) return word.slice(0, at);
  const verb = KO_STEMS.includes(unshrunk(ended.at(-1))) && (bare !== word || unshrunk(word.at(-1)) !== word.at(-1));
  if (!verb || ended.length < 3) return word;
  return ended.length === 3 ? first + unshrunk(ended[1]) : ended.slice(0, -1);
}

// 「큐에서」의 「큐」, 「죽었을」의 「죽」
function shortWord(word) {
  return KO_ONES.includes(word[0]) && KO_ENDING.test(word.slice(1)) ? word[0] : word;
}

// 줄인 말이 든 페이지에, 줄이기 전의 첫 조각이 든 페이지가 하나도 빠짐없이 있을 때에만 줄입니다.
function safely(shorten, word) {
  const short = shorten(word), wide = new Set(pagesOf(short.slice(0, 2)));
  return wide.size && pagesOf(word.slice(0, 2)).every((page) => wide.has(page)) ? short : word;
}

function pagesOf(piece) {
  return sectionsOf(piece).map((section) => Search._index.sections[section][0]);
}

function rootOf(word) {
  if (!/^[가-힣]{2,}$/.test(word)) return withoutParticle(word);
  if (termWords.has(word)) return word;
  const noun = withoutParticle(word);
  if (termWords.has(noun)) return noun;
  const stem = DO.exec(word)?.[1] ?? [shortWord, verbStem].map((shorten) => safely(shorten, word))
    .find((short) => short !== word);
  return stem ?? noun;
}

// 다른 이름 -> 이 책의 용어. 이름은 낱말의 첫머리에서 시작하고, 띄어쓰기는 없어도 됩니다.
const termOf = Object.fromEntries(
  Object.entries(KO_NAMES).map(([name, term]) => [name.replaceAll(" ", ""), term]));
const termWords = new Set(Object.values(KO_NAMES).flatMap((term) => term.toLowerCase().split(" ")));
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

// 영어로 물은 용어: 「fault」는 「결함」도 함께 찾습니다. 본문은 처음 나올 때만 영어를 함께 적습니다.
const englishNames = new RegExp(`(^|[^a-z0-9-])(${Object.keys(KO_ENGLISH).join("|")})(?![a-z0-9-])`, "g");

function inKoreanToo(query) {
  return query + [...query.matchAll(englishNames)].map(([, , name]) => " " + KO_ENGLISH[name]).join("");
}

function queryWords(query) {
  return inKoreanToo(inTermsOfTheBook(query)).split(/[^\p{L}\p{N}_]+/u).filter(Boolean).map(rootOf);
}

function inIndex(piece) {
  return sectionsOf(piece).length > 0;
}

function koPieces(run) {
  if (run.length < 2 || !/[가-힣]/.test(run)) return [run];
  const all = Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2));
  const known = all.filter(inIndex);  // 낯선 어미 하나 때문에 결과가 비지 않게 합니다
  return known.length * 2 >= all.length ? known : all;
}

// 「p99로」의 p99와 로
function koRuns(word) {
  return word.match(/[가-힣]+|[^가-힣]+/gu);
}

function splitQuery(query) {
  return queryWords(query).flatMap(koRuns).flatMap(koPieces);
}
