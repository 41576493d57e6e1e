"""JSON from outside: bounded before it is parsed, named or repaired where it can't be stored."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parley
from parley.kernel.errors import Invalid, ParseFailed, TooLarge
from parley.kernel.text import json_text
from parley.kernel.text.json_text import (
    MAX_DEPTH,
    MAX_ESCAPES,
    MAX_PARTS,
    read_json,
    repaired,
    repaired_json,
    strict_json,
    texts_of,
)

WIDE = [b"[],", b"{},", b'{"":0},', b"0,", b'"a",', b"[[]],", b'{"a":[{}]},']
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=[])), inner, max_size=3)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("read", [strict_json, repaired_json])
@pytest.mark.parametrize("piece", WIDE)
def test_a_text_of_too_many_parts_is_refused_before_it_is_parsed(read, piece, monkeypatch):
    raw = b"[" + piece * (MAX_PARTS + 1) + b"0]"
    monkeypatch.setattr(json_text, "read_json", None)  # whoever parsed would fail otherwise
    monkeypatch.setattr(json_text, "json", None)
    with pytest.raises(TooLarge):
        read(raw)


def test_a_text_of_too_many_broken_escapes_is_refused_before_it_is_repaired(monkeypatch):
    monkeypatch.setattr(json_text, "json", None)
    raw = rb'["' + rb"\ud83d" * (MAX_ESCAPES + 1) + b'"]'
    with pytest.raises(TooLarge):
        repaired_json(raw)
    with pytest.raises(ParseFailed):
        strict_json(raw)
    assert repaired_json(rb'["' + rb"\n" * (MAX_ESCAPES + 1) + b'"]') == ["\n" * (MAX_ESCAPES + 1)]


@pytest.mark.parametrize("read", [strict_json, repaired_json])
def test_texts_may_hold_what_structure_is_made_of(read):
    words = "[one], {two}, three\n" * 1000
    assert read(json.dumps({"message": words}).encode()) == {"message": words}
    events = [{"event": "x", "properties": {f"p{n}": n for n in range(60)}} for _ in range(1000)]
    assert read(json.dumps({"batch": events}).encode()) == {"batch": events}


@pytest.mark.parametrize("read", [strict_json, repaired_json])
@pytest.mark.parametrize("inside", [b"1", b'"\\u0000"', b'"\\ud800"', b"1e999"])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 300, 800, 990, 5000, 100_000])
def test_what_is_nested_too_deeply_is_a_refusal_whatever_lies_inside(read, inside, depth):
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")):
        with pytest.raises((ParseFailed, TooLarge)):
            read(opening * depth + inside + closing * depth)


@pytest.mark.parametrize("read", [strict_json, repaired_json])
def test_the_greatest_depth_is_taken(read):
    assert read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


@pytest.mark.parametrize(
    ("fields", "attr", "code", "word"),
    [
        (rb'"ok": 1, "name": "a\ud83d"', "name", "surrogate_characters_not_allowed", "U+D83D"),
        (rb'"name": {"x": ["\udc00b"]}', "name", "surrogate_characters_not_allowed", "U+DC00"),
        (rb'"name": {"\ud83d": 1}', "name", "surrogate_characters_not_allowed", "U+D83D"),
        (rb'"\ud83d": 1', "\ufffd", "surrogate_characters_not_allowed", "U+D83D"),
        (b'"ok": 1e300, "size": 1e400', "size", "invalid_input", "finite"),
        (b'"size": [-1e400]', "size", "invalid_input", "finite"),
        (b'"size": {"a": NaN}', "size", "invalid_input", "finite"),
        (b'"size": -Infinity', "size", "invalid_input", "finite"),
        (b'"size": ' + b"9" * 5000, "size", "invalid_input", "finite"),
    ],
)
def test_strict_reading_names_the_field_and_what_is_wrong(fields, attr, code, word):
    with pytest.raises(Invalid) as refused:
        strict_json(b"{" + fields + b', "later": "\\udfff"}')
    assert (refused.value.attr, refused.value.code) == (attr, code)
    assert word in refused.value.detail
    msgspec.json.encode(refused.value.body())


@pytest.mark.parametrize("raw", [b"{", b'{"a" 1}', b'{"a": "\xff"}', b"[NaN]", b'"\\ud800"', b"nan"])
def test_strict_reading_refuses_what_is_no_json(raw):
    with pytest.raises(ParseFailed):
        strict_json(raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'"a\u0000b"', "a\ufffdb"),
        (b'"a\x00b"', "a\ufffdb"),
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\ud83da"', "\ufffda"),
        (rb'"\udc00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ude00"', "😀"),
        (b'"\xed\xa0\xbd"', "\ufffd\ufffd\ufffd"),
        (b'"\xff"', "\ufffd"),
        (b"[1e400, -1e400, NaN, Infinity, 1.5]", [None, None, None, None, 1.5]),
        (b"9" * 5000, None),
        (rb'{"k\u0000\ud800": {"\udfff": ["\u0000"]}}', {"k\ufffd\ufffd": {"\ufffd": ["\ufffd"]}}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
    ],
)
def test_repairing_makes_everything_storable(raw, value):
    assert repaired_json(raw) == value


@given(VALUES)
def test_whatever_was_written_can_be_stored_once_it_is_repaired(value: Any):
    found = repaired_json(json.dumps(value).encode())
    assert "\\u0000" not in msgspec.json.encode(found).decode().replace("\\\\", "")
    assert repaired(found) == found


NUMBERS = [
    b"1e308",
    b"-1e308",
    b"1.7976931348623157e308",
    b"5e-324",
    b"1e-320",
    b"1." + b"7" * 800 + b"e-300",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("read", [read_json, strict_json, repaired_json])
def test_numbers_are_read_by_python_since_msgspec_takes_a_hundred_times_longer_for_some(read, number):
    raw, n_read = b"[" + b",".join([number] * 100) + b"]", 0

    def note(frame, event, _):
        nonlocal n_read
        n_read += event == "call" and frame.f_code is json_text._number.__code__

    sys.setprofile(note)
    try:
        found = read(raw)
    finally:
        sys.setprofile(None)
    assert (found, n_read) == ([float(number)] * 100, 100)


@given(st.dictionaries(st.sampled_from(["name", "email", "a", "", "field_0"]), VALUES))
def test_texts_are_taken_out_of_an_object(value):
    raw = msgspec.json.encode(repaired(value))
    whole, names = json.loads(raw), ("name", "email", "")
    kept = {name: whole[name][:3] for name in names if isinstance(whole.get(name), str)}
    assert texts_of(raw, names, 3) == texts_of(raw.decode(), names, 3) == kept


def test_nothing_is_built_of_the_rest_of_an_object(monkeypatch):
    read: list[bytes] = []

    def reading(raw):
        read.append(raw)
        return read_json(raw)

    monkeypatch.setattr(json_text, "read_json", reading)
    raw = b'{"a":[' + b"1e308," * 1000 + b'1],"email":["x"],"name":"Ada"}'
    assert texts_of(raw, ("email", "name"), 10) == {"name": "Ada"}
    assert read == [b'"Ada"']


def test_nothing_else_has_msgspec_read_numbers_of_strangers():
    # With a type numbers are only read where the type has some.
    decode, decoder = r"decode\b(?!\(.*type=)", r"Decoder\b(?!\(([\w.]+[\[)]|\w+ \||.*type=))"
    untyped = re.compile(rf"msgspec\.json\.({decode}|{decoder})")
    found = {
        path.name
        for path in Path(parley.__path__[0]).rglob("*.py")
        if not {"tests", "migrations"} & {*path.parts} and untyped.search(path.read_text())
    }
    assert found == {"json_text.py"}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_it_was_written(number):
    assert read_json(json.dumps([number]).encode()) == [number]
