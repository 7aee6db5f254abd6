// 예상을 읽고 결과와 견줍니다. 책의 페이지와 Jupyter의 장면이 함께 씁니다.
// show/guess.py와 같은 글을 읽고, show/predict.py의 verdict와 같은 말을 합니다.
globalThis.ddialabGuess = (() => {
  "use strict";

  const DIGITS = "(?:(?:\\d{1,3}(?:,\\d{3})+|\\d+)\\.?\\d*|\\.\\d+)(?:e[+-]?\\d{1,3})?";
  const SCALES = { "십": 10, "백": 100, "천": 1000, "만": 10000, "억": 100000000 };
  const AMOUNT = `(?:${DIGITS}|(?=[십백천만억]))(?:\\s*[십백천만억]+\\s*${DIGITS})*(?:\\s*[십백천만억]+)?`;
  const GUESS = new RegExp(
    `^(?:약|대략|한|거의|~|≈|≒)?\\s*([+-]?)(${AMOUNT})(?:\\s*/\\s*(${DIGITS}))?\\s*(\\D*?)\\s*(?:쯤|정도|가량)?$`, "i");
  const VULGAR = /([0-9０-９])([¼-¾⅐-⅟↉])/g;
  // 2만5는 2만 5천일 수도 20005일 수도 있어 읽지 않습니다
  const UNCLEAR = /[십백천만억]\s*\d$/;
  const PART = new RegExp(`(${DIGITS})?\\s*([십백천만억]*)`, "gi");
  const SAME = [["배", "x", "×"], ["%", "퍼센트", "프로"], ["ms", "밀리초"], ["번", "회", "건", "개"]];

  function amount(text) {
    const parts = [...text.matchAll(PART)].filter(([all]) => all.trim());
    return parts.reduce((sum, [, digits, scales]) =>
      sum + Number((digits ?? "1").replaceAll(",", "")) * [...scales].reduce((size, one) => size * SCALES[one], 1), 0);
  }

  function parseNumber(text, unit) {
    const spaced = text.replace(VULGAR, "$1 $2").normalize("NFKC"); // 3½은 31/2가 아닙니다
    const found = GUESS.exec(spaced.replaceAll("\u2212", "-").replaceAll("\u2044", "/").trim());
    if (!found || UNCLEAR.test(found[2])) return null;
    const [, sign, top, bottom] = found, said = found[4].toLowerCase();
    const fits = ["", unit.toLowerCase(), unit || "%"].includes(said)
      || SAME.some((same) => same.includes(said) && same.includes(unit));
    const share = bottom === undefined ? 1 : (unit === "%" && !said ? 100 : 1) / amount(bottom);
    const number = amount(top) * (sign === "-" ? -1 : 1) * share;
    return fits && Number.isFinite(number) ? number : null;
  }

  function refusal(text, unit, [least, most]) {
    const number = parseNumber(text, unit), highest = most === null ? "" : ` ${withUnit(most, unit)} 이하`;
    const bounds = `${withUnit(least, unit)} 이상${highest}`;
    if (number === null) return `${text.trim()}: 읽을 수 없습니다. ${bounds}인 수로 적어 주세요. 예: 12, 0.5, 1/2, 3만`;
    if (number >= least && (most === null || number <= most)) return "";
    return `${withUnit(number, unit)}: ${bounds}인 수로 적어 주세요.`;
  }

  function withUnit(number, unit) {
    const space = !unit || /^[가-힣%]/.test(unit) ? "" : " ";
    return `${Number(number.toPrecision(6))}${space}${unit}`;
  }

  // 적은 예상을 결과와 견준 문장. 예상이 없거나 읽을 수 없으면 null
  function verdict(saved, measured, text, unit) {
    if (saved === null) return null;
    if (typeof measured === "string") {
      const told = text === measured ? `「${text}」` : text;
      return `예상: 「${saved}」.\n결과: ${told}.\n${saved === measured ? "맞혔습니다" : "빗나갔습니다"}.`;
    }
    const guess = parseNumber(saved, unit), shown = parseNumber(text.split(". ")[0], unit) ?? measured;
    return guess === null ? null : `예상: ${withUnit(guess, unit)}. 결과: ${text}. ${gap(guess, shown, unit)}.`;
  }

  // 화면에 보이는 수로 셉니다. 독자가 그 둘을 나누어 보기 때문입니다
  function gap(guess, shown, unit) {
    if (guess === shown) return "정확히 맞혔습니다";
    const way = guess > shown ? "컸습니다" : "작았습니다";
    if (unit === "번째" || guess <= 0 || shown <= 0) {
      return `예상이 ${withUnit(Math.abs(guess - shown), { 번째: "만큼", "%": "%포인트" }[unit] ?? unit)} ${way}`; // 차례는 나누지 않습니다
    }
    const ratio = Math.max(guess, shown) / Math.min(guess, shown);
    return ratio < 1.05 ? "거의 맞혔습니다" : `예상이 ${Number(ratio.toPrecision(2))}배 ${way}`;
  }

  return { parseNumber, refusal, withUnit, verdict };
})();
