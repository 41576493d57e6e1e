"""Which filters may be stored, and how stored ones are read."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.saved_views import rules
from parley.conversations.saved_views.rules import ViewFilters, checked_filters, read_filters
from parley.conversations.tickets.rules import assignees as ticket_assignees
from parley.conversations.tickets.rules import fields as ticket_fields
from parley.kernel.errors import Invalid

ROLE = "0198c0de-0000-7000-8000-000000000001"
WHOLE: dict[str, Any] = {
    "status": ["new", "on_hold"],
    "priority": ["critical"],
    "channel": "email",
    "sla": "at-risk",
    "aiTriageResult": ["suggested", "in_progress"],
    "assignee": ["me", "unassigned", {"type": "user", "id": 7}, {"type": "role", "id": ROLE}],
    "tags": ["Billing ", "vip"],
    "tagsMatch": "all",
    "tagsExclude": ["spam"],
    "dateFrom": "-7d",
    "dateTo": None,
    "sorting": {"columnKey": "created_at", "order": -1},
    "search": "refund",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KNOWN = [field.encode_name for field in msgspec.structs.fields(ViewFilters)]


def test_a_view_with_every_filter_reads_as_it_was_meant():
    found = read_filters(checked_filters(WHOLE))
    assert found.status == ("new", "on_hold") and found.priority == ("critical",)
    assert (found.channel, found.sla, found.search) == ("email", "at-risk", "refund")
    assert found.assignee[:3] == ("me", "unassigned", ticket_assignees.UserAssignee(7))
    assert isinstance(found.assignee[3], ticket_assignees.RoleAssignee) and str(found.assignee[3].id) == ROLE
    assert (found.tags, found.tags_match, found.tags_exclude) == (("billing", "vip"), "all", ("spam",))
    assert (found.date_from, found.date_to) == ("-7d", None)
    assert found.sorting == rules.Sorting("created_at", -1)
    assert found.ai_triage_result == ("suggested", "in_progress")


@pytest.mark.parametrize(
    ("filters", "attr"),
    [
        ({"status": ["new", "closed"]}, "filters__status__1"),
        ({"status": "new"}, "filters__status"),
        ({"status": None}, "filters__status"),
        ({"priority": ["urgent"]}, "filters__priority__0"),
        ({"channel": "fax"}, "filters__channel"),
        ({"channel": ["email"]}, "filters__channel"),
        ({"sla": "late"}, "filters__sla"),
        ({"aiTriageResult": ["thought"]}, "filters__aiTriageResult__0"),
        ({"assignee": "me"}, "filters__assignee"),
        ({"assignee": ["you"]}, "filters__assignee__0"),
        ({"assignee": [{"type": "user", "id": ROLE}]}, "filters__assignee__0__id"),
        ({"assignee": [{"type": "user", "id": 2**31}]}, "filters__assignee__0__id"),
        ({"assignee": [{"type": "role", "id": 7}]}, "filters__assignee__0__id"),
        ({"assignee": [{"type": "team", "id": 7}]}, "filters__assignee__0__type"),
        ({"assignee": [{"id": 7}]}, "filters__assignee__0__type"),
        ({"tags": [1]}, "filters__tags__0"),
        ({"tags": ["x" * 256]}, "filters__tags__0"),
        ({"tagsMatch": "none"}, "filters__tagsMatch"),
        ({"tagsExclude": {}}, "filters__tagsExclude"),
        ({"dateFrom": 7}, "filters__dateFrom"),
        ({"dateTo": []}, "filters__dateTo"),
        ({"sorting": {"columnKey": "created_at", "order": 0}}, "filters__sorting__order"),
        ({"sorting": {"order": 1}}, "filters__sorting__columnKey"),
        ({"sorting": "created_at"}, "filters__sorting"),
        ({"search": "x" * 201}, "filters__search"),
        ({"search": 1}, "filters__search"),
    ],
)
def test_a_known_filter_with_a_value_of_no_meaning_is_refused(filters, attr):
    with pytest.raises(Invalid) as refused:
        checked_filters(filters)
    assert refused.value.attr == attr


def test_filters_may_have_ten_thousand_characters_and_not_one_more():
    checked_filters({"own": "x" * (10_000 - len('{"own":""}'))})
    with pytest.raises(Invalid, match=r"Filters payload is too large\.") as refused:
        checked_filters({"own": "x" * 10_000})
    assert refused.value.attr == "filters"


@given(st.dictionaries(st.text().filter(lambda key: key not in KNOWN), JSON, max_size=5))
def test_unknown_filters_come_back_as_they_came(unknown):
    stored = checked_filters({**WHOLE, **unknown})
    assert msgspec.json.decode(stored) == {**WHOLE, **unknown}
    assert read_filters(stored) == read_filters(checked_filters(WHOLE))


@given(st.dictionaries(st.sampled_from(KNOWN), JSON))
def test_whatever_is_stored_can_be_read_and_what_makes_no_sense_is_skipped(filters):
    found = read_filters(msgspec.json.encode(filters).decode())
    assert all(status in get_args(ticket_fields.Status) for status in found.status)
    assert found.tags_match in ("any", "all")
    assert len(found.search or "") <= 200


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("[]", ViewFilters()),
        ("not json", ViewFilters()),
        ("null", ViewFilters()),
        ('{"status": ["new", "closed", 3, "open"], "priority": 1}', ViewFilters(status=("new", "open"))),
        (
            '{"status": "new", "assignee": "unassigned"}',
            ViewFilters(status=("new",), assignee=("unassigned",)),
        ),
        ('{"channel": "all", "sla": "all"}', ViewFilters()),
        ('{"sorting": {"columnKey": "x", "order": 5}, "search": "a"}', ViewFilters(search="a")),
        ('{"tags": ["VIP", "vip ", " "], "tagsMatch": "some"}', ViewFilters(tags=("vip",))),
    ],
)
def test_old_views_are_read_as_far_as_they_can_be(stored, expected):
    assert read_filters(stored) == expected
