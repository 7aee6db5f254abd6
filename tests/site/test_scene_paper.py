"""종이의 장면: 재생기가 보이는 것을 멈춘 그림이 보입니다."""

import pytest
from scene_page import SHELF, crowd, description

from ddialab.show.stage import Moment


def test_paper_shows_the_still_picture(visit):
    page = visit("cluster", media="print")
    assert not page.is_visible(".dds")
    assert page.is_visible(".ddialab-still")
    page.emulate_media(media="screen")
    assert page.is_visible(".dds")
    assert not page.is_visible(".ddialab-still")


HELD = """(until) => {
  const { story } = ddialabScene.mounted[0], picture = story.after(story.count(until));
  const parts = [...picture.parts].map(([id, { state, wait, work, rows, items, points }]) =>
    [id, state, wait, work, [...rows].map(([key, [text]]) => [key, text]), items, [...points]]);
  return [parts, [...picture.counts], picture.said];
}"""


@pytest.mark.parametrize(("name", "about"), [("shelf", description(SHELF)), ("crowd", crowd(200))])
def test_paper_shows_what_the_player_shows(visit, name, about):
    """종이의 그림은 파이썬이, 움직이는 그림은 재생기가 그립니다. 가진 것은 같아야 합니다."""
    page = visit(name)
    saved = about["saved"]  # 종이는 물음에서 멈추므로, 끝까지 견주려면 물음을 뺍니다
    saved["changes"] = [change for change in saved["changes"] if change[1] != "ask"]
    for until in (0, about["end"] // 3, about["end"]):
        moment = Moment(about, until * 1000)
        parts = []
        for id, held in moment.parts.items():
            counts = [held.places.count(place) for place in ("wait", "work")]
            rows, points = ([list(one) for one in x.items()] for x in (held.rows, held.points))
            parts.append([id, held.state, *counts, rows, held.items, points])
        counts = [list(count) for count in moment.counts.items()]
        assert page.evaluate(HELD, until) == [parts, counts, moment.said]
