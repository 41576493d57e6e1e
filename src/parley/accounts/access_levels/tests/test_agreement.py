"""The database answers as the rule does, whatever rows there are."""

import random
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from parley.accounts.access_levels.queries.levels import default_level, levels_of
from parley.accounts.access_levels.queries.rights import rights_of
from parley.accounts.access_levels.queries.visibility import (
    access_values,
    check_sees_any_ticket,
    is_hidden,
    is_visible,
    is_visible_to,
    visibility_of,
    visible_tickets,
)
from parley.accounts.access_levels.rules import (
    BUILT_IN,
    LEVELS,
    StoredLevel,
    deciding_level,
)
from parley.accounts.access_levels.tables import access_control
from parley.accounts.authentication.authenticator import CachingAuthenticator
from parley.accounts.authentication.queries import principal_by_key_hash
from parley.conversations.ticket_list.queries.unread import unread_count
from parley.conversations.tickets.tables import ticket
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid, token_hash

N_TICKETS, N_STATES = 7, 30


def random_rows(
    chance: random.Random, ids: list[UUID], holders: list[dict[str, UUID]]
) -> list[dict[str, Any]]:
    """Return levels on all and on some tickets, at most one for each holder."""
    rows = []
    for thing in (None, *ids):
        for holder in chance.sample(holders, chance.choice((0, 0, 1, 2, 3))):
            rows.append({"resource_id": thing, "access_level": chance.choice(LEVELS), **holder})
    return rows


def by_the_rule(
    rows: list[dict[str, Any]], ids: list[UUID], membership_id: UUID, role_ids: list[UUID]
) -> dict[UUID | None, str]:
    """Return the level on each ticket and, under None, that on all others."""

    def level(thing: UUID | None) -> str | None:
        mine = [
            StoredLevel(row["access_level"], row.get("membership_id"), row.get("role_id"))
            for row in rows
            if row["resource_id"] == thing
        ]
        return deciding_level(mine, membership_id, role_ids)

    elsewhere = level(None) or BUILT_IN
    return {None: elsewhere, **{id: level(id) or elsewhere for id in ids}}


class Stage:
    """Stores rows and asks for bob's rights under them."""

    def __init__(self, services: Any, member: Any, membership_id: UUID, role_ids: list[UUID]) -> None:
        self.services, self.database = services, services.database
        self.member, self.membership_id, self.role_ids = member, membership_id, role_ids

    async def store(self, rows: list[dict[str, Any]]) -> None:
        common = {
            "project_id": self.member.project_id,
            "resource": "ticket",
            "membership_id": None,
            "role_id": None,
            "created_at": self.services.clock.now(),
        }
        async with self.database.transaction() as db:
            mine = access_control.c.project_id == self.member.project_id
            await db.execute(delete(access_control).where(mine))
            if rows:
                await db.execute(
                    insert(access_control), [{**common, "id": new_uuid(), **row} for row in rows]
                )

    async def actor(self) -> Actor:
        use = await principal_by_key_hash(self.database, token_hash(self.member.key))
        project = await CachingAuthenticator(self.services, rights_of).project(self.member.project_id)
        assert use is not None and project is not None
        rights = await rights_of(self.database, project, self.member.user_id)
        return Actor(principal=use.principal, project=project, level=1, rights=rights)

    async def found(self, actor: Actor, *conditions: Any) -> set[UUID]:
        wanted = select(ticket.c.id).where(ticket.c.project_id == actor.project_id, *conditions)
        values = {"project_id": actor.project_id, **access_values(actor)}
        async with self.database.transaction(write=False) as db:
            return set((await db.execute(wanted.params(values))).scalars())


async def check(stage: Stage, ids: list[UUID], rows: list[dict[str, Any]]) -> str:
    """Compare everything that the database answers with the rule; return the visibility of the rights."""
    await stage.store(rows)
    actor = await stage.actor()
    rule = by_the_rule(rows, ids, stage.membership_id, stage.role_ids)
    visible = {id for id in ids if rule[id] != "none"}
    assert default_level(actor) == rule[None], rows
    assert await levels_of(stage.database, actor, ids) == {id: rule[id] for id in ids}, rows
    for_more = is_visible_to(actor, ticket.c.id)
    assert await stage.found(actor, *(() if for_more is None else (for_more,))) == visible, rows
    if rule[None] == "none" and not visible:
        try:
            check_sees_any_ticket(actor)
        except PermissionDenied:
            return "nothing"
        raise AssertionError(rows)
    visibility = visibility_of(actor)
    assert await unread_count(stage.services, actor) == sum(ids.index(id) for id in visible), rows
    assert await stage.found(actor, *visible_tickets(visibility, ticket.c.id)) == visible, rows
    if actor.rights is not None:
        assert await stage.found(actor, is_visible(visibility, ticket.c.id)) == visible, rows
        closed = await stage.found(actor, is_hidden(ticket.c.id))
        assert visibility == "only" or closed == set(ids) - visible, rows
    return visibility


async def test_conditions_and_levels_are_those_of_the_rule(keeper, desk, bob, alice, services):
    roles = [UUID((await keeper.role(name, bob))["role"]) for name in ("One", "Two")]
    others = UUID((await keeper.role("Three", alice))["role"])
    members = [UUID((await keeper.member(one))["organization_member"]) for one in (bob, alice)]
    holders: list[dict[str, UUID]] = [{}, *({"membership_id": id} for id in members)]
    holders += [{"role_id": id} for id in (*roles, others)]
    ids = [UUID((await desk.open())["id"]) for _ in range(N_TICKETS)]
    async with services.database.transaction() as db:
        for n, id in enumerate(ids):
            mine = (ticket.c.project_id == desk.project.id, ticket.c.id == id)
            await db.execute(update(ticket).where(*mine).values(unread_team_count=n))
    stage, chance = Stage(services, bob, members[0], roles), random.Random(7)
    visibilities = {await check(stage, ids, random_rows(chance, ids, holders)) for _ in range(N_STATES)}
    visibilities.add(await check(stage, ids, []))
    visibilities.add(await check(stage, ids, [{"resource_id": None, "access_level": "none"}]))
    hidden = [{"resource_id": id, "access_level": "none", "membership_id": members[0]} for id in ids]
    open_to_all = [{"resource_id": id, "access_level": "manager"} for id in ids]
    nowhere = {"resource_id": None, "access_level": "none"}
    visibilities.add(await check(stage, ids, [nowhere, *hidden, *open_to_all]))
    assert visibilities == {"all", "but", "only", "nothing"}
