"""What an entry holds, and that nobody changes one."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from parley.accounts.audit_log.actions import record, record_for_user
from parley.accounts.audit_log.rules import MASK, changed_values, shown_values
from parley.accounts.audit_log.tables import audit_entry
from parley.accounts.organizations.tables import organization
from parley.kernel.http.origin import RequestOrigin, on_behalf_of


async def entries(database, organization_id):
    statement = (
        select(audit_entry)
        .where(audit_entry.c.organization_id == organization_id)
        .order_by(audit_entry.c.created_at, audit_entry.c.id)
    )
    async with database.transaction(write=False) as db:
        return (await db.execute(statement)).all()


def test_an_entry_keeps_no_secret_and_nothing_without_end():
    values = {
        "name": "x" * 900,
        "api_token": "phs_1",
        "inner": {"smtp_password": "p", "port": 25},
        "secret": None,
    }
    shown = shown_values(values) or {}
    assert shown["api_token"] == MASK and shown["inner"] == {"smtp_password": MASK, "port": 25}
    assert len(shown["name"]) == 500 and shown["secret"] is None
    assert len(shown_values({str(n): n for n in range(500)}) or {}) == 100
    assert changed_values({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == (
        {"b": 2, "c": None},
        {"b": 3, "c": 4},
    )


async def test_an_entry_says_who_did_what_from_where(database, services, alice):
    origin = RequestOrigin("192.0.2.7", "Firefox")
    async with database.transaction() as db:
        with on_behalf_of(origin):
            await record(
                db,
                services,
                organization_id=alice.organization_id,
                action="domain.verified",
                by=alice.user_id,
                target=("domain", "1", "example.com"),
                after={"verified": True},
            )
            await record_for_user(db, services, alice.user_id, "sign_in.succeeded")
        await record(db, services, organization_id=alice.organization_id, action="domain.unverified")
    verified, signed_in, by_server = await entries(database, alice.organization_id)
    assert (verified.user_email, verified.address, verified.user_agent) == (
        alice.email,
        "192.0.2.7",
        "Firefox",
    )
    assert (verified.action, verified.target_name, verified.after) == (
        "domain.verified",
        "example.com",
        {"verified": True},
    )
    assert (signed_in.action, signed_in.user_id) == ("sign_in.succeeded", alice.user_id)
    assert (by_server.user_id, by_server.address) == (None, "")


@pytest.mark.parametrize(
    "statement",
    [update(audit_entry).values(action="nothing.happened"), delete(audit_entry)],
    ids=["update", "delete"],
)
async def test_the_database_refuses_to_change_entries(database, services, alice, statement):
    organization_id = alice.organization_id
    async with database.transaction() as db:
        await record(db, services, organization_id=organization_id, action="key.made", by=alice.user_id)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.transaction() as db:
            await db.execute(statement.where(audit_entry.c.organization_id == organization_id))
    assert [one.action for one in await entries(database, organization_id)] == ["key.made"]


async def test_entries_go_with_their_organization(database, services, cast):
    async with database.transaction() as db:
        made = await cast.make_organization(db)
        await record(db, services, organization_id=made, action="key.made")
    async with database.transaction() as db:
        await db.execute(delete(organization).where(organization.c.id == made))
    assert await entries(database, made) == []


async def test_a_forged_address_is_not_believed(cast, database, alice):
    forged = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}
    agent = {"User-Agent": "a\tb" + "c" * 900}
    path = f"/api/organizations/{alice.organization_id}/roles/"
    await alice.client.post(path, json={"name": "Billing"}, headers=forged | agent)
    [entry] = await entries(database, alice.organization_id)
    assert entry.address == "127.0.0.1"
    assert entry.user_agent.startswith("a bccc") and len(entry.user_agent) == 300
