"""Visitors whom the project's own server vouches for."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert, select, update

from parley.accounts.projects.tables import project as project_table
from parley.conversations.threads.queries.lists import visible_to
from parley.conversations.threads.rules import Visitor, is_own
from parley.conversations.tickets.tables import ticket
from parley.conversations.widget.rules.identity import signature
from parley.conversations.widget.tests.visitor import Browser
from parley.kernel.database.database import Database
from parley.kernel.ids import new_token, new_uuid, token_hash
from parley.people.persons.tables import person, person_distinct_id
from tests.cast import Cast, TestProject


@pytest.fixture
def ada(anonymous: httpx.AsyncClient, project: TestProject) -> Browser:
    """Signed in on alice's site, whose server signed `ada`."""
    return Browser(anonymous, project, identity="ada")


async def one_person(database: Database, project: TestProject, *distinct_ids: str) -> None:
    """Store a person who has all of these distinct ids."""
    now, id = datetime.now(UTC), new_uuid()
    async with database.transaction() as db:
        await db.execute(insert(person).values(project_id=project.id, id=id, properties={}, created_at=now))
        for distinct_id in distinct_ids:
            values = {
                "project_id": project.id,
                "distinct_id": distinct_id,
                "person_id": id,
                "created_at": now,
            }
            await db.execute(insert(person_distinct_id).values(values))


async def test_an_identified_visitor_needs_no_session_and_no_distinct_id(
    ada: Browser, database: Database, project: TestProject
):
    ticket_id = await ada.opened("It's me", distinct_id=None)
    assert await ada.texts(ticket_id) == ["It's me"]
    assert await ada.ticket_ids() == [ticket_id]
    assert (await ada.read(ticket_id)).status_code == 200
    async with database.transaction(write=False) as db:
        (row,) = await db.execute(visible_to(Visitor(distinct_id="ada"), project.id))
    assert (row.distinct_id, row.identity_verified) == ("ada", True)
    assert row.widget_session_id == UUID(ada.credentials["identity_hash"][:32])


async def test_an_identity_speaks_only_under_its_own_name(ada: Browser, anonymous, project):
    ticket_id = await ada.opened("I am Bob, honestly", distinct_id="bob")
    assert await Browser(anonymous, project, identity="bob").ticket_ids() == []
    assert await ada.ticket_ids() == [ticket_id]


async def test_an_identity_reaches_its_tickets_from_every_browser(ada: Browser, anonymous, project):
    ticket_id = await ada.opened("From the phone")
    laptop = Browser(anonymous, project, identity="ada")
    assert (await laptop.send("From the laptop", ticket_id=ticket_id)).status_code == 200
    assert await laptop.texts(ticket_id) == ["From the phone", "From the laptop"]


async def test_an_identity_does_not_reach_what_its_person_claimed_before(
    browser: Browser, ada: Browser, database: Database, project: TestProject
):
    ticket_id = await browser.opened("Before signing in")
    await one_person(database, project, "ada", browser.distinct_id)
    assert await ada.ticket_ids() == []
    assert (await ada.send("And after", ticket_id=ticket_id)).status_code == 403


async def test_a_session_alone_never_opens_the_tickets_of_a_person(
    browser: Browser, ada: Browser, database: Database, project: TestProject
):
    await one_person(database, project, "ada", browser.distinct_id)
    ticket_id = await ada.opened("Confidential")
    for claimed in (browser.distinct_id, "ada"):
        browser.distinct_id = claimed
        assert (await browser.thread(ticket_id, distinct_id=claimed)).status_code == 403
        assert (await browser.send("Hi", ticket_id=ticket_id)).status_code == 403
        assert await browser.ticket_ids(distinct_id=claimed) == []


async def test_an_identity_with_its_session_reaches_the_session_too(
    browser: Browser, other_browser: Browser, ada: Browser
):
    mine, strangers = await browser.opened("Mine"), await other_browser.opened("A stranger's")
    signed = await ada.opened("Signed")
    ada.credentials |= browser.credentials
    assert await ada.texts(mine) == ["Mine"]
    assert set(await ada.ticket_ids()) == {mine, signed}
    assert (await ada.thread(strangers)).status_code == 403


@pytest.mark.parametrize("forgery", ["other name", "other project", "public token", "empty key", "zeros"])
async def test_a_forged_identity_is_forbidden_everywhere(ada: Browser, project, mallory, forgery: str):
    ticket_id = await ada.opened()
    ada.credentials = {
        "identity_distinct_id": "ada",
        "identity_hash": {
            "other name": signature(project.secret_api_token, "bob"),
            "other project": signature(mallory.project.secret_api_token, "ada"),
            "public token": signature(project.api_token, "ada"),
            "empty key": signature("", "ada"),
            "zeros": "0" * 64,
        }[forgery],
        "widget_session_id": str(uuid4()),  # a session that is good does not excuse a bad signature
    }
    for answer in (
        await ada.send(),
        await ada.send(ticket_id=ticket_id),
        await ada.thread(ticket_id),
        await ada.tickets(),
        await ada.read(ticket_id),
    ):
        assert (answer.status_code, answer.json()) == (403, {"error": "Forbidden"})


