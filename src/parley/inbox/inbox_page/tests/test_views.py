"""Saved views in the page: saved, renamed, shared, kept to oneself, marked as a favourite, changed and deleted."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.saved_views.rules import checked_filters, read_filters
from parley.inbox.inbox_page.tests.test_pages import rows_of
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.names import (
    CHANNEL_NAMES,
    ORDER_NAMES,
    PRIORITY_NAMES,
    SLA_NAMES,
    SNOOZED_NAMES,
    STATUS_NAMES,
    WHO,
)
from parley.inbox.ticket_rows.tests.test_filters import save_view
from parley.inbox.ticket_rows.tests.test_sections import chips_of
from parley.inbox.ticket_rows.view_filters import filters_of_list, list_of_filters
from tests.plain_browser import PlainBrowser, window_of


def views_of(window: PlainBrowser) -> list[str]:
    """Return the saved views beside the list, as a screen reader says them."""
    lists = window.page.all("ul", aria_labelledby="views-title")
    return [link.text for found in lists for link in found.all("a")]


def several(names):
    return st.lists(st.sampled_from(sorted(names)), max_size=3).map(",".join)


def one_of(names):
    return st.sampled_from(["", *names])


ADDRESSES = st.fixed_dictionaries(
    {
        "status": several(STATUS_NAMES),
        "who": st.sampled_from(sorted({*WHO} - {"mentioned"})),
        "search": one_of(["fern", "#42"]),
        "priority": several(PRIORITY_NAMES),
        "channel": one_of(CHANNEL_NAMES),
        "assignee": several(["me", "unassigned", "user:7", "role:0190a2bf-d913-76ab-9c1a-7f35fe7b123f"]),
        "sla": one_of(SLA_NAMES),
        "snoozed": one_of(SNOOZED_NAMES),
        "tag": one_of(["a", "a,b"]),
        "tags_exclude": one_of(["c", "c,d"]),
        "date_from": one_of(["-7d", "2030-01-31"]),
        "date_to": one_of(["dEnd"]),
        "order": one_of(ORDER_NAMES),
    }
)


@given(ADDRESSES)
def test_a_list_that_is_saved_as_a_view_shows_the_same(query):
    address = ListAddress.of(query)
    stored = checked_filters(filters_of_list(address, {}))
    again = list_of_filters(read_filters(stored))
    assert again.asked.get("order_by") == address.asked.get("order_by")
    assert {**again.asked, "assignee": sorted(again.asked.get("assignee", "").split(","))} == {
        **address.asked,
        "assignee": sorted(address.asked.get("assignee", "").split(",")),
    }


def test_what_no_page_can_set_is_kept():
    before = {"aiTriageResult": ["persisted"], "theirs": 1, "status": ["new"], "tags": ["old"]}
    found = filters_of_list(ListAddress.of({"priority": "low", "status": "open"}), before)
    kept = {name: found.get(name) for name in ("aiTriageResult", "theirs", "status", "priority", "tags")}
    assert kept == {
        "aiTriageResult": ["persisted"],
        "theirs": 1,
        "status": ["open"],
        "priority": ["low"],
        "tags": None,
    }


async def test_a_list_is_saved_as_a_view_and_the_view_is_changed(window, desk, cast):
    await desk.open(priority="high")
    await desk.open(priority="low")
    await desk.change((await desk.open(priority="high"))["id"], snoozed_until="2099-01-01T00:00:00Z")
    await window.open("/inbox?priority=high")
    await window.press("Save view", name="  Urgent ones ", visibility="private")
    assert rows_of(window) == ["1"] and chips_of(window) == ["Not resolved", "High"]
    assert views_of(window) == ["Urgent ones , private 1 conversation"] and window.path.startswith(
        "/inbox?view="
    )
    await window.press("Rename", name="Urgent")
    await window.press("Add to favourites")
    assert views_of(window) == ["Urgent , a favourite of yours , private 1 conversation"]
    await window.press("Share with everybody")
    await window.press("Remove from favourites")
    assert views_of(window) == ["Urgent 1 conversation"]
    others = await window_of(cast, cast.bob)
    await others.open(window.path)
    assert rows_of(others) == ["1"] and views_of(others) == ["Urgent 1 conversation"]
    assert not [one for one in others.page.all("button") if one.text == "Make private"]
    await window.follow("Change its filters")
    await window.press("Apply", priority=["low"])
    assert rows_of(window) == ["2"] and window.page.one(role="group", aria_label="This view is changed")
    await window.press("Save changes")
    assert rows_of(window) == ["2"] and chips_of(window) == ["Not resolved", "Low"]
    assert not window.page.all(role="group", aria_label="This view is changed")
    await window.press("Delete this view")
    assert views_of(window) == [] and window.path == "/inbox"


async def test_a_filter_of_a_view_can_be_taken_off_without_changing_the_view(window, desk):
    short_id = await save_view(desk, "High ones", priority=["high"], status=["new"])
    await desk.open(priority="high")
    await desk.open(priority="low")
    await window.open(f"/inbox?view={short_id}")
    assert rows_of(window) == ["1"] and chips_of(window) == ["New", "High"]
    await window.follow("Remove the filter High")
    assert rows_of(window) == ["2", "1"]
    await window.follow("Back to the view as it was")
    assert window.path == f"/inbox?view={short_id}" and rows_of(window) == ["1"]


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("?tag=a&tags_all=b", {"name": "Both"}, 400),
        ("?who=mentioned", {"name": "Mentioned"}, 400),
        ("?tag=a", {"name": " "}, 400),
        ("?tag=a", {"name": "x", "visibility": "hidden"}, 400),
        ("/nosuchview?tag=a", {"filters": "these"}, 404),
        ("/nosuchview/delete", {}, 404),
    ],
)
async def test_what_cannot_be_a_view_is_refused(window, path, form, status):
    await window.open("/inbox?tag=a")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    answer = await window.client.post(f"/inbox/views{path}", data={**form, "csrf_token": token})
    assert answer.status_code == status, answer.text


async def test_views_of_others_cannot_be_changed(cast, desk):
    private = {"name": "Mine", "visibility": "private", "filters": {}}
    url = f"/api/projects/{desk.project.id}/conversations/views/"
    short_id = (await desk.client.post(url, json=private)).json()["short_id"]
    statuses = []
    for member in (cast.bob, cast.mallory):
        window = await window_of(cast, member)
        await window.open("/inbox?tag=a")
        token = window.page.all("input", name="csrf_token")[0]["value"]
        for path in (f"/inbox/views/{short_id}", f"/inbox/views/{short_id}/delete"):
            answer = await window.client.post(path, data={"name": "Theirs", "csrf_token": token})
            statuses.append(answer.status_code)
    assert statuses == [404] * 4
    assert msgspec.json.decode((await desk.client.get(f"{url}{short_id}/")).content)["name"] == "Mine"
