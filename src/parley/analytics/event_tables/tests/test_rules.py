"""What a table of events can show."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from parley.analytics.event_tables.rules import TableColumn, bounds_of, check_table, columns_of
from parley.analytics.query_schema.kinds import EventsQuery
from parley.analytics.query_schema.reading import read_query
from parley.kernel.errors import Invalid

BERLIN, NOW = ZoneInfo("Europe/Berlin"), datetime(2026, 3, 30, 12, tzinfo=UTC)


def query(**fields):
    found = read_query({"kind": "EventsQuery", "select": ["*"], **fields})
    assert isinstance(found, EventsQuery)
    return found


def test_columns_are_plain_ones_or_properties():
    asked = query(select=["event -- Name", "properties.$os", "person.properties.plan", "timestamp"])
    assert columns_of(asked) == [
        TableColumn("plain", "event"),
        TableColumn("event", "$os"),
        TableColumn("person", "plan"),
        TableColumn("plain", "timestamp"),
    ]


def test_days_are_those_of_the_project():
    start, end = bounds_of(query(after="2026-03-29", before="2026-03-29"), BERLIN, NOW)
    assert (start, end) == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    assert bounds_of(query(), BERLIN, NOW) == (None, None)


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"select": ["*", "count()"]}, "query__select__1"),
        ({"select": ["properties."]}, "query__select__0"),
        ({"orderBy": ["event"]}, "query__orderBy__0"),
        ({"orderBy": ["timestamp", "timestamp"]}, "query__orderBy__1"),
        ({"after": "some day"}, "query__after"),
        ({"before": "some day"}, "query__before"),
        ({"properties": [{"key": "plan", "value": "free"}]}, "query__properties"),
    ],
)
def test_what_no_table_shows_is_refused_with_its_place(fields, attr):
    with pytest.raises(Invalid) as caught:
        check_table(query(**fields), BERLIN, NOW)
    assert caught.value.attr == attr
