"""Requests with an Idempotency-Key happen once, whatever is sent again, and leave nothing where they fail."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from parley.administration.background_work.jobs import forget_idempotency_keys
from parley.kernel.idempotency import idempotency_key, keeps_answers
from parley.kernel.ids import new_uuid
from parley.main import collected_handlers, create_app

TICKET = {"distinct_id": "ada", "message": "Where is my order?"}


@pytest.fixture
def key():
    return {"Idempotency-Key": str(new_uuid())}


async def n_tickets(member):
    return (await member.client.get(member.project.tickets)).json()["count"]


async def n_keys(services, member):
    async with services.database.transaction(write=False) as db:
        mine = idempotency_key.c.project_id == member.project_id
        return (await db.execute(select(func.count()).select_from(idempotency_key).where(mine))).scalar_one()


async def test_a_repeated_request_gets_the_first_answer(alice, key):
    first = await alice.client.post(alice.project.tickets, json=TICKET, headers=key)
    again = await alice.client.post(alice.project.tickets, json=TICKET, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert await n_tickets(alice) == 1


async def test_without_a_key_each_request_counts(alice, services):
    for _ in range(2):
        assert (await alice.client.post(alice.project.tickets, json=TICKET)).status_code == 201
    assert await n_tickets(alice) == 2 and await n_keys(services, alice) == 0


async def test_another_body_under_the_same_key_is_refused(alice, key):
    await alice.client.post(alice.project.tickets, json=TICKET, headers=key)
    other = await alice.client.post(alice.project.tickets, json={**TICKET, "name": "Ada"}, headers=key)
    assert other.status_code == 422
    assert other.json() | {"detail": ""} == {
        "type": "validation_error", "code": "idempotency_key_reused", "detail": "", "attr": None,
    }  # fmt: skip
    assert await n_tickets(alice) == 1


async def test_a_key_belongs_to_one_route_and_one_caller(alice, bob, mallory, cast, key):
    other_key = await cast.make_key(alice, ["*"])
    for client in (alice.client, bob.client, other_key):
        answer = await client.post(alice.project.tickets, json=TICKET, headers=key)
        assert answer.status_code == 201 and "idempotent-replayed" not in answer.headers
    await mallory.client.post(mallory.project.tickets, json=TICKET, headers=key)
    comments = f"/api/projects/{alice.project_id}/comments/"
    comment = await alice.client.post(comments, json={"scope": "Insight", "content": "x"}, headers=key)
    assert comment.status_code == 201
    assert await n_tickets(alice) == 3 and await n_tickets(mallory) == 1


async def test_the_prefix_and_the_slash_are_no_part_of_the_route(alice, key):
    urls = (
        f"/api/environments/{alice.project_id}",
        f"/api/projects/{alice.project_id}",
        "/api/projects/@current",
    )
    answers = [
        await alice.client.post(f"{url}/conversations/tickets", json=TICKET, headers=key) for url in urls
    ]
    assert len({answer.content for answer in answers}) == 1 and await n_tickets(alice) == 1


async def test_fifty_parallel_requests_make_one_ticket(alice, key):
    post = [alice.client.post(alice.project.tickets, json=TICKET, headers=key) for _ in range(50)]
    answers = await asyncio.gather(*post)
    made = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert made and len({answer.content for answer in made}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in made) == 1
    assert {(one.status_code, one.json()["code"]) for one in refused} <= {(409, "idempotency_key_in_use")}
    assert all(one.headers["retry-after"] == "1" for one in refused)
    assert await n_tickets(alice) == 1


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True, scope="session")
async def test_two_processes_make_one_ticket(alice, key, settings):
    second = create_app(settings)
    transport = httpx.ASGITransport(second)  # type: ignore[arg-type]
    authorization = {"Authorization": f"Bearer {alice.key}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://parley.test", headers=authorization
    ) as other:
        post = [
            client.post(alice.project.tickets, json=TICKET, headers=key)
            for client in (alice.client, other) * 10
        ]
        answers = await asyncio.gather(*post)
    await second.app.state.services.cache.close()
    await second.app.state.services.database.close()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert await n_tickets(alice) == 1


async def test_a_refusal_is_kept_and_changes_nothing(alice, key):
    wrong = {**TICKET, "assignee": {"type": "user", "id": 2**31 - 1}}
    first = await alice.client.post(alice.project.tickets, json=wrong, headers=key)
    again = await alice.client.post(alice.project.tickets, json=wrong, headers=key)
    assert first.status_code == again.status_code == 400 and first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert await n_tickets(alice) == 0


async def test_a_body_that_cannot_be_read_gives_the_key_away_to_nobody(alice, key, services):
    bad = await alice.client.post(alice.project.tickets, json={**TICKET, "status": "x"}, headers=key)
    assert bad.status_code == 400 and await n_keys(services, alice) == 0
    good = await alice.client.post(alice.project.tickets, json=TICKET, headers=key)
    assert good.status_code == 201


@pytest.mark.parametrize("wrong", ["", " ", "x" * 256, "caf\xe9", "a\tb"])
async def test_a_key_is_printable_ascii_of_some_length(alice, wrong):
    headers = {"Idempotency-Key": wrong.encode("latin-1")}
    answer = await alice.client.post(alice.project.tickets, json=TICKET, headers=headers)
    assert answer.status_code == 400 and answer.json()["attr"] == "Idempotency-Key"
    longest = {"Idempotency-Key": "x" * 255}
    assert (await alice.client.post(alice.project.tickets, json=TICKET, headers=longest)).status_code == 201


async def test_a_key_is_forgotten_after_a_day(alice, key, clock, services):
    now = clock.freeze()
    await alice.client.post(alice.project.tickets, json=TICKET, headers=key)
    clock.freeze(now + timedelta(hours=24))
    again = await alice.client.post(alice.project.tickets, json={**TICKET, "name": "Ada"}, headers=key)
    assert again.status_code == 201 and await n_tickets(alice) == 2
    clock.freeze(now + timedelta(hours=47))
    for left in (1, 0, 0):
        async with services.database.transaction() as db:
            await forget_idempotency_keys(db, services)
        assert await n_keys(services, alice) == left
        clock.freeze(now + timedelta(hours=48))


async def test_routes_outside_projects_keep_answers_too(alice, key, cast):
    answers = [await alice.client.post("/api/projects/", json={"name": "Second"}, headers=key) for _ in "ab"]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_what_is_kept_cannot_be_read_in_the_database(alice, key, services):
    made = await alice.client.post("/api/projects/", json={"name": "Second"}, headers=key)
    async with services.database.transaction(write=False) as db:
        kept = (await db.execute(select(idempotency_key.c.sealed_body))).scalars().all()
    assert kept and not any(made.json()["api_token"] in one for one in kept)


async def test_keys_made_for_people_are_never_kept(cast, alice, services, key):
    session = await cast.sign_in(alice)
    body = {"label": "mine", "scopes": ["ticket:read"]}
    made = [await session.post("/api/personal_api_keys/", json=body, headers=key) for _ in "ab"]
    assert made[0].json()["id"] != made[1].json()["id"]


async def test_a_handler_that_fails_gives_the_key_back(alice, key, services):
    await alice.client.post(alice.project.tickets, json=TICKET)
    async with services.database.transaction() as db:
        await _break_ledger(db, alice.project_id)
    broken = await alice.client.post(alice.project.tickets, json=TICKET, headers=key)
    assert broken.status_code == 500 and await n_keys(services, alice) == 0
    async with services.database.transaction() as db:
        await _break_ledger(db, alice.project_id)
    mended = await alice.client.post(alice.project.tickets, json=TICKET, headers=key)
    assert mended.status_code == 201 and "idempotent-replayed" not in mended.headers


async def _break_ledger(db, project_id):
    """Turn the last number round, so that the next is taken already; and back."""
    from sqlalchemy import update

    from parley.conversations.ticket_changes.tables import ticket_ledger

    turned = 1 - ticket_ledger.c.last_number
    await db.execute(
        update(ticket_ledger).where(ticket_ledger.c.project_id == project_id).values(last_number=turned)
    )


CHANGES_NOTHING = ("/suggest_reply", "/query")
SHOWS_A_SECRET_ONCE = ("/sharing/passwords", "/scim/token")
"""Their answers hold a password or a token, which must not be stored."""
SAFE_TO_REPEAT = ("/domains/{domain_id:str}/verify",)
"""What is verified stays so, and the second request says that it is."""
OF_EMAIL = "/api/conversations/v1/email/"
"""PostHog's routes of e-mail name their project in the body, and each of them is safe to repeat."""


def test_every_post_that_a_scope_opens_takes_a_key():
    for handler in collected_handlers():
        is_scoped = any(getattr(guard, "admits", None) == "scope" for guard in handler.guards)
        is_post = "POST" in {str(getattr(method, "value", method)) for method in handler.http_methods}
        exempt = (*CHANGES_NOTHING, *SHOWS_A_SECRET_ONCE, *SAFE_TO_REPEAT)
        if any(path.startswith(OF_EMAIL) or path.endswith(exempt) for path in handler.paths):
            continue
        if is_scoped and is_post:
            assert keeps_answers(handler), (
                f"{handler.fn} has a transaction of its own; see kernel/idempotency"
            )
