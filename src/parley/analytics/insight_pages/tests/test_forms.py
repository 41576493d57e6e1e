"""A form and its query say the same, or the page says that they don't."""

import pytest

from parley.analytics.insight_pages.rules.forms import InsightForm, read_form
from parley.analytics.insight_pages.rules.places import field_of
from parley.analytics.insight_pages.rules.questions import query_of
from parley.analytics.insight_pages.rules.reading import editable_form
from parley.analytics.insight_pages.rules.rows import changed_rows
from parley.analytics.query_schema.reading import normal, read_query
from parley.kernel.errors import Invalid
from parley.kernel.http.body import FormValues

VISITS = {"event_0": "$pageview"}
IS_PRO = {"key_0": "plan", "operator_0": "exact", "value_0": FormValues(["pro"])}
FUNNEL = {**VISITS, "kind": "FunnelsQuery", "event_1": "bought"}
FORMS = [
    VISITS,
    {
        **VISITS,
        "math_0": "dau",
        "event_1": "*",
        "label_1": "All",
        "formula": "A / B * 100",
        "compare": "before",
    },
    {
        **VISITS,
        "math_0": "p90",
        "math_property_0": "seconds",
        "breakdown": "plan",
        "breakdown_owner": "person",
    },
    {**VISITS, "period": "custom", "date_from": "2026-01-01", "date_to": "2026-01-31", "interval": "week"},
    {**VISITS, "key_0": "plan", "operator_0": "icontains", "value_0": "pro", "owner_0": "person"},
    {**VISITS, "key_0": "plan", "operator_0": "is_set", "key_1": "n", "operator_1": "gte", "value_1": "5"},
    {**VISITS, "key_0": "plan", "value_0": FormValues(["pro", "free"])},
    {**VISITS, "event_1": "bought", **IS_PRO, "on_0": "1"},
    {**VISITS, "display": "BoldNumber", "period": "-30d", "unit": "duration"},
    {**FUNNEL, "order": "strict", "window": "3", "window_unit": "hour"},
    {**FUNNEL, "view": "trends", "breakdown": "plan", **IS_PRO, "on_0": "0"},
    {**VISITS, "kind": "RetentionQuery", "returning": "*", "retention_period": "Week", "n_intervals": "6"},
    {**VISITS, "kind": "LifecycleQuery", "interval": "week"},
    {**VISITS, "kind": "LifecycleQuery", "lifecycles": FormValues(["new", "dormant"])},
    {
        **VISITS,
        "kind": "RetentionQuery",
        **IS_PRO,
        "on_0": "0",
        "key_1": "n",
        "operator_1": "is_set",
        "on_1": "1",
    },
    {**VISITS, "compare": "-1y"},
    {**VISITS, **IS_PRO, "key_1": "n", "operator_1": "is_set", "match": "OR"},
    {**VISITS, **IS_PRO, "key_1": "n", "operator_1": "is_set", "match": "OR", "kind": "EventsQuery"},
    {**FUNNEL, "excluded_0": "left", "excluded_1": "*", "excluded_from_1": "1", "excluded_to_1": "2"},
    {**VISITS, "kind": "StickinessQuery", "compare": "before"},
    {**VISITS, "kind": "EventsQuery", "columns": "timestamp, properties.plan", "period": "-24h"},
]
VISIT = {"kind": "EventsNode", "event": "$pageview"}
TRENDS = {"kind": "TrendsQuery", "series": [VISIT]}
PRO = {"key": "plan", "value": "pro", "type": "event", "operator": "exact"}


@pytest.mark.parametrize("fields", FORMS)
def test_a_form_comes_back_from_its_query(fields):
    query = query_of(read_form(fields))
    again = editable_form(query)
    assert again is not None
    assert normal(read_query(query_of(again))) == normal(read_query(query))
    assert editable_form(query_of(again)) == again


@pytest.mark.parametrize(
    "more",
    [
        {"breakdownFilter": {"breakdowns": [{"property": "a"}, {"property": "b"}]}},
        {
            "properties": {
                "type": "OR",
                "values": [PRO, {"type": "AND", "values": [PRO, {"key": "n", "value": "2"}]}],
            }
        },
        {
            "series": [
                {
                    **VISIT,
                    "properties": {"type": "OR", "values": [PRO, {"key": "n", "value": 2}]},
                }
            ]
        },
        {"trendsFilter": {"formulaNodes": [{"formula": "A", "custom_name": "Named"}]}},
        {"dateRange": {"date_from": "-3d", "date_to": "-1d"}, "breakdownFilter": {"breakdown_limit": 3}},
    ],
)
def test_a_query_that_says_more_than_the_form_is_not_put_into_it(more):
    assert editable_form({**TRENDS, **more}) is None


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"properties": [{**PRO, "value": ["pro"]}]},
        {"properties": [{**PRO, "value": 5}, {**PRO, "value": [True, "x"]}]},
        {"properties": {"type": "AND", "values": [{"type": "AND", "values": [PRO]}]}},
        {"properties": {"type": "OR", "values": [PRO]}},
        {"series": [{"kind": "EventsNode", "event": "a", "name": "a", "properties": [PRO]}]},
        {"trendsFilter": {"formula": "A * 2"}},
        {"compareFilter": {"compare": True, "compare_to": "-2w"}},
        {"properties": {"type": "OR", "values": [PRO, {"key": "n", "value": "2"}]}},
        {"dateRange": {"date_from": "-3d", "date_to": "-1d"}},
    ],
)
def test_what_other_programs_write_in_their_own_way_is_put_into_the_form(more):
    assert editable_form({"kind": "InsightVizNode", "source": {**TRENDS, **more}}) is not None


