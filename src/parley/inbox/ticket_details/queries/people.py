"""Who can take care of tickets, and what else the person of one has written."""

from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy import Integer, bindparam, literal_column, select

from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    visibility_of,
    visible_tickets,
)
from parley.accounts.memberships.rules import away_words, is_there, label_of
from parley.accounts.memberships.tables import membership
from parley.accounts.roles.tables import role
from parley.accounts.users.rules import user_name
from parley.accounts.users.tables import user_account
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.tables import LIVE, ticket
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor, Project
from parley.kernel.services import Services

MAX_OTHERS, MAX_PEOPLE = 5, 200


class OtherTicket(msgspec.Struct, frozen=True):
    """Another ticket of the same person."""

    number: int
    status: str
    subject: str | None
    text: str | None
    updated_at: datetime
    distinct_id: str

    @property
    def about(self) -> str:
        """What it is about; `#42` is only what a mail about a widget's ticket is called."""
        return (self.subject if self.subject != f"#{self.number}" else None) or self.text or "No messages yet"


@lru_cache(maxsize=256)
def _others(n_ids: int, visibility: TicketVisibility) -> Prepared:
    ids = [bindparam(f"id_{index}", type_=ticket.c.distinct_id.type) for index in range(n_ids)]
    return Prepared(
        select(
            ticket.c.number,
            ticket.c.status,
            ticket.c.email_subject,
            ticket.c.last_message_text,
            ticket.c.updated_at,
            ticket.c.distinct_id,
        )
        .where(
            PROJECT,
            LIVE,
            ticket.c.distinct_id.in_(ids),
            ticket.c.number != bindparam("but", type_=Integer),
            *visible_tickets(visibility, ticket.c.id),
        )
        .order_by(ticket.c.created_at.desc())
        .limit(literal_column(str(MAX_OTHERS)))
    )


async def other_tickets(database: Database, actor: Actor, beside: TicketOut) -> list[OtherTicket]:
    """Return the newest other tickets of a ticket's person that the caller sees (ix_ticket_distinct_id)."""
    ids = (beside.person.distinct_ids if beside.person else [])[:100] or [beside.distinct_id]
    values = {f"id_{index}": id for index, id in enumerate(ids)} | access_values(actor)
    statement = _others(len(ids), visibility_of(actor))
    rows = await database.read(statement, project_id=actor.project_id, but=beside.ticket_number, **values)
    return [OtherTicket(*row) for row in rows]


class Assignable(msgspec.Struct, frozen=True):
    """Somebody who can take care of a ticket; `key` is `user:<id>` or `role:<uuid>`."""

    key: str
    name: str
    away: str = ""  # in words, such as `away until 3 Dec`

    @property
    def label(self) -> str:
        """How lists to choose from call them."""
        return label_of(self.name, self.away)


_PEOPLE = Prepared(
    select(
        user_account.c.id,
        user_account.c.first_name,
        user_account.c.last_name,
        user_account.c.email,
        membership.c.is_available,
        membership.c.away_until,
    )
    .join(membership, membership.c.user_id == user_account.c.id)
    .where(membership.c.organization_id == bindparam("organization_id"), user_account.c.is_active.is_(True))
    .order_by(user_account.c.first_name, user_account.c.email)
    .limit(literal_column(str(MAX_PEOPLE)))
)
_ROLES = Prepared(
    select(role.c.id, role.c.name)
    .where(role.c.organization_id == bindparam("organization_id"))
    .order_by(role.c.name)
    .limit(literal_column(str(MAX_PEOPLE)))
)


async def assignables(services: Services, project: Project) -> list[Assignable]:
    """Return members by name, then roles (unique indexes of membership and role, both led by the organization)."""
    database, organization_id, now = services.database, project.organization_id, services.clock.now()
    people = await database.read(_PEOPLE, organization_id=organization_id)
    roles = await database.read(_ROLES, organization_id=organization_id)
    named = []
    for id, first, last, email, is_available, until in people:
        there = is_there(is_available=is_available, away_until=until, now=now)
        away = "" if there else away_words(until, now, project.timezone)
        named.append(Assignable(f"user:{id}", user_name(first, last, email), away))
    return named + [Assignable(f"role:{id}", name) for id, name in roles]
