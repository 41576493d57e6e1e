"""From results to descriptions: pure rules."""

import json
from typing import Any

import pytest

from parley.analytics.charts.rules.charts import chart_of, display_of
from parley.analytics.charts.rules.dates import axis_labels, period_words
from parley.analytics.charts.rules.texts import duration, label, number, percent
from parley.analytics.charts.tests.samples import (
    COUNTRIES,
    HOSTILE,
    SAMPLES,
    days,
    hours,
    line,
    of_kind,
    steps,
    totals,
    trends,
)

WITHOUT_PICTURE = trends("ActionsTable"), [line("Signed up", [1.0, 2, 3])]


def strings_outside_of_data(part: Any, key: str = "") -> list[str]:
    """Return every text of a description that isn't a value of data or of a domain."""
    if key in ("values", "domain", "usermeta"):
        return []
    if isinstance(part, dict):
        return [text for name, one in part.items() for text in [name, *strings_outside_of_data(one, name)]]
    if isinstance(part, list):
        return [text for one in part for text in strings_outside_of_data(one, key)]
    return [part] if isinstance(part, str) else []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_has_a_picture_a_table_and_a_sentence(name: str) -> None:
    chart = chart_of(*SAMPLES[name], title="How it goes")
    assert chart.spec is not None and chart.spec["config"]["background"] == "#ffffff"
    assert chart.alt and (chart.is_empty or chart.table.rows)
    assert all(len(row) == len(chart.table.columns) for row in chart.table.rows)
    assert json.loads(json.dumps(chart.spec)) == chart.spec


@pytest.mark.parametrize("name", SAMPLES)
def test_no_chart_has_an_expression_or_an_address(name: str) -> None:
    spec = chart_of(*SAMPLES[name]).spec
    assert spec is not None
    words = strings_outside_of_data(
        {key: one for key, one in spec.items() if key not in ("$schema", "description")}
    )
    assert not {"expr", "signal", "url", "href", "calculate", "labelExpr", "test"} & set(words)
    assert not [word for word in words if "://" in word or "datum" in word]


@pytest.mark.parametrize("kind", ["hostile values", "hostile lines"])
def test_what_visitors_chose_is_data_short_and_on_one_line(kind: str) -> None:
    spec = chart_of(*SAMPLES[kind]).spec
    assert spec is not None
    found = {row["s"] for row in spec["data"]["values"]}
    assert "<script>alert(1)</script>" in found and "evil.exe" in found
    assert max(len(one) for one in found) == 60
    outside = " ".join(strings_outside_of_data({**spec, "description": ""}))
    assert not [value for value in HOSTILE if value in outside or label(value) in outside]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202eevil\u2066.exe\u2069", "evil.exe"),
        ("two\nlines\tand\x00more", "two lines and more"),
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 60, "x" * 60),
        ("e" + "\u0301" * 9, "e" + "\u0301" * 3),
        ("\ue000private\ud800", "private"),
        ("पत्र\u200dिका", "पत्र\u200dिका"),
        ("", ""),
    ],
)
def test_labels_have_no_marks_that_turn_or_cover_others(text: str, shown: str) -> None:
    assert label(text) == shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234, "1,234"),
        (0.25, "0.25"),
        (123.456, "123.5"),
        (1234.56, "1,235"),
        (0.00012, "0.0001"),
        (None, "-"),
        (-3, "-3"),
    ],
)
def test_numbers_are_written_for_people(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (1, "100%"), (0.99999, "99.9%"), (0.0004, "<0.1%"), (0.305, "30.5%"), (1.5, "150%")],
)
def test_a_share_is_all_or_nothing_only_when_it_is(share: float, text: str) -> None:
    assert percent(share) == text


def test_durations_have_two_units() -> None:
    assert [duration(one) for one in (0, 59, 61, 7505, 200_000, None)] == [
        "0 s",
        "59 s",
        "1 min 1 s",
        "2 h 5 min",
        "2 d 7 h",
        "-",
    ]


