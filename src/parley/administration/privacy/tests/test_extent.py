"""What "Erase everything" shows first: the numbers of the erasure, read without holding up who writes."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from parley.administration.privacy.pages import LOOKS, WORDS
from parley.administration.privacy.queries.extent import MOST
from parley.kernel.ids import new_uuid
from parley.people.events.tables import event
from tests.plain_browser import window_of

AT = datetime(2026, 5, 1, tzinfo=UTC)
PATH = "/settings/personal-data"


@pytest.fixture
async def window(cast):
    found = await window_of(cast, cast.alice)
    await found.open(PATH)
    return found


def numbers_of(window) -> dict[str, int]:
    """Return the numbers of the list by what they count."""
    named = {noun: name for name, nouns in WORDS.items() for noun in nouns}
    items = [re.fullmatch(r"(?:at least )?(\d+) (.+)", one.text) for one in window.page.all("li")]
    found = {named[one[2]]: int(one[1]) for one in items if one and one[2] in named}
    return {name: count for name, count in found.items() if count}


async def look(window, who: str) -> str:
    """Ask for what would go of a distinct id, and return what the page says."""
    await window.open(PATH)
    await window.press("Erase everything", kind="distinct_id", who=who)
    said: str = window.page.one(role="alert").text
    return said


async def captured(database, project, distinct_id: str, n: int) -> None:
    row = {"project_id": project.id, "event": "seen", "distinct_id": distinct_id, "properties": {}}
    at = {"timestamp": AT, "created_at": AT}
    rows = [{**row, **at, "id": new_uuid()} for _ in range(n)]
    async with database.transaction() as db:
        await db.execute(insert(event), rows)


async def test_the_numbers_shown_first_are_those_of_the_erasure(window, guest):
    await window.press("Erase everything", who=guest.email)
    shown = numbers_of(window)
    assert {"persons", "events", "tickets", "messages", "participants", "log_entries"} <= set(shown)
    await window.press("Erase all of this")
    assert numbers_of(window) == shown


async def test_a_look_waits_for_nobody_who_writes(window, carla, database, project):
    async with database.transaction() as db:
        mine = event.c.project_id == project.id
        await db.execute(update(event).where(mine).values(event=event.c.event))
        await window.press("Erase everything", who=carla.email)
        assert "Nothing is erased yet" in window.page.one(role="alert").text


async def test_of_very_much_it_says_at_least(window, database, project):
    await captured(database, project, "bulk", MOST)
    said = await look(window, "bulk")
    assert f"{MOST} events" in said and "at least" not in said
    await captured(database, project, "bulk", 30)
    assert f"at least {MOST} events" in await look(window, "bulk")


async def test_who_looks_again_and_again_has_to_wait(window, database, project):
    await captured(database, project, "bulk", 1)
    for _ in range(LOOKS.most):
        assert "1 event" in await look(window, "bulk")
    assert "Please wait" in await look(window, "bulk") and window.status == 429
    await window.press("Export as a file", who="bulk")
    assert window.status == 429
