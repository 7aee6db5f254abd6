import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue, LabError
from ddialab.ops.fields import (
    TAGS,
    UNKNOWN,
    LossyDowngrade,
    UnresolvedSchema,
    type_name,
)
from ddialab.ops.schema import FORMATS, POSTS, Codec, Registry
from suite.effort import fuzz

NEW_POST = {"id": 1, "author": "소라", "text": "점심", "tags": ["맛집"]}
OLD_POST = {"id": 1, "author": "소라", "text": "점심"}

posts = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**63), 2**63 - 1),
        "author": st.text(),
        "text": st.text(),
        "tags": st.lists(st.text()),
    }
)


@pytest.mark.parametrize("format", FORMATS)
@fuzz(1000)
@given(values=posts)
def test_what_is_written_is_read_back(format, values):
    codec = Codec(POSTS, 2, format)
    record = codec.decode(codec.encode(values))
    assert (record.values, record.written, record.unknown) == (values, 2, {})


@pytest.mark.parametrize("format", FORMATS)
def test_a_new_reader_fills_the_default_and_an_old_reader_sets_the_rest_aside(format):
    old, new = Codec(POSTS, 1, format), Codec(POSTS, 2, format)
    assert new.decode(old.encode(OLD_POST)).values == OLD_POST | {"tags": []}
    seen = old.decode(new.encode(NEW_POST))
    assert (seen.values, seen.unknown, seen.written) == (OLD_POST, {"tags": ["맛집"]}, 2)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("unknown", "tags"), [("drop", []), ("preserve", ["맛집"])])
def test_an_old_node_that_edits_a_new_post(format, unknown, tags):
    """이 실습의 핵심: 버리면 사라지고, 지키면 남습니다. 고친 글자는 둘 다 남습니다."""
    new, old = Codec(POSTS, 2, format), Codec(POSTS, 1, format, unknown)
    again = new.decode(old.rewrite(new.encode(NEW_POST), {"text": "저녁"}))
    assert again.values == NEW_POST | {"text": "저녁", "tags": tags}


@pytest.mark.parametrize("format", FORMATS)
def test_a_new_node_upgrades_what_it_edits_whatever_it_does_with_unknown_fields(format):
    old = Codec(POSTS, 1, format)
    for unknown in UNKNOWN:
        new = Codec(POSTS, 2, format, unknown)
        again = new.decode(new.rewrite(old.encode(OLD_POST), {"tags": ["밥"]}))
        assert (again.values["tags"], again.written) == (["밥"], 2)


@pytest.mark.parametrize("format", FORMATS)
def test_a_downgrade_that_would_lose_data_is_refused(format):
    new, old = Codec(POSTS, 2, format), Codec(POSTS, 1, format, "refuse")
    with pytest.raises(LossyDowngrade, match="맛집"):
        old.rewrite(new.encode(NEW_POST), {"text": "저녁"})
    untagged = new.encode(NEW_POST | {"tags": []})  # 기본값 그대로면 잃을 것이 없습니다
    assert new.decode(old.rewrite(untagged, {"text": "저녁"})).values["text"] == "저녁"


def test_a_value_the_old_version_cannot_name_survives_in_avro():
    """고를 값의 기본값으로 바꿔 읽더라도, 고쳐 적을 때는 적힌 그대로여야 합니다."""

    def mood(*symbols):
        kind = {"type": "enum", "name": "Mood", "symbols": list(symbols), "default": "good"}
        return [{"name": "mood", "type": kind}, {"name": "text", "type": "string"}]

    registry = Registry("m", {1: mood("good"), 2: mood("good", "wow")})
    new, old = Codec(registry, 2, "avro"), Codec(registry, 1, "avro")
    data = new.encode({"mood": "wow", "text": "가"})
    assert old.decode(data).values["mood"] == "good"
    assert new.decode(old.rewrite(data, {"text": "나"})).values == {"mood": "wow", "text": "나"}