def test_an_hour_that_a_clock_change_repeats_is_there_twice() -> None:
    repeated = ["2026-10-25 01:00:00", "2026-10-25 02:00:00", "2026-10-25 02:00:00", "2026-10-25 03:00:00"]
    assert axis_labels(repeated, "hour") == ["01:00", "02:00", "02:00 (2)", "03:00"]
    assert axis_labels(["2026-12-31", "2027-01-01"], "day") == ["31 Dec 2026", "1 Jan 2027"]
    assert axis_labels(["2026-11-01", "2026-12-01"], "month") == ["Nov 2026", "Dec 2026"]


@pytest.mark.parametrize(
    ("found", "interval", "since", "words"),
    [
        (days(7), "day", "-7d", "these 7 days"),
        (days(1), "day", None, "this day"),
        (hours(24), "hour", None, "these 24 hours"),
        ([], "day", "-30d", "the last 30 days"),
        ([], "day", "-1m", "the last month"),
        ([], "day", "mStart", "this period"),
        (["1", "2"], "day", None, "this period"),
    ],
)
def test_the_period_is_in_words(found: list[str], interval: str, since: str | None, words: str) -> None:
    assert period_words(found, interval, since) == words


@pytest.mark.parametrize(
    ("query", "results", "text"),
    [
        (trends(), [line("Signed up", [0.0] * 7)], "No events in these 7 days"),
        (trends(), [], "No events in this period"),
        (trends("BoldNumber"), None, "No events in this period"),
        (
            of_kind("FunnelsQuery"),
            steps(("Visited", 0), ("Paid", 0)),
            "Nobody took the first step in the last 7 days",
        ),
        (of_kind("LifecycleQuery"), [], "Nobody was active in the last 7 days"),
        (
            of_kind("RetentionQuery"),
            [{"date": "2026-11-22", "values": [{"count": 0}]}],
            "Nobody began in the last 7 days",
        ),
        ({"kind": "DataTableNode", "source": {"kind": "EventsQuery"}}, [], "No events in this period"),
    ],
)
def test_a_result_without_numbers_says_so_in_the_picture(query: Any, results: Any, text: str) -> None:
    chart = chart_of(query, results)
    assert chart.is_empty and chart.alt == text
    assert chart.spec is not None and chart.spec["data"]["values"] == [{"t": text}]


def test_a_table_has_no_picture() -> None:
    assert chart_of(*WITHOUT_PICTURE).spec is None
    query = {"kind": "DataTableNode", "source": {"kind": "EventsQuery"}}
    at = "2026-11-22T09:30:05.123Z"
    rows = [["Paid", {"distinct_id": "ada", "properties": {}}, None, True, {"a": [1]}, at]]
    columns = ["event", "person", "properties.plan", "ok", "properties", "timestamp"]
    chart = chart_of(query, rows, columns=columns)
    assert chart.table.columns == ("Event", "Person", "plan", "ok", "Properties", "Time")
    assert chart.table.rows == (("Paid", "ada", None, "true", '{"a":[1]}', "2026-11-22 09:30:05 UTC"),)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"math": "total"}, "In these 3 days: Came 6."),
        ({"math": "sum", "math_property": "paid"}, "In these 3 days: Came 6."),
        ({"math": "dau"}, "In each day of these 3 days: Came 1 to 3."),
        ({"math": "avg", "math_property": "paid"}, "In each day of these 3 days: Came 1 to 3."),
        (None, "In each day of these 3 days: Came 1 to 3."),  # a formula
    ],
)
def test_only_what_may_be_added_up_has_a_sum_in_words(action: Any, said: str) -> None:
    results = [{"label": "Came", "action": action, "data": [1, 3, 2], "count": 6, "days": days(3)}]
    assert chart_of(trends(), results).alt == f"Lines over time. {said}"
    growing = chart_of(trends("ActionsLineGraphCumulative"), results)
    assert growing.alt == "Lines over time. In each day of these 3 days: Came 1 to 3."


