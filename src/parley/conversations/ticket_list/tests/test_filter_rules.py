"""What filters mean, and what can't be read of them."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.saved_views.rules import read_filters
from parley.conversations.ticket_list.rules.dates import (
    EARLIEST,
    LATEST,
    bound_of,
    is_bound,
)
from parley.conversations.ticket_list.rules.filters import (
    TicketFilters,
    filters_of_view,
    given_filters,
    order_of_list,
    wanted_statuses,
)
from parley.conversations.ticket_list.rules.orders import ORDERS
from parley.conversations.tickets.rules.assignees import AssigneeIds

ROLE = "01a1fdb4-75be-74e3-9fe6-93fa4c1b1cf1"
ME = 7
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 31, 22, 30, 15, tzinfo=UTC)  # half past midnight on June 1 in Berlin


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("status", " open ,x", {"statuses": ("open",)}),
        ("status", "new,open,pending,on_hold,resolved", {"statuses": ()}),
        ("status", "x", {}),
        ("priority", "critical, low", {"priorities": ("low", "critical")}),
        ("priority", "LOW,,", {}),
        ("channel_source", "email", {"channel_source": "email"}),
        ("channel_source", "email,widget", {}),
        ("channel_detail", "widget_api", {"channel_detail": "widget_api"}),
        ("channel_detail", "widget", {}),
        ("assignee", "UnAssigned", {"assignees": (AssigneeIds(),)}),
        ("assignee", "me, user:9,x", {"assignees": (AssigneeIds(user_id=ME), AssigneeIds(user_id=9))}),
        ("assignee", f"role:{ROLE}", {"assignees": (AssigneeIds(role_id=UUID(ROLE)),)}),
        ("assignee", "user:99999999999999999999", {"assignees": (AssigneeIds(user_id=0),)}),
        ("assignee", "user:²,user:,role:x,nobody,user:-1", {}),
        ("date_from", "-7d", {"date_from": "-7d"}),
        ("date_from", "all", {"date_from": None}),
        ("date_to", "yesterday", {}),
        ("distinct_ids", " a ,b,,a", {"distinct_ids": ("a", "b")}),
        ("distinct_ids", " , ", {}),
        ("emails", "Ada@Example.com", {"emails": ("ada@example.com",)}),
        ("distinct_id", "x" * 200, {"distinct_id_part": "x" * 200}),
        ("distinct_id", "x" * 201, {}),
        ("sla", "at-risk", {"sla": "at-risk"}),
        ("sla", "at_risk", {}),
        ("snoozed", "TRUE", {"is_snoozed": True}),
        ("snoozed", "false", {"is_snoozed": False}),
        ("snoozed", "1", {}),
        ("tags", '[" VIP ","vip",3]', {"tags": ("vip",), "tags_all": ()}),
        ("tags", "[]", {"tags": (), "tags_all": ()}),
        ("tags", '"vip"', {}),
        ("tags", "vip", {}),
        ("tags", "[1, {}]", {}),
        ("tags", "[" * 5000, {}),
        ("tags_all", '["a","b"]', {"tags": (), "tags_all": ("a", "b")}),
        ("tags_exclude", '["a"]', {"tags_exclude": ("a",)}),
        ("mentioned", " ME ", {"mentioned": 7}),
        ("mentioned", "user:7", {}),
        ("ai_triage_result", "x,persisted", {"is_triaged": True}),
        ("ai_triage_result", "x", {}),
        ("unread", "true", {}),
    ],
)
def test_a_filter_is_read_or_left_out(name, text, found):
    assert given_filters({name: text}, ME) == found


def test_long_lists_are_cut():
    many = [f"n{index}" for index in range(150)]
    names = "[" + ",".join(f'"{name}"' for name in many) + "]"
    query = {"distinct_ids": ",".join(many), "emails": ",".join(many), "tags": names, "tags_exclude": names}
    found = given_filters({**query, "assignee": ",".join(f"user:{n}" for n in range(1, 150))}, ME)
    lengths = {
        name: len(found[name]) for name in ("distinct_ids", "emails", "assignees", "tags", "tags_exclude")
    }
    assert lengths == {"distinct_ids": 100, "emails": 100, "assignees": 100, "tags": 50, "tags_exclude": 50}


@given(st.dictionaries(st.sampled_from(["status", "assignee", "date_from", "tags", "emails"]), st.text()))
def test_no_text_breaks_the_reading_of_filters(query):
    filters = TicketFilters(**given_filters(query, ME))
    if filters.date_from:
        assert EARLIEST <= bound_of(filters.date_from, NOW, BERLIN, is_end=True) <= LATEST


@pytest.mark.parametrize(
    ("text", "is_end", "found"),
    [
        ("-7d", False, "2026-05-25T00:30:15+02:00"),
        ("-1h", False, "2026-05-31T23:30:15+02:00"),
        ("-30M", True, "2026-06-01T00:00:15+02:00"),
        ("-5s", True, "2026-06-01T00:30:10+02:00"),
        ("-1w", False, "2026-05-25T00:30:15+02:00"),
        ("-4m", False, "2026-02-01T00:30:15+01:00"),
        ("-1y", False, "2025-06-01T00:30:15+02:00"),
        ("dStart", False, "2026-06-01T00:00:00+02:00"),
        ("hStart", False, "2026-06-01T00:00:00+02:00"),
        ("wStart", False, "2026-06-01T00:00:00+02:00"),
        ("-1mStart", False, "2026-05-01T00:00:00+02:00"),
        ("-1mEnd", True, "2026-05-31T23:59:59.999999+02:00"),
        ("-1dEnd", True, "2026-05-31T23:59:59.999999+02:00"),
        ("qStart", False, "2026-04-01T00:00:00+02:00"),
        ("yEnd", True, "2026-12-31T23:59:59.999999+01:00"),
        ("2026-01-31", False, "2026-01-31T00:00:00+01:00"),
        ("2026-01-31", True, "2026-01-31T23:59:59.999999+01:00"),
        ("2026-01-31T12:00:00", True, "2026-01-31T12:00:00+01:00"),
        ("2026-01-31T12:00:00Z", False, "2026-01-31T12:00:00+00:00"),
        ("0001-01-01", False, EARLIEST.isoformat()),
        ("9999-12-31", True, LATEST.isoformat()),
        ("99999y", False, EARLIEST.isoformat()),
    ],
)
def test_a_bound_is_an_instant_of_the_projects_clock(text, is_end, found):
    assert is_bound(text)
    assert bound_of(text, NOW, BERLIN, is_end=is_end) == datetime.fromisoformat(found)


def test_a_month_before_the_31st_is_the_last_day_of_a_shorter_one():
    at = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert bound_of("-1m", at, UTC, is_end=False) == datetime(2026, 2, 28, 12, tzinfo=UTC)


def test_a_day_ago_is_the_same_time_of_the_clock_though_the_clock_was_changed():
    after_change = datetime(2026, 3, 29, 10, tzinfo=UTC)
    assert bound_of("-1d", after_change, BERLIN, is_end=False) == datetime(2026, 3, 28, 11, tzinfo=UTC)
    assert bound_of("-24h", after_change, BERLIN, is_end=False) == datetime(2026, 3, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "d", "7", "-", "7 d", "-7x", "-٣d", "now", "2026-13-01", "2026-W01-1", "-7dMiddle", "x" * 99]
)
def test_what_is_no_bound_is_not_taken_for_one(text):
    assert not is_bound(text)


def test_a_view_becomes_the_filters_that_it_holds():
    stored = """{"status": ["open"], "priority": ["high"], "channel": "email", "sla": "breached", "tags": ["A"],
    "tagsMatch": "all", "tagsExclude": ["b"], "assignee": ["me", "unassigned", {"type": "user", "id": 3}],
    "dateFrom": "-7d", "dateTo": "whenever", "aiTriageResult": ["persisted"],
    "sorting": {"columnKey": "sla_due_at", "order": -1}}"""
    view = read_filters(stored)
    assert filters_of_view(view, ME) == TicketFilters(
        statuses=("open",), priorities=("high",), channel_source="email", sla="breached", tags_all=("a",),
        tags_exclude=("b",), assignees=(AssigneeIds(user_id=ME), AssigneeIds(), AssigneeIds(user_id=3)),
        date_from="-7d", is_triaged=True,
    )  # fmt: skip
    assert order_of_list("nonsense", view) == ORDERS["-sla_due_at"]
    assert order_of_list("created_at", view) == ORDERS["created_at"]
    assert order_of_list(None, None) == ORDERS["-updated_at"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        (None, ()),
        ("nonsense,OPEN", ()),
        (" open , pending,, open", ("open", "pending")),
        ("resolved,nonsense", ("resolved",)),
        ("new,open,pending,on_hold,resolved", ()),
    ],
)
def test_a_filter_on_status_drops_what_it_does_not_know(text, found):
    assert wanted_statuses(text) == found


@pytest.mark.parametrize(
    ("text", "key", "descending"),
    [
        ("ticket_number", "number", False),
        ("-sla_due_at", "sla_due_at", True),
        ("+created_at", "updated_at", True),
        ("id", "updated_at", True),
        (None, "updated_at", True),
    ],
)
def test_an_unknown_order_is_the_latest_change_first(text, key, descending):
    order = order_of_list(text, None)
    assert (order.key, order.descending) == (key, descending)
