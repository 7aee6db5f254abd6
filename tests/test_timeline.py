"""홈 타임라인과 인기 태그를 두는 곳: 두 번 적용해도 한 번, 옛것은 다시 적용하지 않습니다."""

import json

from composing import backend  # noqa: F401
from ddialab.service.stored import Stored
from ddialab.service.timeline import KEPT, Timelines, newest
from ddialab.service.trending import Trending


def test_the_newest_come_first_and_only_so_many_are_kept(backend):  # noqa: F811
    timelines = Timelines(backend)
    assert timelines.ids("나") == []
    timelines.push("나", [1, 3])
    timelines.push("나", [2, 3])
    assert timelines.ids("나") == [3, 2, 1]
    timelines.push("나", range(4, KEPT + 3))
    assert timelines.ids("나") == list(range(KEPT + 2, 2, -1))
    assert timelines.ids("다") == [], "남의 타임라인은 그대로입니다"


def test_a_full_timeline_is_filled_up_after_a_removal(backend):  # noqa: F811
    timelines, asked = Timelines(backend), []

    def older(user):
        asked.append(True)
        return list(range(1, KEPT + 6))

    timelines.push("나", [7, 8])
    timelines.remove("나", 7, older)
    assert (timelines.ids("나"), asked) == ([8], []), "꽉 차지 않았으면 빠진 글도 없습니다"
    timelines.push("나", range(6, KEPT + 6))
    timelines.remove("나", 999, older)
    assert asked == [], "없던 글을 뺐으면 더 채울 것도 없습니다"
    timelines.remove("나", KEPT + 5, lambda user: older(user)[:-1])
    assert timelines.ids("나") == list(range(KEPT + 4, 4, -1))
    assert asked


def test_newest_is_unique_and_bounded():
    assert newest([1, 2, 2, 3]) == [3, 2, 1]
    assert newest([]) == []
    assert len(newest(range(100))) == KEPT


def test_what_is_already_applied_is_not_applied_again(backend):  # noqa: F811
    timelines = Timelines(backend)
    timelines.push("나", [1], 4)
    timelines.remove("나", 1, lambda user: [], 5)
    timelines.push("나", [1], 4)
    assert timelines.ids("나") == []
    timelines.push("나", [2], 5)
    assert timelines.ids("나") == [], "같은 위치도 이미 적용한 것입니다"
    timelines.push("나", [2], 6)
    assert timelines.ids("나") == [2]
    timelines.clear("나")
    timelines.push("나", [1], 0)
    assert timelines.ids("나") == [1], "비웠으면 처음부터 다시 적용합니다"


def test_a_change_made_meanwhile_is_not_lost(backend, monkeypatch):  # noqa: F811
    """읽고 바꾸는 사이에 다른 연결이 바꾸면, 그것 위에 다시 합니다."""
    stored, other = Stored(backend), Stored(backend)
    swap, raced = backend.swap, []

    def late(*arguments):
        if not raced:
            raced.append(True)
            other.change("k", [], lambda old: [*old, "남"])
        return swap(*arguments)

    monkeypatch.setattr(backend, "swap", late)
    stored.change("k", [], lambda old: [*old, "나"])
    assert stored.get("k", []) == ["남", "나"]


def test_a_change_that_changes_nothing_writes_nothing(backend, monkeypatch):  # noqa: F811
    stored = Stored(backend)
    stored.change("k", [], lambda old: ["나"])
    monkeypatch.setattr(backend, "swap", None)
    stored.change("k", [], lambda old: old)
    assert json.loads(backend.get("k")) == [-1, ["나"]]


def test_tags_are_counted_by_post(backend):  # noqa: F811
    trending = Trending(backend)
    assert trending.top() == []
    trending.put(1, "#점심 #커피 #점심")
    trending.put(2, "#점심")
    trending.put(2, "#점심")
    assert trending.top() == [("점심", 2), ("커피", 1)]
    trending.put(1, "#저녁")
    assert trending.top() == [("저녁", 1), ("점심", 1)], "같으면 가나다순입니다"
    assert trending.top(1) == [("저녁", 1)]
    trending.put(1, "")
    trending.put(2, "태그 없는 글")
    assert trending.top() == []


def test_an_old_tag_does_not_come_back(backend):  # noqa: F811
    trending = Trending(backend)
    trending.put(1, "#새것", 9)
    trending.put(1, "#옛것", 3)
    assert trending.top() == [("새것", 1)]
    trending.clear()
    trending.put(1, "#옛것", 3)
    assert trending.top() == [("옛것", 1)]
