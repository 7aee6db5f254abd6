"""진도 페이지의 표: 차례에서 진도보다 앞에 있는 페이지와, 그 페이지들이 묻는 것."""

from types import SimpleNamespace

from docutils import nodes
from docutils.utils import new_document

from ddialab.experiments.hardware_faults.scenes import HEADROOM, INCIDENT
from ddialab.show.check import _static_face
from ddialab.show.predict import Prediction
from ddialab.show.scene import static_face
from progress import PAGE, asked_in, asked_on, counted, row


def test_every_question_of_a_page_is_found():
    shown = [
        Prediction("times", "몇 <배>일까요?", unit="배")._form(),
        Prediction("where", "어디일까요?", choices=["캐시", "디스크"])._form(),
        _static_face("맞는 것은?", {"가": "맞습니다. 예.", "나": "아닙니다. 예."}, "가"),
        static_face(HEADROOM, title="제목", alt="그림"),
        static_face(INCIDENT, title="제목", alt="그림"),
        "<p>물음이 아닌 것</p>",
    ]
    asked = asked_in(shown)
    ask = INCIDENT.asks[0]
    assert asked.guesses == [
        ("times", "몇 <배>일까요?"),
        ("where", "어디일까요?"),
        (f"{INCIDENT.name}-{ask.id}", ask.question),
    ]
    [(key, question, answer)] = asked.checks
    assert f'name="{key}"' in shown[2]
    assert (question, answer) == ("맞는 것은?", "가")
    assert asked.challenges == [(HEADROOM.name, HEADROOM.challenge.goal)]


def test_pages_after_progress_are_not_counted():
    below = {"front": ["a", PAGE, "glossary"], "a": ["a1"]}
    env = SimpleNamespace(toctree_includes=below, config=SimpleNamespace(root_doc="front"))
    assert counted(env) == ["front", "a", "a1"]
    below["front"].remove(PAGE)
    assert counted(env) == []


def test_a_row_without_scripts_can_be_filled_with_a_pencil():
    none = asked_in([])
    html = row("labs/02", "실습 <02>", "../labs/02.html", none, none)
    assert html.endswith("<td></td><td></td><td></td><td></td></tr>")
    assert "실습 &lt;02&gt;" in html
    asked = asked_in([Prediction("a", "몇 배?")._form()])
    assert "<td>/ 1</td>" in row("labs/02", "제목", "x", asked, none)
    assert "<td><small>더 파기 / 1</small></td>" in row("labs/02", "제목", "x", none, asked)


def test_what_a_folded_section_asks_is_apart():
    """「더 파기」는 건너뛰어도 됩니다. 그 절의 그다음 제목 아래에서 물어도 그렇습니다."""
    html = {key: Prediction(key, "몇 배?")._form() for key in ("story", "deep", "after")}
    doctree = new_document("")
    for title, below, key in (
        ("본문", "", "story"),
        ("더 파기: 왜?", "그다음", "deep"),
        ("끝", "", "after"),
    ):
        section = nodes.section("", nodes.title("", title))
        inner = section
        if below:
            inner = nodes.section("", nodes.title("", below))
            section += inner
        inner += nodes.raw("", html[key], format="html")
        doctree += section
    story, deeper = asked_on(doctree)
    assert [key for key, _ in story.guesses] == ["story", "after"]
    assert [key for key, _ in deeper.guesses] == ["deep"]
