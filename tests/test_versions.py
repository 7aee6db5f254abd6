"""두 버전이 함께 다루는 게시글: 데이터베이스에 두든 딕셔너리에 두든 같은 답을 합니다."""

import pytest

from ddialab.blocks.database import Database
from ddialab.core.errors import InvalidValue
from ddialab.experiments.evolvability.documents import Documents, MemoryDocuments
from ddialab.experiments.evolvability.versions import NEW, OLD, TREATMENTS, VersionedPosts
from ddialab.ops.fields import LossyDowngrade
from ddialab.ops.schema import FORMATS, POSTS, Codec
from ddialab.service.posts import PostService
from postgres_server import postgres_url  # noqa: F401

PLAIN = {"id": 1, "author": "소라", "text": "점심"}
TAGGED = PLAIN | {"tags": ["맛집"]}


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def documents(request):
    if request.param == "memory":
        yield MemoryDocuments()
        return
    target = ":memory:"
    if request.param == "postgres":
        target = request.getfixturevalue("postgres_url")
    with Database.open(target, schema="temporary") as database:
        yield Documents(database)


def test_a_post_is_published_read_edited_and_deleted(documents):
    service = PostService(VersionedPosts(documents, NEW, "preserve"))
    assert service.publish("소라", "점심", id=1, tags=["맛집"]) == TAGGED == service.read(1)
    assert service.edit(1, "저녁") == TAGGED | {"text": "저녁"} == service.read(1)
    assert service.delete(1)
    assert service.read(1) is service.edit(1, "밤") is None
    assert not service.delete(1)


def test_the_same_request_twice_writes_one_post(documents):
    posts = VersionedPosts(documents, NEW, "preserve")
    posts.insert_post(**TAGGED)
    posts.insert_post(**TAGGED | {"text": "두 번째"})
    assert posts.post(1) == TAGGED
    assert VersionedPosts(documents, OLD, "preserve").post(1) == PLAIN


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("way", "written", "kept"),
    [("drop", TAGGED, []), ("preserve", TAGGED, ["맛집"]), ("wait", PLAIN, [])],
)
def test_what_the_old_version_leaves_of_a_new_post(documents, way, written, kept, format):
    def codec(version, unknown):
        return Codec(POSTS, version, format, unknown)

    old, new = (VersionedPosts(documents, version, way, codec) for version in (OLD, NEW))
    assert new.insert_post(**TAGGED) == written
    assert old.update(1, "저녁") == PLAIN | {"text": "저녁"}
    assert new.post(1) == TAGGED | {"text": "저녁", "tags": kept}


def test_refusing_leaves_the_post_as_it_was(documents):
    old, new = (VersionedPosts(documents, version, "refuse") for version in (OLD, NEW))
    new.insert_post(**TAGGED)
    with pytest.raises(LossyDowngrade):
        old.update(1, "저녁")
    assert new.post(1) == TAGGED


def test_a_new_version_writes_tags_once_it_is_switched_on(documents):
    posts = VersionedPosts(documents, NEW, "wait")
    posts.tagging = True
    assert posts.insert_post(**TAGGED) == TAGGED == posts.post(1)


def test_an_edit_that_meets_another_edit_starts_over(documents, monkeypatch):
    """두 복제본이 같은 글을 읽고 차례로 덮어쓰면 앞의 것이 사라집니다."""
    posts, seen, get = VersionedPosts(documents, NEW, "preserve"), [], documents.get
    posts.insert_post(**TAGGED)
    other = posts.codec.encode(TAGGED | {"tags": ["맛집", "국밥"]})

    def get_slowly(id):
        seen.append(get(id))
        if len(seen) == 1:  # 읽고 쓰는 사이에 남이 고칩니다
            assert documents.replace(id, seen[0], other)
        return seen[-1]

    monkeypatch.setattr(documents, "get", get_slowly)
    posts.update(1, "저녁")
    monkeypatch.undo()
    assert posts.post(1) == {**TAGGED, "text": "저녁", "tags": ["맛집", "국밥"]}
    assert seen[1:] == [other]


@pytest.mark.parametrize("way", ["keep", None])
def test_an_unknown_way_is_refused(way):
    with pytest.raises(InvalidValue, match=", ".join(TREATMENTS)):
        VersionedPosts(MemoryDocuments(), OLD, way)
