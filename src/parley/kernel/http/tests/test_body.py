"""Bodies: the first problem, in the words of the wire format."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.kernel.errors import AppError, Invalid, ParseFailed, TooLarge, UnsupportedMediaType
from parley.kernel.http.body import (
    MAX_FORM_BYTES,
    TRIM,
    parse,
    parse_all,
    read,
)
from parley.kernel.text.json_text import MAX_DEPTH


class Inner(msgspec.Struct):
    name: str
    n: int = 0


class Sample(msgspec.Struct):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=5, extra=TRIM)]
    kind: Literal["x", "y"] | None = None
    active: bool = False
    at: datetime | None = None
    ids: list[UUID] = []
    inner: Inner | None = None
    traits: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    size: Annotated[int, msgspec.Meta(ge=1)] = 1


@pytest.mark.parametrize(
    ("fields", "code", "attr"),
    [
        ({}, "required", "title"),
        ({"title": None}, "null", "title"),
        ({"title": ""}, "blank", "title"),
        ({"title": " \t "}, "blank", "title"),
        ({"title": "longer"}, "max_length", "title"),
        ({"title": True}, "invalid_input", "title"),
        ({"title": ["a"]}, "invalid_input", "title"),
        ({"title": "a", "kind": "z"}, "invalid_choice", "kind"),
        ({"title": "a", "kind": ""}, "invalid_choice", "kind"),
        ({"title": "a", "active": "maybe"}, "invalid_input", "active"),
        ({"title": "a", "at": "2026"}, "invalid_input", "at"),
        ({"title": "a", "at": "yesterday"}, "invalid_input", "at"),
        ({"title": "a", "at": 12}, "invalid_input", "at"),
        ({"title": "a", "at": "0001-01-01T00:00:00+14:00"}, "invalid_input", "at"),
        ({"title": "a", "ids": "x"}, "invalid_input", "ids"),
        ({"title": "a", "ids": ["x"]}, "invalid_input", "ids__0"),
        ({"title": "a", "inner": {}}, "required", "inner__name"),
        ({"title": "a", "inner": {"name": "b", "n": "q"}}, "invalid_input", "inner__n"),
        ({"title": "a", "traits": [1]}, "invalid_input", "traits"),
        ({"title": "a", "size": 0}, "min_value", "size"),
        ({"size": 0, "kind": "z"}, "required", "title"),
    ],
)
def test_the_first_field_at_fault_is_named(fields, code, attr):
    with pytest.raises(Invalid) as caught:
        read(Sample, fields)
    assert (caught.value.code, caught.value.attr) == (code, attr)
    assert caught.value.detail.endswith(".")


def test_text_that_spells_a_value_passes_for_it():
    found = read(
        Sample,
        {"title": 42, "active": "true", "size": "7", "ids": f'["{UUID(int=5)}"]', "inner": '{"name": "a"}'},
    )
    assert (found.title, found.active, found.size, found.ids) == ("42", True, 7, [UUID(int=5)])
    assert found.inner == Inner("a")


def test_white_space_is_trimmed_where_the_field_asks_for_it():
    assert read(Sample, {"title": "  abcde "}).title == "abcde"


@pytest.mark.parametrize("text", ["2026-03-01T12:00:00Z", "2026-03-01T12:00:00", "2026-03-01T14:00:00+02:00"])
def test_an_instant_without_an_offset_is_utc(text):
    assert read(Sample, {"title": "a", "at": text}).at == datetime(2026, 3, 1, 12, tzinfo=UTC)


ONE, OTHER = "0190f5fe-7c00-7000-8000-000000000001", "0190f5fe-7c00-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("form", "name", "value"),
    [
        (f"ids={ONE}&ids={OTHER}", "ids", [UUID(ONE), UUID(OTHER)]),
        (f"ids={ONE}", "ids", [UUID(ONE)]),
        (f'ids=["{ONE}","{OTHER}"]', "ids", [UUID(ONE), UUID(OTHER)]),
        ("ids=", "ids", []),
        ("title=b&title=c", "title", "c"),
        ("kind=", "kind", None),
        ("kind=y&kind=", "kind", None),
        ("at=", "at", None),
        ("size=2&size=3", "size", 3),
    ],
)
@pytest.mark.parametrize("is_multipart", [False, True])
def test_a_form_repeats_a_name_for_a_list(form, name, value, is_multipart):
    pairs = [pair.split("=", 1) for pair in f"title=a&{form}".split("&")]
    raw, content_type = f"title=a&{form}".encode(), "application/x-www-form-urlencoded"
    if is_multipart:
        parts = (f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in pairs)
        raw, content_type = f"{''.join(parts)}--x--\r\n".encode(), "multipart/form-data; boundary=x"
    assert getattr(read(Sample, parse_all(raw, content_type)), name) == value


def test_an_empty_form_field_clears_what_can_be_null():
    assert read(Sample, {"title": "a", "at": ""}).at is None


@pytest.mark.parametrize(
    ("raw", "content_type", "error"),
    [
        (b"{", "application/json", ParseFailed),
        (b"[1]", "application/json", Invalid),
        (b"null", "application/json", Invalid),
        (b"[" * 200_000, "application/json", ParseFailed),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "application/json", ParseFailed),
        (b'{"a": "\xff"}', "application/json", ParseFailed),
        (b'{"a": "\\ud800"}', "application/json", Invalid),
        (b"[" + b"[]," * 200_000 + b"0]", "application/json", TooLarge),
        (b"a=" + b"x" * MAX_FORM_BYTES, "application/x-www-form-urlencoded", TooLarge),
        (b"--x" + b"-" * MAX_FORM_BYTES, "multipart/form-data; boundary=x", TooLarge),
        (b'{"a": {"b": ["\\u0000"]}}', "application/json", Invalid),
        (b"a=%00", "application/x-www-form-urlencoded", Invalid),
        (b"a=%FF", "application/x-www-form-urlencoded", ParseFailed),
        (b"&".join(b"a%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded", ParseFailed),
        (b"--x", "multipart/form-data", ParseFailed),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", ParseFailed),
        (b"\x89PNG", "image/png", UnsupportedMediaType),
    ],
)
def test_a_hostile_body_is_refused_with_an_envelope(raw, content_type, error):
    with pytest.raises(error) as caught:
        parse(raw, content_type)
    assert set(caught.value.body()) == {"type", "code", "detail", "attr"}


def test_three_content_types_say_the_same():
    multipart = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb c\r\n--x--\r\n'
    found = [
        parse(b'{"a": "b c"}', "application/json; charset=utf-8"),
        parse(urlencode({"a": "b c"}).encode(), "application/x-www-form-urlencoded"),
        parse(multipart, "multipart/form-data; boundary=x"),
    ]
    assert found == [{"a": "b c"}] * 3


def test_an_empty_body_is_an_empty_object():
    assert parse(b" ", "image/png") == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from([*Sample.__struct_fields__, "other"]), json_values))
def test_whatever_comes_is_read_or_refused_with_one_problem(fields):
    try:
        assert isinstance(read(Sample, fields), Sample)
    except AppError as error:
        assert error.status == 400 and error.body()["detail"]


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b'{"a": "x\\u0000\\ud83d"}', "application/json"),
        (b'{"a": "x\x00\\udc00"}', "text/plain"),
        (b"a=x%00%ff", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\x00\xff\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_body_that_nobody_could_mend_is_repaired_but_for_nul(raw, content_type):
    assert parse(raw, content_type, repairs=True) == {"a": "x\x00\ufffd"}
    with pytest.raises((Invalid, ParseFailed)):
        parse(raw, content_type)


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json"])
def test_nul_characters_are_refused_however_they_are_spelled(content_type):
    fields = {"title": "a", "traits": r'{"x": "\u0000"}'}
    raw = urlencode(fields).encode() if "form" in content_type else msgspec.json.encode(fields)
    with pytest.raises(Invalid) as caught:
        read(Sample, parse(raw, content_type))
    assert (caught.value.code, caught.value.attr) == ("null_characters_not_allowed", "traits")
