"""Queries that are read, and the places of what is wrong with others."""

import pytest

from parley.analytics.query_schema.kinds import TrendsQuery
from parley.analytics.query_schema.reading import normal, read_query
from parley.analytics.query_schema.schemas import PropertyFilter, PropertyGroup
from parley.kernel.errors import Invalid

VISITS = {"kind": "EventsNode", "event": "$pageview"}
PAID = {"key": "plan", "value": ["paid"], "operator": "exact", "type": "person"}


def trends(**parts):
    return {"kind": "InsightVizNode", "source": {"kind": "TrendsQuery", "series": [VISITS], **parts}}


def filtered(**condition):
    return trends(properties=[{"key": "plan", **condition}])


def test_a_list_of_conditions_is_a_group_in_which_all_must_hold():
    query = read_query(trends(properties=[PAID, {"type": "OR", "values": [PAID]}], interval=None))
    condition = PropertyFilter("plan", ["paid"], "exact", "person")
    assert isinstance(query, TrendsQuery)
    assert query.interval == "day"
    assert query.properties == PropertyGroup("AND", (condition, PropertyGroup("OR", (condition,))))


def test_a_bare_query_means_the_same_as_a_wrapped_one_and_order_and_nulls_count_for_nothing():
    wrapped = trends(dateRange={"date_from": "-7d", "date_to": None}, interval="week", version=2)
    bare = {"interval": "week", "series": [VISITS], "kind": "TrendsQuery", "dateRange": {"date_from": "-7d"}}
    assert normal(read_query(wrapped)) == normal(read_query(bare))
    assert normal(read_query(bare)) != normal(read_query(bare | {"interval": "day"}))


DEEP: dict[str, object] = {"type": "AND", "values": []}
for _ in range(6):
    DEEP = {"type": "AND", "values": [DEEP]}
ABOUT_TICKETS = {"kind": "EventsNode", "event": "$conversation_message_sent"}


def of_values(n, operator="exact"):
    """A series with so many values in its conditions."""
    conditions = [
        {
            "key": "plan",
            "operator": operator,
            "value": [str(one) for one in range(begin, min(begin + 100, n))],
        }
        for begin in range(0, n, 100)
    ]
    return {"kind": "EventsNode", "event": "seen", "properties": conditions}


@pytest.mark.parametrize(
    ("raw", "attr", "said"),
    [
        ([], "query", "dictionary"),
        ({}, "query__kind", "Possible are InsightVizNode, DataTableNode, TrendsQuery"),
        ({"kind": "HogQLQuery", "query": "SELECT 1"}, "query__kind", "HogQL"),
        ({"kind": "InsightVizNode"}, "query__source", "required"),
        ({"kind": "InsightVizNode", "source": {"kind": "PathsQuery"}}, "query__source__kind", "FunnelsQuery"),
        ({"kind": "DataTableNode", "source": {"kind": "TrendsQuery"}}, "query__source__kind", "EventsQuery"),
        (trends(series=[VISITS, VISITS | {"math": "hogql"}]), "query__source__series__1__math", "total, dau"),
        (trends(series=[{"kind": "ActionsNode", "id": 1}]), "query__source__series__0__kind", "EventsNode"),
        (trends(series=[VISITS] * 21), "query__source__series", "20"),
        (trends(series=[VISITS | {"math": "p90"}]), "query__source__series__0__math_property", "property"),
        (trends(series=[VISITS | {"math_hogql": "1"}]), "query__source__series__0__math_hogql", "supported"),
        (trends(interval="year"), "query__source__interval", "hour, day, week, month"),
        (trends(trendsFilter={"display": "WorldMap"}), "query__source__trendsFilter__display", "BoldNumber"),
        (
            trends(breakdownFilter={"breakdown_limit": 101}),
            "query__source__breakdownFilter__breakdown_limit",
            "100",
        ),
        (trends(samplingFactor=0.1), "query__source__samplingFactor", "Only 1"),
        (filtered(operator="like", value=1), "query__source__properties__0__operator", "icontains"),
        (filtered(type="cohort", value=1), "query__source__properties__0__type", "event, person"),
        (filtered(operator="gt", value="much"), "query__source__properties__0__value", "numbers"),
        (filtered(operator="gt", value=[1, 2]), "query__source__properties__0__value", "one value"),
        (filtered(operator="regex", value="(?=a)"), "query__source__properties__0__value", "RE2"),
        (
            filtered(operator="is_date_after", value="soon"),
            "query__source__properties__0__value",
            "2026-05-31",
        ),
        (filtered(value=None), "query__source__properties__0__value", "needs a value"),
        (filtered(value=["a"] * 101), "query__source__properties__0__value", "100"),
        (filtered(value=10**400), "query__source__properties__0__value", "1e300"),
        (filtered(operator="gt", value=-(10**400)), "query__source__properties__0__value", "1e300"),
        (filtered(value={"a": 1}), "query__source__properties__0__value", "text"),
        (trends(properties=[{"key": 'a"b', "value": 1}]), "query__source__properties__0__key", "quotation"),
        (trends(properties={"type": "XOR", "values": []}), "query__source__properties__type", "AND, OR"),
        (trends(properties=[PAID] * 51), "query__source__properties", "50"),
        (trends(series=[of_values(2000), of_values(3001)]), "query__source", "5000"),
        (trends(series=[of_values(50, "regex"), of_values(51, "regex")]), "query__source", "100"),
        ({"kind": []}, "query__kind", "Possible are"),
        ({"kind": {"a": 1}}, "query__kind", "Possible are"),
        ({"kind": "InsightVizNode", "source": {"kind": [[]]}}, "query__source__kind", "Possible are"),
        (trends(properties=DEEP), "query__source__properties" + "__values__0" * 5 + "__values", "5"),
        (
            trends(series=[ABOUT_TICKETS], breakdownFilter={"breakdown": "message_content"}),
            "query__source__breakdownFilter__breakdown",
            "channel_source",
        ),
        (
            trends(series=[ABOUT_TICKETS], properties=[{"key": "customer_email", "operator": "is_set"}]),
            "query__source__properties__0__key",
            "channel_source",
        ),
    ],
)
def test_a_query_that_cant_be_read_is_refused_at_the_place_of_its_problem(raw, attr, said):
    with pytest.raises(Invalid) as refused:
        read_query(raw)
    assert refused.value.attr == attr
    assert said in refused.value.detail
