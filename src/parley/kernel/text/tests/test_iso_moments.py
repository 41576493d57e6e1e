"""Texts of ISO 8601 beside Python's own reader of dates."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from parley.kernel.text.iso_moments import calendar_moment, day_of, instant_of, wall_of


def test_each_day_that_exists_is_one_and_no_other_is():
    days = {date(1900, 1, 1) + timedelta(days=n) for n in range(146_097)}
    years, months, numbers = (1900, 1999, 2000, 2023, 2024, 2100, 2299), range(14), range(33)
    written = {f"{year}-{month:02}-{day:02}" for year, month, day in product(years, months, numbers)}
    assert {one for one in written if wall_of(one)} == {one.isoformat() for one in days} & written


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2026-03-29", "2026-03-29 00:00:00.000000"),
        ("2026-03-29T02:30", "2026-03-29 02:30:00.000000"),
        ("2026-03-29 02:30:01.5", "2026-03-29 02:30:01.500000"),
        ("2026-03-29T02:30:01.123456789", "2026-03-29 02:30:01.123456789"),
        ("2026-03-29T24:00", None),
        ("2026-03-29T02:30Z", None),
        ("2026-03-29\n", None),
        ("1899-12-31", None),
        ("20260329", None),
        (None, None),
    ],
)
def test_a_time_on_the_wall_is_written_such_that_texts_are_in_order(text, wall):
    assert wall_of(text) == wall


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-29T02:30Z", datetime(2026, 3, 29, 2, 30, tzinfo=UTC)),
        ("2026-03-29 02:30:01.25+05:30", datetime(2026, 3, 28, 21, 0, 1, 250_000, tzinfo=UTC)),
        ("2026-03-29T02:30:01.1234569-0930", datetime(2026, 3, 29, 12, 0, 1, 123_456, tzinfo=UTC)),
        ("2026-03-29T02:30+01", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-02-31T02:30Z", None),
        ("2026-03-29T02:30+15:00", None),
        ("2026-03-29Z", None),
        (None, None),
    ],
)
def test_an_instant_is_microseconds(text, instant):
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert instant_of(text) == (None if instant is None else (instant - epoch) // timedelta(microseconds=1))


def test_a_day_is_written_like_no_week():
    assert day_of("2026-01-31") == date(2026, 1, 31)
    assert calendar_moment("2026-01-31T12:30") == datetime(2026, 1, 31, 12, 30)
    for text in ("2026-W01-1", "20260131", "2026-01-3", "2026-02-31", "2026-01-31T00:00", "٢٠٢٦-01-31", ""):
        with pytest.raises(ValueError, match=r".*"):
            day_of(text)
    for text in ("2026-W01-1", "2026W011T12:00", "2026-13-01", ""):
        with pytest.raises(ValueError, match=r".*"):
            calendar_moment(text)