@pytest.mark.parametrize("format", FORMATS)
def test_a_default_is_never_shared(format):
    """채워 준 목록을 고쳤더니 스키마의 기본값이 바뀌면 다음 글에 남의 태그가 붙습니다."""
    old, new = Codec(POSTS, 1, format), Codec(POSTS, 2, format)
    data = old.encode(OLD_POST)
    new.decode(data).values["tags"].append("엉뚱한 태그")
    assert new.decode(data).values["tags"] == TAGS["default"] == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"id": "열둘"}, "id='열둘'"),
        ({"id": True}, "id=True"),
        ({"id": 2**63}, "long"),
        ({"text": None}, "text=None"),
        ({"tags": "맛집"}, "string의 배열"),
        ({"likes": 3}, "likes"),
    ],
)
@pytest.mark.parametrize("format", FORMATS)
def test_values_that_do_not_fit_are_named(format, bad, said):
    with pytest.raises(InvalidValue, match=said):
        Codec(POSTS, 2, format).encode(NEW_POST | bad)


@pytest.mark.parametrize("format", FORMATS)
def test_a_missing_required_field_is_named(format):
    with pytest.raises(UnresolvedSchema, match="author"):
        Codec(POSTS, 2, format).encode({"id": 1, "text": "점심"})


@pytest.mark.parametrize("format", FORMATS)
def test_schemas_that_cannot_be_resolved_say_so(format):
    registry = Registry("p", {1: [_field("a", "int")], 2: [_field("a", "string")]})
    with pytest.raises(UnresolvedSchema):
        Codec(registry, 2, format).decode(Codec(registry, 1, format).encode({"a": 1}))


def _field(name, kind, **more):
    return {"name": name, "type": kind, **more}


@pytest.mark.parametrize("version", [9, "1", None, True])
def test_an_unknown_version_is_refused(version):
    with pytest.raises(InvalidValue, match="아는 버전: 1, 2"):
        Codec(POSTS, version)


def test_avro_from_an_unregistered_version_cannot_be_read_but_json_can():
    """Avro의 바이트에는 이름이 없어서, 쓴 쪽의 스키마가 없으면 아무것도 읽지 못합니다."""
    future = Registry("post", {7: [*POSTS.fields(2).values()]})
    with pytest.raises(InvalidValue, match="버전 7"):
        Codec(POSTS, 1, "avro").decode(Codec(future, 7, "avro").encode(NEW_POST))
    assert Codec(POSTS, 1).decode(Codec(future, 7).encode(NEW_POST)).values == OLD_POST


@pytest.mark.parametrize(
    "fields",
    [
        [{"name": "a", "type": "strin"}],
        [{"name": "a", "type": "int", "default": "셋"}],
        [{"type": "int"}],
        [_field("a", "int"), _field("a", "int")],
    ],
)
def test_a_broken_schema_is_refused_when_it_is_registered(fields):
    with pytest.raises(InvalidValue):
        Registry("p", {1: fields})


@fuzz(2000)
@pytest.mark.parametrize("format", FORMATS)
@given(data=st.binary(max_size=40))
def test_garbage_is_refused_in_our_words(format, data):
    for prefix in (b"", b"\0\0\0\0\2"):
        try:
            Codec(POSTS, 2, format).decode(prefix + data)
        except LabError:
            continue


@pytest.mark.parametrize("cut", [1, 6, -1])
@pytest.mark.parametrize("format", FORMATS)
def test_a_cut_record_is_refused(format, cut):
    codec = Codec(POSTS, 2, format)
    with pytest.raises(InvalidValue):
        codec.decode(codec.encode(NEW_POST)[:cut])
    with pytest.raises(InvalidValue):
        codec.decode(codec.encode(NEW_POST) + b"\0\0")


@pytest.mark.parametrize(("name", "bad"), [("format", "xml"), ("unknown", "keep")])
def test_unknown_settings_are_refused(name, bad):
    with pytest.raises(InvalidValue, match=bad):
        Codec(POSTS, 1, **{name: bad})


def test_types_are_named_for_people():
    assert type_name(TAGS["type"]) == "string의 배열"
    assert type_name("long") == "long"