def test_what_a_query_says_about_its_looks_stays():
    looks = {"display": "ActionsBar", "showLegend": True, "aggregationAxisFormat": "duration"}
    stored = {"kind": "InsightVizNode", "full": True, "source": {**TRENDS, "trendsFilter": looks}}
    form = editable_form(stored)
    assert form is not None and form.unit == "duration"
    saved = query_of(form, stored)
    assert saved["full"] is True and saved["source"]["trendsFilter"] == looks
    other = query_of(read_form({**VISITS, "kind": "LifecycleQuery"}), stored)
    assert "full" not in other and "trendsFilter" not in other["source"]


def test_empty_rows_and_unknown_fields_count_for_nothing():
    form = read_form(
        {"event_0": "", "event_1": " bought ", "math_1": "dau", "key_0": "", "x": "y", "kind": "z"}
    )
    assert form.kind == "TrendsQuery" and form.chosen == [1]
    assert query_of(form)["source"]["series"] == [{"kind": "EventsNode", "event": "bought", "math": "dau"}]
    assert "properties" not in query_of(form)["source"]
    assert read_form({}) == InsightForm()


def test_a_form_is_drawn_anew_when_it_needs_other_fields():
    drawn = read_form({**VISITS, **IS_PRO}).outline
    for same in ({"event_0": "*"}, {"math_0": "dau"}, {"interval": "week"}, {"operator_0": "icontains"}):
        assert read_form({**VISITS, **IS_PRO, **same}).outline == drawn
    for other in (
        {"kind": "LifecycleQuery"},
        {"math_0": "sum"},
        {"event_0": "+"},
        {"operator_0": "gt"},
        {"operator_0": "is_set"},
        {"period": "custom"},
        {"event_1": ""},
        {"key_1": ""},
    ):
        assert read_form({**VISITS, **IS_PRO, **other}).outline != drawn, other


def test_rows_are_added_moved_and_taken_away_with_their_conditions():
    form = read_form({**FUNNEL, "event_2": "paid", **IS_PRO, "on_0": "1"})
    up = changed_rows(form, "up:1")
    assert [one.event for one in up.series] == ["bought", "$pageview", "paid"] and up.conditions[0].on == 0
    assert changed_rows(up, "down:0") == form
    less = changed_rows(form, "remove_series:0")
    assert [one.event for one in less.series] == ["bought", "paid"] and less.conditions[0].on == 0
    assert changed_rows(form, "remove_series:1").conditions == ()
    assert len(changed_rows(form, "add_series").series) == 4
    assert changed_rows(form, "add_value:0").conditions[0].values == ("pro", "")
    assert len(changed_rows(changed_rows(form, "add_condition"), "remove_condition:0").conditions) == 1
    excluded = changed_rows(form, "add_exclusion")
    assert len(excluded.exclusions) == 1 and excluded.outline != form.outline
    assert changed_rows(excluded, "remove_exclusion:0") == form
    for nothing in ("", "up:0", "down:2", "up:99", "add_value:7", "remove_condition:x9", "save"):
        assert changed_rows(form, nothing).series == form.series


WRONG = [
    ({"math_0": "sum"}, "math_property_0"),
    ({"event_0": "", "event_1": "a", "math_1": "sum"}, "math_property_1"),
    ({"math_0": "cubed"}, "math_0"),
    ({"key_0": "n", "operator_0": "gt", "value_0": "x"}, "value_0"),
    ({"key_0": "", "key_1": "n", "operator_1": "regex", "value_1": "("}, "value_1"),
    ({"key_0": 'a"b', "value_0": "x"}, "key_0"),
    ({"key_0": "", "value_0": "x"}, "key_0"),
    ({"event_1": "b", "key_0": "n", "operator_0": "near", "value_0": "x", "on_0": "1"}, "operator_0"),
    ({"interval": "year"}, "interval"),
    ({"breakdown": 'a"'}, "breakdown"),
    ({"kind": "FunnelsQuery"}, "event_0"),
    ({**FUNNEL, "window": "0"}, "window"),
    ({**VISITS, "compare": "soon"}, "compare"),
    ({**IS_PRO, "match": "XOR"}, "match"),
    ({**FUNNEL, "excluded_0": "", "excluded_1": "left", "excluded_from_1": "2"}, "excluded_from_1"),
    ({**FUNNEL, "excluded_0": "left", "excluded_to_0": "x"}, "excluded_to_0"),
    ({**FUNNEL, "excluded_0": "left", "order": "strict"}, "order"),
    (
        {"kind": "RetentionQuery", "key_0": "n", "operator_0": "near", "value_0": "1", "on_0": "1"},
        "operator_0",
    ),
    ({"kind": "RetentionQuery", "n_intervals": "x"}, "n_intervals"),
    ({"event_0": "$conversation_ticket_created", "key_0": "body", "value_0": "x"}, "key_0"),
]


@pytest.mark.parametrize(("fields", "field"), WRONG)
def test_a_problem_is_told_at_its_field(fields, field):
    form = read_form({**VISITS, **fields})
    with pytest.raises(Invalid) as problem:
        read_query(query_of(form))
    assert field_of(form, problem.value.attr) == field


@pytest.mark.parametrize(
    ("attr", "period", "field"),
    [
        ("query__source__dateRange__date_from", "custom", "date_from"),
        ("query__source__dateRange__date_to", "-7d", "period"),
        ("query__source__after", "custom", "date_from"),
        ("query__source__select__0", "-7d", "columns"),
        ("name", "-7d", "name"),
        (None, "-7d", None),
        ("tags", "-7d", None),
    ],
)
def test_problems_of_dates_and_names_have_a_field(attr, period, field):
    assert field_of(InsightForm(period=period), attr) == field
