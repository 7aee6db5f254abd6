"""예상 먼저: 답은 예상을 남기거나 「그냥 보기」를 눌러야 열리고, 다시 와도 열려 있습니다."""

import re

import pytest
from reader import PAGES, Reader, source

from as_typed import GUESSES, REFUSED, VERDICTS

LABS = [path for path in PAGES if "ddialab-predict" in source(path)]
ANSWERS, WAITS = ".ddialab-answer", ".ddialab-wait"


def keys(path: str) -> list[str]:
    return re.findall(r'class="ddialab-answer" data-key="([\w-]+)"', source(path))


@pytest.fixture
def ask(read):
    """``ask("parseNumber", [인자들, …])``: 페이지의 함수가 돌려주는 것들."""
    page = read(LABS[0]).page

    def called(name: str, cases: list[list]) -> list:
        return page.evaluate(f"cases => cases.map((c) => ddialabGuess.{name}(...c))", cases)

    return called


def test_the_page_reads_a_guess_as_the_notebook_does(ask):
    got = ask("parseNumber", [[text, unit] for text, unit, _ in GUESSES])
    assert got == [number for _, _, number in GUESSES]


def test_the_page_refuses_a_guess_as_the_notebook_does(ask):
    got = ask("refusal", [[text, unit, bounds] for text, unit, bounds, _ in REFUSED])
    assert got == [why for *_, why in REFUSED]


def test_the_page_compares_a_guess_as_the_notebook_does(ask):
    got = ask("verdict", [[typed, *about] for typed, *about, _ in VERDICTS])
    assert got == [sentence for *_, sentence in VERDICTS]
    assert ask("verdict", [[None, 5, "5번", "번"], ["열둘", 5, "5번", "번"]]) == [None, None]


def test_a_guess_out_of_range_is_said_and_opens_nothing(read):
    page = read(next(path for path in LABS if "10-human" in path), folded=True).page
    form = page.locator(".ddialab-predict", has=page.locator("input[type=text]")).first
    form.locator("input").fill("-5")
    form.get_by_role("button", name="예상 남기기").press("Enter")
    assert "-5건: 0건 이상인 수로" in form.get_by_role("status").inner_text()
    assert form.locator("input").get_attribute("aria-invalid") == "true"
    assert page.locator(f"{ANSWERS} >> visible=true").count() == 0
    form.locator("input").fill("5건")
    form.get_by_role("button", name="예상 남기기").press("Enter")
    assert page.locator(f"{ANSWERS} >> visible=true").count() == 1


@pytest.mark.parametrize("path", LABS)
def test_every_prediction_folds_its_answer(read, path):
    page = read(path, folded=True).page
    asked = page.locator(".ddialab-predict").evaluate_all("f => f.map(form => form.dataset.key)")
    assert sorted(keys(path)) == sorted(asked) != []
    for radios in page.locator(".ddialab-predict fieldset:has(input[type=radio])").all():
        name = radios.get_attribute("aria-label")  # 초점이 보기로 가도 물음을 듣습니다
        assert radios.locator("p").first.text_content() in name
    assert page.locator(WAITS).count() == len(asked)
    for answer in page.locator(".ddialab-compare").all():
        assert not answer.is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(f"{ANSWERS} >> visible=true").count() == len(asked)
    assert page.locator(f"{WAITS} >> visible=true").count() == 0


@pytest.mark.parametrize("path", LABS)
def test_a_guess_opens_its_own_answer_and_both_stay(read, path):
    reader = read(path, folded=True)
    page, asked = reader.page, len(reader.requests)
    form = page.locator(".ddialab-predict").first
    key = form.get_attribute("data-key")
    field = form.locator("input[type=text]")
    if field.count():
        field.fill("약 2")
    else:
        form.locator("input[type=radio]").first.check()
    form.get_by_role("button", name="예상 남기기").press("Enter")
    mine = f'{ANSWERS}[data-key="{key}"]'
    assert page.locator(f"{ANSWERS} >> visible=true").count() == 1
    sentence = page.locator(f"{mine} .ddialab-compare").inner_text()
    assert re.match(r"예상: .+\.\s결과: .+\.\s.+니다\.", sentence)
    said = " ".join(sentence.split())
    assert said in " ".join(form.inner_text().split()), "예상과 결과가 나란히 있습니다"
    sent = [url for url in reader.requests[asked:] if "/_static/" not in url or "?" in url]
    assert sent == [], "예상은 어디에도 보내지 않습니다. 늦게 받는 것은 책의 파일뿐입니다"
    page.reload()
    page.locator(mine).wait_for(state="visible")
    assert page.locator(f"{mine} .ddialab-compare").inner_text() == sentence
    told = " ".join(form.inner_text().split())
    assert said in told
    assert "전에 적어 둔 예상" in told


def test_a_peek_opens_without_a_guess_and_stays(read):
    page = read(LABS[0], folded=True).page
    first = page.locator(ANSWERS).first
    page.get_by_role("button", name="그냥 보기").first.press("Enter")
    assert first.is_visible()
    assert first.evaluate("box => box === document.activeElement")
    assert page.locator(f"{ANSWERS} >> visible=true").count() == 1
    page.reload()
    first.wait_for(state="visible")
    assert first.locator(".ddialab-compare").inner_text().startswith("결과: ")


def test_without_javascript_nothing_is_folded(browser, address):
    reader = Reader(browser, address, java_script_enabled=False)
    page = reader.context.new_page()
    page.goto(f"{address}/{LABS[0]}")
    assert page.locator(f"{ANSWERS} >> visible=true").count() == len(keys(LABS[0]))
    assert page.locator(f"{WAITS} >> visible=true").count() == 0
    reader.context.close()


def test_search_results_do_not_tell_the_answer(read):
    page = read("search.html?q=예상").page
    texts = page.evaluate(
        "paths => Promise.all(paths.map((path) => fetch(path).then((r) => r.text())"
        ".then((html) => bookText(html, ''))))",
        LABS,
    )
    for text, path in zip(texts, LABS, strict=True):
        assert len(text) > 3_000, path
        assert "결과: " not in text