async def test_the_secret_before_the_last_rotation_still_signs(
    cast: Cast, ada: Browser, project: TestProject
):
    ticket_id = await ada.opened()
    vault, fresh = cast.services.vault, new_token("phs_")
    old = {
        "secret_api_token_backup": vault.encrypt(project.secret_api_token),
        "secret_api_token_backup_hash": token_hash(project.secret_api_token),
    }
    new = {"secret_api_token": vault.encrypt(fresh), "secret_api_token_hash": token_hash(fresh)}
    async with cast.services.database.transaction() as db:
        await db.execute(update(project_table).where(project_table.c.id == project.id).values(**old, **new))
    assert await ada.ticket_ids() == [ticket_id]
    ada.credentials["identity_hash"] = signature(fresh, "ada").upper()
    assert await ada.ticket_ids() == [ticket_id]


async def test_a_secret_that_cannot_be_read_vouches_for_nobody(
    cast: Cast, ada: Browser, project: TestProject
):
    async with cast.services.database.transaction() as db:
        broken = update(project_table).where(project_table.c.id == project.id)
        await db.execute(broken.values(secret_api_token="another server's"))
    assert ((await ada.send()).status_code, (await ada.tickets()).status_code) == (403, 403)


def with_claim(browser: Browser, project: TestProject, email: str, expires_at: int) -> dict[str, Any]:
    """Return the identity of a browser together with a signed e-mail address."""
    distinct_id = browser.credentials["identity_distinct_id"]
    text = "\x00".join(("v1", distinct_id, "email", email.strip().lower(), str(expires_at)))
    return browser.credentials | {
        "identity_email": email,
        "identity_hash_email": signature(project.secret_api_token, text),
        "identity_exp_email": expires_at,
    }


async def store_tickets(database: Database, project: TestProject, **verified: bool | None) -> dict[str, str]:
    """Store a ticket of Ada@Example.com for each name, verified or not; return their ids by name."""
    ids = {}
    for number, (name, is_verified) in enumerate(verified.items(), 1):
        now, id = datetime.now(UTC), new_uuid()
        async with database.transaction() as db:
            await db.execute(
                insert(ticket).values(
                    project_id=project.id, id=id, number=number, status="open", channel_source="email",
                    distinct_id="Ada@Example.com", widget_session_id=uuid4(), identity_verified=is_verified,
                    anonymous_traits={}, session_context={}, ai_resolved=False, message_count=0,
                    unread_team_count=0, unread_customer_count=0, cc_participants=[], created_at=now, updated_at=now,
                )
            )  # fmt: skip
        ids[name] = str(id)
    return ids


async def test_a_signed_address_opens_verified_tickets_of_that_address_only(
    ada: Browser, database: Database, project: TestProject, clock
):
    ids = await store_tickets(database, project, verified=True, unknown=None, false=False)
    assert await ada.ticket_ids() == []
    expires_at = int((clock.now() + timedelta(hours=1)).timestamp())
    ada.credentials = with_claim(ada, project, " ADA@example.com", expires_at)
    assert await ada.ticket_ids() == [ids["verified"]]
    statuses = {name: (await ada.thread(id)).status_code for name, id in ids.items()}
    assert statuses == {"verified": 200, "unknown": 403, "false": 403}
    clock.advance(timedelta(hours=1, seconds=1))
    answer = await ada.tickets()
    assert (answer.status_code, answer.json()["count"]) == (200, 0)  # expired: ignored, and nothing else


async def test_a_claim_counts_only_whole_and_only_with_an_identity(
    browser: Browser, ada: Browser, database: Database, project: TestProject, clock
):
    ids = await store_tickets(database, project, verified=True)
    expires_at = int((clock.now() + timedelta(hours=1)).timestamp())
    claim = with_claim(ada, project, "ada@example.com", expires_at)
    for missing in ("identity_email", "identity_hash_email", "identity_exp_email"):
        ada.credentials = {name: value for name, value in claim.items() if name != missing}
        for answer in (await ada.tickets(), await ada.send()):
            assert (answer.status_code, list(answer.json()["details"])) == (400, [missing])
    bare = {
        name: value for name, value in claim.items() if name not in ("identity_distinct_id", "identity_hash")
    }
    browser.credentials |= bare
    assert await browser.ticket_ids() == []
    assert (await browser.thread(ids["verified"])).status_code == 403


@pytest.mark.parametrize("addressed", [None, "ada@example.com"])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("verified", [True, False, None])
async def test_the_rule_and_the_statement_agree(
    database: Database, project: TestProject, verified: bool | None, closed: bool, addressed: str | None
):
    await store_tickets(database, project, one=verified)
    async with database.transaction() as db:
        values = {"claim_email": addressed, "closed_to_sessions": closed}
        await db.execute(update(ticket).where(ticket.c.project_id == project.id).values(**values))
        (row,) = await db.execute(select(ticket).where(ticket.c.project_id == project.id))
    visitors = [
        Visitor(widget_session_id=row.widget_session_id),
        Visitor(widget_session_id=uuid4()),
        *(
            Visitor(distinct_id=distinct_id, signed_email=claim)
            for distinct_id in (row.distinct_id, "ada@example.com", "ada")
            for claim in (None, "ada@example.com", "eve@example.com")
        ),
    ]
    for visitor in visitors:
        async with database.transaction(write=False) as db:
            found = (await db.execute(visible_to(visitor, project.id))).all()
        assert bool(found) is is_own(row, visitor), visitor
