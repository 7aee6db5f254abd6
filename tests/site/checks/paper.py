"""종이: 브라우저에서 찍어도 잘리거나 흐려지거나 눌리지 않는 버튼만 남는 것이 없습니다."""

from reader import SETTLED

A4 = 718  # px. 크로미움이 A4에서 여백을 빼고 남기는 너비
PRINTED = "dispatchEvent(new Event('beforeprint'))"
CUT = """() => [...document.querySelectorAll("body *")].filter(e => {
  if (e.ownerSVGElement || e.closest("math") || !e.checkVisibility()) return false;
  const box = e.getBoundingClientRect();
  const hidden = getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1;
  return hidden || box.right > innerWidth + 1 || box.left < -1;
}).map(e => `잘림: ${e.outerHTML.slice(0, 120)}`)"""
# 흰 종이와의 명암비가 3에 못 미치는 글자. 그림의 하얀 글자는 막대 위에 있습니다
FAINT = """() => {
  const light = color => color.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  return [...document.querySelectorAll("body *")].filter(e => {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) return false;
    const style = getComputedStyle(e), ink = e.ownerSVGElement ? style.fill : style.color;
    if (e.ownerSVGElement && ink === "rgb(255, 255, 255)") return false;
    return e.checkVisibility() && 1.05 / (light(ink) + .05) < 3;
  }).map(e => `흐림: ${e.outerHTML.slice(0, 120)}`);
}"""
DEAD = """[...document.querySelectorAll("button, select, [type=range], .dds")]
  .filter(e => e.checkVisibility()).map(e => `누를 수 없음: ${e.outerHTML.slice(0, 120)}`)"""
EMPTY = """[...document.querySelectorAll("figure.ddialab, div.cell_output, details")]
  .filter(e => e.checkVisibility() && !e.matches(".hide") && e.clientHeight < 12)
  .map(e => `빈 것: ${e.outerHTML.slice(0, 120)}`)"""


def everything_is_on_the_paper(reader) -> list[str]:
    """어둡게 읽던 사람이 찍어도 밝은 종이에, 넘치던 것까지 다 있습니다."""
    page = reader.page
    page.set_viewport_size({"width": A4, "height": 1000})
    page.evaluate(PRINTED)
    page.emulate_media(media="print")
    page.evaluate(SETTLED)
    return [told for look in (CUT, FAINT, DEAD, EMPTY) for told in page.evaluate(look)[:5]]
