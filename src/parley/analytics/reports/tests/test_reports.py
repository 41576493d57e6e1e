"""The words, tables and files of reports: pure rules."""

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from parley.analytics.charts.rules.chart import ChartTable
from parley.analytics.charts.rules.charts import chart_of
from parley.analytics.charts.tests.samples import SAMPLES
from parley.analytics.reports.rules.conditions import conditions_of
from parley.analytics.reports.rules.csv_files import csv_of, file_names
from parley.analytics.reports.rules.html import framed, html_of
from parley.analytics.reports.rules.panels import Panel, rows_shown, shown_table
from parley.analytics.reports.rules.plain_text import text_of
from parley.analytics.reports.rules.sizes import within

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = {"date_from": "2026-11-21T23:00:00Z", "date_to": "2026-11-28T23:00:00Z"}
LINK = "https://parley.example/insights/1"


def trends(**more: Any) -> dict[str, Any]:
    source = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "paid"}], **more}
    return {"kind": "InsightVizNode", "source": source}


def condition(key: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"type": "event", "key": key, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("question", "resolved", "lines"),
    [
        (trends(), WEEK, ["22 Nov 2026 to 28 Nov 2026 (Europe/Berlin), by day"]),
        (trends(), {**WEEK, "date_from": "2026-11-27T23:00:00Z"}, ["28 Nov 2026 (Europe/Berlin), by day"]),
        (
            trends(interval="hour"),
            {"date_from": "2026-11-22T08:30:00Z", "date_to": "2026-11-22T10:00:00Z"},
            ["22 Nov 2026 09:30 to 22 Nov 2026 11:00 (Europe/Berlin), by hour"],
        ),
        (trends(), {**WEEK, "date_from": None}, ["until 28 Nov 2026 (Europe/Berlin), by day"]),
        (trends(), {"date_from": None, "date_to": None}, ["All time, by day"]),
        (
            trends(properties=[condition("country", "exact", ["DE", "FR"]), condition("plan", "is_set")]),
            None,
            ["Filters: country is DE or FR and plan is set"],
        ),
        (
            trends(
                series=[{"kind": "EventsNode", "event": "paid", "properties": [condition("sum", "gt", 5)]}],
                properties={
                    "type": "OR",
                    "values": [
                        {"type": "AND", "values": [condition("a", "exact", 1), condition("b", "is_not", 2)]},
                        {"type": "AND", "values": [condition("c", "icontains", "x\u202e\ny")]},
                    ],
                },
            ),
            None,
            ["Filters: (a is 1 and b is not 2) or c contains x y", "paid: sum is more than 5"],
        ),
        (trends(trendsFilter={"display": "BoldNumber"}), WEEK, ["22 Nov 2026 to 28 Nov 2026 (Europe/Berlin)"]),
        ({"kind": "Nonsense"}, WEEK, []),
    ],
)  # fmt: skip
def test_dates_and_filters_are_in_words(question: Any, resolved: Any, lines: list[str]) -> None:
    assert conditions_of(question, resolved, BERLIN) == lines


def test_a_file_has_every_row_and_no_formula_of_a_visitor() -> None:
    table = ChartTable(
        ("What", "Value"), (("=1+1", 5.0), ("@x", -2.5), ('a "quote", here\n', None), ("ä", 0))
    )
    read = list(csv.reader(io.StringIO(csv_of(table).decode("utf-8-sig"), newline="")))
    assert read == [
        ["What", "Value"], ["'=1+1", "5"], ["'@x", "-2.5"], ['a "quote", here\n', ""], ["ä", "0"],
    ]  # fmt: skip


def test_files_have_names_of_their_own_without_paths() -> None:
    names = ["Sign-ups / week", "../../etc/passwd", "Sign-ups / week", "\r\n", "Ärger"]
    assert file_names(names, "csv") == [
        "Sign-ups-week.csv", "etc-passwd.csv", "Sign-ups-week-(2).csv", "insight.csv", "Ärger.csv",
    ]  # fmt: skip


def test_what_is_too_large_is_left_out_and_the_rest_stays() -> None:
    assert within([5, 20, 4, 2, 1], 10) == [True, False, True, False, True]


def test_a_table_is_cut_and_says_so() -> None:
    chart = chart_of(*SAMPLES["breakdown of 10"])
    table = shown_table(chart, 3)
    assert table and (len(table.rows), len(table.columns)) == (3, 7)
    assert table.more == "11 earlier rows and 4 columns more"
    assert table.rows[-1][0] == chart.table.rows[-1][0], "the newest are shown"
    assert (rows_shown(1), rows_shown(20), rows_shown(100)) == (25, 12, 6)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_is_told_in_text_and_in_html(name: str) -> None:
    chart = chart_of(*SAMPLES[name], title="x")
    panels = [Panel(name=name, link=LINK, chart=chart, about=["These days"], content_id="chart1.x@parley")]
    text = text_of("Numbers", LINK, ["A note"], panels)
    html = framed(html_of("Numbers", LINK, ["A note"], panels), "Numbers", [("Stop", LINK)])
    for part in (text, html):
        assert "A note" in part and "These days" in part and LINK in part
    assert chart.alt in text and 'src="cid:chart1.x@parley"' in html and html.count("<img") == 1
    if not chart.is_empty:
        assert "<table" in html and len(text.splitlines()) > 8


def test_what_visitors_chose_is_words_in_a_letter() -> None:
    chart = chart_of(*SAMPLES["hostile values"])
    html = html_of("<b>", LINK, [], [Panel(name="<i>x</i>", link=LINK, chart=chart)])
    assert not [one for one in ("<script", "<i>", "<b>", "\u202e") if one in html]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_what_cant_be_answered_or_drawn_says_so() -> None:
    chart = chart_of(*SAMPLES["line"])
    panels = [
        Panel(name="Slow", link=LINK, problem="It took too long."),
        Panel(name="Odd", link=LINK, chart=chart, note="The picture could not be drawn."),
    ]
    for part in (text_of("Numbers", LINK, [], panels), html_of("Numbers", LINK, [], panels)):
        assert "There is no answer: It took too long." in part and chart.alt in part.replace("&#39;", "'")
    assert "could not be drawn" in html_of("Numbers", LINK, [], panels)
