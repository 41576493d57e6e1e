"""How many tickets saved views have beside the inbox's list."""

from typing import Any

import pytest

from parley.inbox.inbox_page.tests.test_views import views_of
from parley.inbox.ticket_rows.tests.test_filters import save_view
from tests.plain_browser import window_of

FILTERS: dict[str, dict[str, Any]] = {
    "status": {"status": ["new", "open"]},
    "nothing": {},
    "priority": {"priority": ["high"]},
    "mine": {"assignee": ["me"]},
    "tags": {"tags": ["vip"], "tagsMatch": "all"},
    "no such tag": {"tags": ["nobody has this"]},
    "both": {"status": ["new"], "tags": ["vip"], "tagsExclude": ["late"]},
    "snoozed": {"snoozed": True},
    "recent": {"dateFrom": "-1d"},
    "long ago": {"dateTo": "2001-01-01"},
    "of others": {"theirs": [1]},
}


@pytest.fixture
async def tickets(desk, cast):
    """Tickets of all kinds, of which one is hidden from bob."""
    made = [
        await desk.open(priority="high", tags=["vip"]),
        await desk.open(
            priority="high", tags=["vip", "late"], assignee={"type": "user", "id": cast.bob.user_id}
        ),
        await desk.open(status="resolved", tags=["vip"]),
        await desk.open(snoozed_until="2099-01-01T00:00:00Z"),
    ]
    hidden = f"{desk.tickets}{made[0]['id']}/access_controls/"
    assert (await desk.client.put(hidden, json={"access_level": "none"})).status_code == 200
    return made


async def counted(member, cast):
    """Return what the rail says of each view, and how many its list has."""
    window = await window_of(cast, member)
    await window.open("/inbox")
    return views_of(window)


@pytest.mark.parametrize("names", [[*FILTERS][:4], [*FILTERS][4:8], [*FILTERS][8:]])
async def test_a_view_says_how_many_its_list_has(desk, tickets, cast, names):
    views = {name: await save_view(desk, name, **FILTERS[name]) for name in names}
    for member in (cast.alice, cast.bob):
        expected = []
        for name, short_id in reversed(views.items()):
            listed = await member.client.get(desk.tickets, params={"view": short_id})
            count = listed.json()["count"]
            expected.append(name + {0: "", 1: " 1 conversation"}.get(count, f" {count} conversations"))
        assert await counted(member, cast) == expected
    assert any("conversation" in one for one in expected)


async def test_a_change_is_counted_at_once_and_a_search_never(desk, tickets, cast):
    await save_view(desk, "Found", search="fern")
    await save_view(desk, "High", priority=["high"])
    assert await counted(cast.alice, cast) == ["High 2 conversations", "Found"]
    await desk.change(tickets[0]["id"], priority="low")
    assert await counted(cast.alice, cast) == ["High 1 conversation", "Found"]


async def test_many_are_not_counted_to_the_end(desk, cast, monkeypatch):
    monkeypatch.setattr("parley.inbox.inbox_page.window.MOST_COUNTED", 2)
    monkeypatch.setattr("parley.inbox.ticket_rows.sections.MOST_COUNTED", 2)
    await save_view(desk, "high", priority=["high"])
    await save_view(desk, "status", status=["new"])
    for _ in range(3):
        await desk.open(priority="high")
    assert await counted(cast.alice, cast) == ["status 1+ conversations", "high 1+ conversations"]


async def test_only_the_first_views_are_counted(desk, cast, monkeypatch):
    monkeypatch.setattr("parley.inbox.inbox_page.window.MOST_VIEWS_COUNTED", 1)
    await desk.open(priority="high")
    for name in ("older", "newer"):
        await save_view(desk, name, priority=["high"])
    assert await counted(cast.alice, cast) == ["newer 1 conversation", "older"]
