"""Blocks that are joined: one gzip file, whatever they hold and whoever has packed them."""

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.analytics.snapshots.gzip_members import (
    STEP_BYTES,
    JoinedGzip,
    crc32_combined,
    packed,
    unpacked_size,
)
from parley.analytics.snapshots.packed_events import MOST_OF_EVENT, lines_of, unpacked_lines
from tests.effort import examples

CONTENT = st.binary(max_size=3000)


@given(st.lists(st.tuples(CONTENT, st.integers(0, 2)), max_size=6))
@settings(max_examples=examples(15))
def test_what_is_joined_is_one_member_with_everything(parts):
    joined = JoinedGzip()
    pieces = []
    for content, kind in parts:
        if kind == 2:
            pieces.append(joined.add_content(content))
        else:
            pieces.append(joined.add(packed(content) if kind else gzip.compress(content)))
    pieces.append(joined.end())
    reader = zlib.decompressobj(31)  # which reads one member only, as browsers do
    assert reader.decompress(b"".join(pieces)) == b"".join(content for content, _ in parts)
    assert reader.eof and not reader.unused_data


@given(CONTENT, CONTENT)
def test_checks_of_two_texts_make_that_of_both(first, second):
    combined = crc32_combined(zlib.crc32(first), zlib.crc32(second), len(second))
    assert combined == zlib.crc32(first + second)


def test_what_is_broken_or_too_much_is_seen():
    whole = packed(b"hello" * 10_000)
    assert unpacked_size(whole, 50_000) == 50_000
    assert unpacked_size(whole, 49_999) is None
    assert unpacked_size(packed(bytes(100_000_000)), 1_000_000) is None
    for cut in (0, 1, 9, 12, len(whole) - 1):
        assert unpacked_size(whole[:cut], 50_000) is None
    assert unpacked_size(whole + b"more", 50_000) is None
    large = packed(bytes(10 * STEP_BYTES))  # more than comes out at once
    assert unpacked_size(large + b"more", 10 * STEP_BYTES) is None
    assert unpacked_size(whole[:-9] + bytes((whole[-9] ^ 1,)) + whole[-8:], 50_000) is None


def line(data, cv="2024-10"):
    return f'["w",{{"type":2,"cv":"{cv}","data":{data},"timestamp":1}}]\n'.encode()


def letters(content):
    return '"' + "".join(f"\\u{byte:04x}" for byte in gzip.compress(content)) + '"'


def test_parts_that_cannot_be_unpacked_stay_as_they_are():
    hostile = [
        line('"no gzip"'),
        line('"\u0100"'),
        line(letters(b"no json")),
        line(letters(b'"\xff"')),
        line(letters(b"[1] [2]")),
        line(letters(b"[1]"), cv="2030-01"),
        line(letters(b"[" * 100_000)),
        line(letters(b"[1]")[:-40] + '"'),
        line("[]"),
        line("null"),
        b'["w",[1,"cv"]]\n',
        b'{"cv":1}\n',
    ]
    assert list(unpacked_lines(lines_of([b"".join(hostile)]))) == hostile


def test_unpacked_parts_stay_on_their_line_and_within_bounds():
    [found] = unpacked_lines([line(letters(b'{"a":\r\n"b"}'))])
    assert found.endswith(b"]\n") and found.count(b"\n") == 1 and b'"cv"' not in found
    bomb = line(letters(b"[" + b"1," * 5_000_000 + b"1]"))
    assert list(unpacked_lines([bomb] * 3, most=1_000_000)) == [bomb] * 3
    too_large = line(letters(b'"' + bytes([97]) * MOST_OF_EVENT + b'"'))
    assert list(unpacked_lines([too_large])) == [too_large]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_found_in_pieces_of_any_size(size):
    text = b"a\nbcd\n\nefghijk\nl"
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert list(lines_of(pieces)) == text.splitlines(keepends=True)