def test_events_have_the_names_that_people_call_them() -> None:
    pages = chart_of(trends(), [line("$pageview", [1.0, 2.0])])
    assert pages.table.columns == ("When", "Page viewed")
    funnel = chart_of(of_kind("FunnelsQuery"), steps(("$pageview", 9), ("Paid", 3)))
    assert "1. Page viewed" in str(funnel.table.rows) and "2. Paid" in str(funnel.table.rows)


def test_days_on_which_people_were_active_are_no_dates() -> None:
    assert chart_of(*SAMPLES["stickiness"]).table.columns[0] == "Days active"


def test_of_many_lines_the_largest_are_drawn_and_all_are_in_the_table() -> None:
    chart = chart_of(*SAMPLES["breakdown of 10"])
    assert chart.spec is not None
    assert [*dict.fromkeys(row["s"] for row in chart.spec["data"]["values"])] == COUNTRIES[:7]
    assert chart.table.columns == ("When", *COUNTRIES)
    stacked = chart_of(*SAMPLES["bars"]).spec
    assert stacked is not None and stacked["data"]["values"][-1]["s"] == "All others (3)"


def test_the_period_before_lies_under_the_same_moments() -> None:
    chart = chart_of(*SAMPLES["compared"])
    assert chart.spec is not None
    values = chart.spec["data"]["values"]
    assert {row["s"] for row in values} == {"Visited"} and {row["p"] for row in values} == {
        "This period",
        "The period before",
    }
    assert [row["x"] for row in values[:7]] == [row["x"] for row in values[7:]]


def test_lines_of_one_name_are_told_apart_by_what_they_count() -> None:
    twice = [line("Paid", [1.0]), line("Paid", [2.0], math="dau", order=1), line("Paid", [3.0], order=2)]
    chart = chart_of(trends(), twice)
    assert chart.spec is not None
    assert [row["s"] for row in chart.spec["data"]["values"]] == ["Paid", "Paid: unique people", "Paid (2)"]


def test_values_that_are_missing_or_many_have_words() -> None:
    spec = chart_of(
        trends("ActionsBarValue"), totals(["$$_posthog_breakdown_other_$$", "$$_posthog_breakdown_null_$$"])
    ).spec
    assert spec is not None
    assert [row["s"] for row in spec["data"]["values"]] == ["Other values", "(not set)"]


def test_a_narrow_chart_has_fewer_columns_and_is_higher() -> None:
    wide, narrow = (chart_of(*SAMPLES["breakdown of 10"], width=width).spec for width in (600, 340))
    assert wide is not None and narrow is not None
    assert (wide["config"]["legend"]["columns"], narrow["config"]["legend"]["columns"]) == (3, 2)
    assert narrow["height"] > wide["height"]


def test_the_theme_is_in_the_config_alone() -> None:
    light, dark = (chart_of(*SAMPLES["bars"], theme=theme).spec for theme in ("light", "dark"))
    assert light is not None and dark is not None
    assert light.pop("config") != dark.pop("config")
    assert light == dark


def test_a_thousand_buckets_of_a_hundred_values_are_drawn_in_a_moment() -> None:
    many = [line("Visited", [1.0] * 1000, breakdown_value=f"v{n}", days=hours(1000)) for n in range(100)]
    chart = chart_of(trends(interval="hour"), many)
    assert chart.spec is not None and len(chart.spec["data"]["values"]) == 7000


@pytest.mark.parametrize("name", SAMPLES)
def test_how_an_answer_is_shown_tells_nothing_else_of_its_query(name: str) -> None:
    query, results = SAMPLES[name]
    source = {**query["source"], "series": ["secret"], "properties": ["secret"], "breakdownFilter": "secret"}
    display = display_of({"kind": "InsightVizNode", "source": source})
    assert "secret" not in json.dumps(display)
    assert chart_of(display, results) == chart_of(query, results)
