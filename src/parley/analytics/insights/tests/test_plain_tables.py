"""Answers as plain tables."""

import pytest

from parley.analytics.insights.rules.plain_tables import plain_table

VIEWS = {"label": "Views", "data": [1, 2], "labels": ["1-May", "2-May"]}


@pytest.mark.parametrize(
    ("kind", "results", "header", "rows"),
    [
        (
            "TrendsQuery",
            [VIEWS, {**VIEWS, "data": [3], "breakdown_value": ["DE", 1]}],
            ["", "Views", "Views (DE, 1)"],
            [["1-May", 1, 3], ["2-May", 2, None]],
        ),
        (
            "TrendsQuery",
            [{"label": "Views", "data": [], "aggregated_value": 7}],
            ["", "Total"],
            [["Views", 7]],
        ),
        (
            "FunnelsQuery",
            [[{"name": "a", "count": 3, "breakdown_value": "DE"}], [{"name": "a", "count": 1}]],
            ["Step", "People"],
            [["a (DE)", 3], ["a", 1]],
        ),
        (
            "RetentionQuery",
            [
                {"label": "Day 0", "values": [{"count": 4}, {"count": 2}]},
                {"label": "Day 1", "values": [{"count": 1}]},
            ],
            ["Cohort", "0", "1"],
            [["Day 0", 4, 2], ["Day 1", 1]],
        ),
        ("EventsQuery", [["$pageview", "x"]], ["event", "distinct_id"], [["$pageview", "x"]]),
    ],
)
def test_each_kind_has_a_table(kind, results, header, rows):
    found = plain_table(kind, results, ["event", "distinct_id"])
    assert found is not None
    assert (list(found.header), [list(row) for row in found.rows]) == (header, rows)


@pytest.mark.parametrize("results", [None, [], {}, "x", [1], [[]]])
def test_what_is_no_table_has_none(results):
    assert plain_table("TrendsQuery", results) is None
