"""장면을 페이지에 놓기: 코드보다 먼저, 그리고 저장된 장면의 나머지는 따로."""

import json
import re
from types import SimpleNamespace

import pytest
from docutils import nodes

import scene as placing
from ddialab.experiments.hardware_faults.scenes import TOY
from ddialab.show.description import describe
from ddialab.show.scene import static_face

KILLED = [(8000, "kill", "n1")]


@pytest.fixture
def page(tmp_path):
    """장면 둘이 든 페이지를 가볍게 한 것과, 그때 쓴 파일들."""
    face = static_face(TOY, title="</script>", alt="서버 셋", script=KILLED)
    context = {"body": f"<p>앞</p>{face}<p>사이</p>{face}<p>뒤</p>"}
    placing.lighten(SimpleNamespace(outdir=tmp_path), "labs/07", "", context, None)
    return context["body"], list(tmp_path.rglob("*.js"))


def stored(body):
    return [json.loads(one) for one in re.findall(r'application/json">(.*?)</script>', body)]


def test_what_the_page_keeps_and_what_it_puts_aside_are_the_whole(page):
    body, (file,) = page
    whole = describe(TOY, "</script>", "서버 셋", KILLED)
    for told in stored(body):
        assert told["saved"].pop("rest") == f"scenes/{file.name}"
        rest = json.loads(file.read_text("utf-8").partition("] = ")[2].rstrip(";\n"))
        told["saved"]["changes"] += rest
        assert told == json.loads(json.dumps(whole))
    assert f'["by-hand-{whole["digest"]}"]' in file.read_text("utf-8")


def test_the_text_around_stays_and_nothing_escapes(page):
    body, _ = page
    assert (
        re.sub(r"<style>.*?</style>|<figure.*?</figure>", "", body)
        == "<p>앞</p><p>사이</p><p>뒤</p>"
    )
    assert body.count("</script>") == 2


def cell(*parts):
    made = nodes.container(classes=["cell"])
    for name, text in parts:
        part = nodes.container(classes=[name])
        part += nodes.raw("", text, format="html")
        made += part
    return made


@pytest.mark.parametrize(
    ("output", "first"),
    [('<figure class="ddialab-scene">', "cell_output"), ("<table>", "cell_input")],
)
def test_a_scene_comes_before_its_code_and_nothing_else_does(output, first):
    document = cell(("cell_input", "code"), ("cell_output", output))
    holder = nodes.container()
    holder += document
    placing.play_first(None, holder, "labs/07")
    assert document.children[0]["classes"] == [first]


def test_the_script_of_a_directive_is_that_of_a_scene():
    written = placing.Scene.option_spec["script"]("8000 kill n1; 20000 repair n1")
    assert written == [*KILLED, (20_000, "repair", "n1")]


def test_a_page_leads_to_a_moment_of_its_scene():
    about = SimpleNamespace(arguments=["hardware_faults.scenes:TOY", "8.5"], content=["거기로"])
    (link,) = placing.Moment.run(about)
    assert re.search('href="#scene=by-hand&seed=7&.*&t=8500&m=book"', link.astext())
    assert ">거기로</a>" in link.astext()
