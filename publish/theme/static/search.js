// Sphinx의 찾기(searchtools.js)에 우리 것을 얹습니다: 한국어 안내, 낱말째 칠하는 발췌, file:// 에서도 조용한 동작.
"use strict";
Documentation.addTranslations({ plural_expr: "0", messages: {
  "Searching": "찾는 중",
  "Preparing search...": "찾을 준비를 하는 중…",
  "Search Results": "찾은 페이지",
  "Search finished, found ${resultCount} page(s) matching the search query.": "페이지 ${resultCount}개를 찾았습니다.",
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.": "맞는 페이지가 없습니다. 낱말을 줄이거나 다른 말로 찾아보세요.",
} });

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

function excerpt(html, _terms, anchor) {
  const words = queryWords(new URLSearchParams(location.search).get("q") || "");
  const text = bookText(html, anchor);
  const places = words.map((word) => text.toLowerCase().indexOf(word)).filter((at) => at >= 0);
  const from = Math.max((places.length ? Math.min(...places) : 0) - 50, 0);
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

document.addEventListener("DOMContentLoaded", () => {
  const asked = namesAsked(new URLSearchParams(location.search).get("q") || "");
  document.getElementById("search-names").textContent =
    asked.map(([name, term]) => `「${name}」: 이 책에서는 「${term}」`).join(", ");
});
