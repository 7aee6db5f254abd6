// Sphinx의 찾기(searchtools.js)에 우리 것을 얹습니다: 줄 세우기, 한국어 안내, 낱말째 칠하는 발췌, file:// 에서도 조용한 동작.
"use strict";

const SPHINX_HIGHLIGHT_ENABLED = false;  // 두 글자 조각을 칠하지 않고 아래에서 낱말째 칠합니다

// 찾은 페이지를 가져올 수 없는 file:// 에서는 발췌 없이 제목만 보여 줍니다.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

function bookText(html, anchor) {
  const page = new DOMParser().parseFromString(html, "text/html");
  page.querySelectorAll("main svg, main script, main .headerlink, main .turn, main .highlight, main math, main h1, main .ddialab-answer")
    .forEach((element) => element.remove());
  const place = (anchor && page.getElementById(anchor.slice(1))) || page.querySelector("main article");
  return place.textContent.replace(/\s+/g, " ");
}

// 물은 낱말이 가장 여럿 모인 자리
function richest(text, words) {
  const places = words.flatMap((word) => [...text.matchAll(new RegExp(_escapeRegExp(word), "g"))].map(({ index }) => index));
  const kinds = (at) => words.filter((word) => text.slice(at, at + 120).includes(word)).length;
  return places.sort((one, other) => one - other)
    .reduce((best, at) => (kinds(at) > kinds(best) ? at : best), places[0] ?? 0);
}

function excerpt(html, _terms, anchor) {
  const words = queryWords(new URLSearchParams(location.search).get("q") || "");
  const text = bookText(html, anchor);
  const from = Math.max(richest(text.toLowerCase(), words) - 50, 0);
  const piece = text.slice(from, from + 170);
  const line = document.createElement("p");
  line.className = "context";
  line.append(from > 0 ? "… " : "", ...marked(piece, words), from + 170 < text.length ? " …" : "");
  return line;
}

function marked(text, words) {
  if (!words.length) return [text];
  const pattern = new RegExp(`(${words.map(_escapeRegExp).join("|")})`, "i");
  return text.split(pattern).map((part, i) => {
    if (i % 2 === 0) return part;
    const mark = document.createElement("mark");
    mark.textContent = part;
    return mark;
  });
}

Search.makeSearchSummary = excerpt;
Search._performSearch = rankedPages;

// 화면을 듣는 사람에게는 결과 하나하나가 아니라 몇 개인지만 알립니다(role=status).
if (Search.status) {
  Search.status.remove();
  Search.status = document.getElementById("search-progress");
}

addEventListener("error", ({ target }) => {
  if (!target.src?.endsWith("searchsections.js")) return;
  document.getElementById("search-progress").textContent = "찾기 색인(searchsections.js)을 받지 못해 찾을 수 없습니다. "
    + "연결을 확인하고 다시 열거나, 책의 차례에서 고르세요.";
  document.getElementById("search-results").replaceChildren();
  Search.stopPulse();
}, true);

document.addEventListener("DOMContentLoaded", () => {
  const query = new URLSearchParams(location.search).get("q") || "";
  const said = namesAsked(query).map(([name, term]) => `「${name}」: 이 책에서는 「${term}」`);
  const words = Search.hasIndex() ? askedWords(query) : [];
  const missing = words.filter(({ weight }) => !weight).map(({ word }) => `「${word}」`);
  if (missing.length && missing.length < words.length) said.push(`책에 없어 빼고 찾은 말: ${missing.join(" ")}`);
  document.getElementById("search-names").textContent = said.join(", ");
});
