"""Which days a report covers."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.support_reports.rules import MOST_DAYS, ReportRange, Span, range_of, span_before
from parley.kernel.errors import Invalid

TODAY = date(2026, 11, 20)
BERLIN, BEIRUT = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Beirut")
ZONES = st.sampled_from([UTC, BERLIN, BEIRUT, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/Sao_Paulo")])
DAYS = st.dates(date(2001, 6, 1), date(2190, 1, 1))


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, "2026-10-22", "2026-11-20"),
        ({"days": "1"}, "2026-11-20", "2026-11-20"),
        ({"days": "7"}, "2026-11-14", "2026-11-20"),
        ({"date_from": "2026-11-01"}, "2026-11-01", "2026-11-20"),
        ({"date_to": "2026-10-31"}, "2026-10-02", "2026-10-31"),
        ({"date_from": "2026-01-31", "date_to": "2026-02-01", "days": "7"}, "2026-01-31", "2026-02-01"),
        ({"date_from": "2027-01-01", "date_to": "2027-01-31"}, "2027-01-01", "2027-01-31"),
    ],
)
def test_a_range_is_whole_days_up_to_today_unless_it_says_otherwise(query, first, last):
    assert range_of(query, TODAY) == ReportRange(date.fromisoformat(first), date.fromisoformat(last))


def test_a_range_that_begins_after_today_needs_an_end():
    with pytest.raises(Invalid):
        range_of({"date_from": "2027-01-01"}, TODAY)


def test_a_day_on_which_clocks_change_has_23_or_25_hours():
    def hours(day):
        span = ReportRange(day, day).span(BERLIN)
        return (span.end - span.start) / timedelta(hours=1)

    assert [hours(date(2026, 3, 29)), hours(date(2026, 10, 25)), hours(TODAY)] == [23, 25, 24]


def test_today_is_compared_up_to_the_same_time_of_day():
    now = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    week = ReportRange(date(2026, 11, 14), TODAY)
    assert span_before(week, UTC, now) == Span(datetime(2026, 11, 7, tzinfo=UTC), now - timedelta(days=7))
    past = ReportRange(date(2026, 11, 1), date(2026, 11, 7))
    assert span_before(past, UTC, now) == past.before.span(UTC)
    # Clocks went back in between, so that the same time of day is an hour more than seven days ago.
    late = datetime(2026, 10, 28, 12, tzinfo=UTC)
    ended = span_before(ReportRange(date(2026, 10, 22), date(2026, 10, 28)), BERLIN, late).end
    assert ended == datetime(2026, 10, 21, 11, tzinfo=UTC)


@given(first=DAYS, n=st.integers(1, MOST_DAYS), zone=ZONES)
def test_intervals_cover_the_range_without_gaps_and_the_time_before_ends_where_it_begins(first, n, zone):
    chosen = ReportRange(first, first + timedelta(days=n - 1))
    edges = chosen.edges(zone)
    assert edges == sorted(set(edges)) and len(edges) == len(chosen.starts) + 1 <= 93
    assert Span(edges[0], edges[-1]) == chosen.span(zone)
    assert chosen.before.n_days == n and chosen.before.span(zone).end == edges[0]


@given(first=DAYS, n=st.integers(1, MOST_DAYS), zone=ZONES, share=st.floats(0, 1.5))
def test_the_time_before_lies_within_its_days(first, n, zone, share):
    chosen = ReportRange(first, first + timedelta(days=n - 1))
    span, whole = chosen.span(zone), chosen.before.span(zone)
    past = span_before(chosen, zone, span.start + (span.end - span.start) * share)
    assert past.start == whole.start <= past.end <= whole.end
