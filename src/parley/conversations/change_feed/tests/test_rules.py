"""Places and their gaps."""

from uuid import UUID

import pytest

from parley.conversations.change_feed.rules import (
    Cursor,
    cursor_at,
    cursor_of,
    place_of,
    unbroken,
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("0", 0),
        ("17", 17),
        ("0017", 17),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        (" 1", None),
        ("\u0661", None),
        ("1\x00", None),
        ("latest", None),
    ],
)
def test_only_a_number_that_fits_is_a_place(text, place):
    assert place_of(text) == place


def test_a_cursor_is_read_as_it_is_written():
    cursor = cursor_at(813, UUID("0198a1b2-0000-7000-8000-0123456789ab"))
    assert str(cursor) == "813-456789ab" and cursor_of(str(cursor)) == cursor
    assert (str(cursor_at(0, None)), cursor_of("0")) == ("0", Cursor(0))


@pytest.mark.parametrize(
    "text", ["813-", "813-456789a", "813-456789AB", "813-456789ab0", "-456789ab", "8-1-456789ab"]
)
def test_anything_else_is_no_cursor(text):
    assert cursor_of(text) is None


@pytest.mark.parametrize(
    ("after", "places", "count"),
    [(0, [], 0), (0, [1, 2, 3], 3), (4, [5, 6], 2), (4, [6, 7], 0), (4, [5, 7, 8], 1), (9, [3], 0)],
)
def test_places_count_up_to_the_first_gap(after, places, count):
    assert unbroken(after, places) == count
