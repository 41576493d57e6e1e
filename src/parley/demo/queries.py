"""What goes on in a project that is to get demo data, or has it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, and_, exists, func, select

from parley.accounts.memberships.tables import membership
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.tables import ticket
from parley.demo.rules import colleagues_domain
from parley.email.channels.tables import email_channel, email_domain
from parley.integrations.linkedin_conversions.tables import linkedin_conversion_rule
from parley.integrations.webhooks.tables import webhook_endpoint
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Project


class ProjectUse(msgspec.Struct, frozen=True):
    """How many tickets a project has, counted up to a number, whether it mails answers, and what programs it tells."""

    n_tickets: int
    has_mail: bool
    has_webhooks: bool
    has_conversions: bool


async def use_of_project(db: Db, project_id: int, most: int) -> ProjectUse:
    """Return what goes on in a project (primary keys, indexes on the project)."""
    some: Select[Any] = select(ticket.c.id).where(ticket.c.project_id == project_id).limit(most)
    endpoints = select(webhook_endpoint.c.id).where(webhook_endpoint.c.project_id == project_id)
    rules = select(linkedin_conversion_rule.c.id).where(linkedin_conversion_rule.c.project_id == project_id)
    n_tickets = select(func.count()).select_from(some.subquery()).scalar_subquery()
    same = and_(
        email_channel.c.project_id == email_domain.c.project_id, email_channel.c.domain == email_domain.c.name
    )
    mailing = select(email_channel.c.id).join(email_domain, same)
    real = mailing.where(email_channel.c.project_id == project_id, email_domain.c.is_test.is_(False))
    row: Any = (await db.execute(select(n_tickets, exists(real), exists(endpoints), exists(rules)))).one()
    return ProjectUse(*row)


class Colleague(msgspec.Struct, frozen=True):
    """A member of an organization who plays in the demo of one of its projects."""

    id: int
    uuid: UUID
    email: str


_COLLEAGUE = StructColumns(Colleague, user_account)


async def colleagues_of(db: Db, project: Project) -> list[Colleague]:
    """Return who plays in the demo of a project (unique index on organization and user).

    Only members count: addresses are unique on the whole server, and anybody may have taken one that looks like these.
    """
    found = select(*_COLLEAGUE.columns).join(membership, membership.c.user_id == user_account.c.id)
    mine = membership.c.organization_id == project.organization_id
    plays = user_account.c.email.endswith(colleagues_domain(project.id))
    return [_COLLEAGUE(row) for row in await db.execute(found.where(mine, plays))]


class TicketLife(msgspec.Struct, frozen=True):
    """From when to when a ticket was unresolved; without an end it still is."""

    opened_at: datetime
    resolved_at: datetime | None


async def lives_of(db: Db, project_id: int, distinct_ids: Sequence[str]) -> list[TicketLife]:
    """Return the lives of these customers' tickets, whose last change is their end (ix_ticket_distinct_id)."""
    c = ticket.c
    mine = select(c.created_at, c.updated_at, c.status).where(
        c.project_id == project_id, c.distinct_id.in_(distinct_ids)
    )
    rows: Sequence[Any] = (await db.execute(mine)).all()
    return [TicketLife(row.created_at, row.updated_at if row.status == "resolved" else None) for row in rows]
