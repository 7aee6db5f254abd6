// 찾기(searchtools.js)가 하는 말. 그 파일은 읽히자마자 찾기 시작하므로 그보다 먼저 실어야 합니다.
"use strict";
// addTranslations는 new Function을 부르므로 `default-src 'self'` 아래에서 멈춥니다. 같은 일을 손으로 합니다.
Documentation.PLURAL_EXPR = () => 0;
Object.assign(Documentation.TRANSLATIONS, {
  "Searching": "찾는 중",
  "Preparing search...": "찾을 준비를 하는 중…",
  "Search Results": "찾은 페이지",
  "Search finished, found ${resultCount} page(s) matching the search query.": "페이지 ${resultCount}개를 찾았습니다.",
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.": "맞는 페이지가 없습니다. 낱말을 줄이거나 다른 말로 찾아보세요.",
});
