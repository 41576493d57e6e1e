"""Places and their gaps."""

import pytest

from parley.changes.rules import place_of, unbroken


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


@pytest.mark.parametrize(
    ("after", "places", "count"),
    [(0, [], 0), (0, [1, 2, 3], 3), (4, [5, 6], 2), (4, [6, 7], 0), (4, [5, 7, 8], 1), (9, [3], 0)],
)
def test_places_count_up_to_the_first_gap(after, places, count):
    assert unbroken(after, places) == count
