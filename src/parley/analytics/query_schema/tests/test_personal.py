"""What says who somebody is, in queries of every kind."""

import msgspec
import pytest

from parley.analytics.query_schema.personal import personal_property_in
from parley.analytics.query_schema.reading import read_query

EMAIL = {"key": "email", "value": "ada@example.com", "type": "person"}
NODE = {"kind": "EventsNode", "event": "a"}
TWO = [NODE, NODE]


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "TrendsQuery", "series": [NODE], "properties": [EMAIL]},
        {"kind": "TrendsQuery", "series": [{**NODE, "properties": [EMAIL]}]},
        {
            "kind": "TrendsQuery",
            "series": [NODE],
            "properties": {"type": "OR", "values": [{"type": "AND", "values": [EMAIL]}]},
        },
        {
            "kind": "TrendsQuery",
            "series": [NODE],
            "breakdownFilter": {"breakdown": "email", "breakdown_type": "person"},
        },
        {
            "kind": "TrendsQuery",
            "series": [NODE],
            "breakdownFilter": {"breakdowns": [{"property": "email", "type": "person"}]},
        },
        {
            "kind": "FunnelsQuery",
            "series": TWO,
            "funnelsFilter": {
                "exclusions": [{**NODE, "properties": [EMAIL], "funnelFromStep": 0, "funnelToStep": 1}]
            },
        },
        {
            "kind": "RetentionQuery",
            "retentionFilter": {"returningEntity": {"id": "a", "properties": [EMAIL]}},
        },
        {"kind": "LifecycleQuery", "series": [{**NODE, "properties": [EMAIL]}]},
        {"kind": "StickinessQuery", "series": [NODE], "properties": [EMAIL]},
    ],
)
def test_what_says_who_somebody_is_is_found_anywhere_in_a_query(query):
    assert personal_property_in(msgspec.to_builtins(read_query(query))) == "email"


@pytest.mark.parametrize("key", ["$email", "First name", "phone_number", "E-Mail", "userName"])
def test_however_it_is_written(key):
    assert personal_property_in([{**EMAIL, "key": key}]) == key


@pytest.mark.parametrize("condition", [{**EMAIL, "key": "plan"}, {**EMAIL, "type": "event"}])
def test_other_properties_are_not(condition):
    assert personal_property_in([condition]) is None
