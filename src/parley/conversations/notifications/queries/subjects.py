"""What a mail says about a notice: the conversation, the assigned ticket, the note; nothing about what is gone by then."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, and_, false, func, select

from parley.accounts.projects.tables import project
from parley.accounts.roles.tables import role
from parley.accounts.users.rules import user_name
from parley.accounts.users.tables import user_account
from parley.conversations.notifications.queries.unread_answers import SAME_TICKET, waits_for_team
from parley.conversations.notifications.rules.kinds import ANSWERS, ASSIGNMENTS, MENTIONS, MemberNotice
from parley.conversations.tickets.queries.merged_ticket import merged_ticket
from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.transaction import Db
from parley.people.persons.queries.by_identifier import has_distinct_id, is_its_person
from parley.people.persons.rules.names import customer_name
from parley.people.persons.tables import person, person_distinct_id

target = ticket.alias("target")
# What names the customer of a ticket: what `_customer` takes, in this order.
_PROPERTIES = (
    select(person.c.properties)
    .select_from(person_distinct_id.join(person, is_its_person()))
    .where(has_distinct_id(ticket.c.project_id, ticket.c.distinct_id))
    .scalar_subquery()
)
_CUSTOMER = (ticket.c.anonymous_traits, ticket.c.distinct_id, ticket.c.email_from, _PROPERTIES)


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says of a notice: `content` are the words that it quotes, `actor` the member who did it, if known."""

    notice: MemberNotice
    ticket_id: UUID  # where the words are now
    number: int
    customer: str  # what the team calls them
    content: str
    actor: str | None = None
    role: str | None = None


async def project_name(db: Db, project_id: int) -> str | None:
    """Return a project's name (primary key)."""
    found: str | None = (
        await db.execute(select(project.c.name).where(project.c.id == project_id))
    ).scalar_one_or_none()
    return found


async def subject_of(db: Db, project_id: int, notice: MemberNotice, user_id: int) -> Subject | None:
    """Return what there is to say to a user of a notice; None where it no longer holds or its ticket or message is gone."""
    if notice.kind == ASSIGNMENTS:
        found = await _assigned_ticket(db, project_id, notice, user_id)
    elif notice.kind == MENTIONS:
        found = await _note(db, project_id, notice)
    elif notice.kind == ANSWERS:
        found = await _answer(db, project_id, notice, user_id)
    else:
        found = await _new_conversation(db, project_id, notice.ticket_id)
    if found is None:
        return None
    ticket_id, number, content, *customer = found
    actor = await _user_name(db, notice.actor_id)
    named = await _role_name(db, notice.role_id)
    return Subject(
        notice=notice,
        ticket_id=ticket_id,
        number=number,
        customer=_customer(*customer),
        content=content or "",
        actor=actor,
        role=named,
    )


async def _assigned_ticket(db: Db, project_id: int, notice: MemberNotice, user_id: int) -> Any:
    """Return number, last words and customer of a ticket that is still assigned as it was (primary key)."""
    c = ticket.c
    found: Select[Any] = select(
        *(c.id, c.number, c.last_message_text, *_CUSTOMER, c.assignee_user_id, c.assignee_role_id)
    )
    mine = (c.project_id == project_id, c.id == notice.ticket_id, c.deleted_at.is_(None))
    row = (await db.execute(found.where(*mine))).first()
    expected = (None if notice.role_id is not None else user_id, notice.role_id)
    return row[:-2] if row is not None and tuple(row[-2:]) == expected else None


async def _note(db: Db, project_id: int, notice: MemberNotice) -> Any:
    """Return the number of the ticket on which a note is now, the note, and the customer (primary keys)."""
    same = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == comment.c.ticket_id)
    found = select(ticket.c.id, ticket.c.number, comment.c.content, *_CUSTOMER)
    mine = (
        comment.c.project_id == project_id,
        comment.c.id == notice.comment_id,
        comment.c.deleted == false(),
        ticket.c.deleted_at.is_(None),
    )
    return (await db.execute(found.select_from(comment.join(ticket, same)).where(*mine))).first()


async def _answer(db: Db, project_id: int, notice: MemberNotice, user_id: int) -> Any:
    """Return the number of the ticket on which a customer's message waits, the message, and the customer (primary keys)."""
    c = ticket.c
    is_mine = (
        c.assignee_user_id == user_id if notice.role_id is None else c.assignee_role_id == notice.role_id
    )
    found = select(c.id, c.number, comment.c.content, *_CUSTOMER)
    mine = (comment.c.project_id == project_id, comment.c.id == notice.comment_id, is_mine, waits_for_team())
    return (await db.execute(found.select_from(comment.join(ticket, SAME_TICKET)).where(*mine))).first()


async def _new_conversation(db: Db, project_id: int, ticket_id: UUID) -> Any:
    """Return number, first message and customer of a conversation (ix_comment_ticket).

    If it has been merged meanwhile, its messages are on the target, and its own number leads there.
    """
    found = await _first_message(db, project_id, ticket_id, ticket_id)
    if found is not None:
        return found
    merged = await merged_ticket(db.rows, project_id, ticket_id)
    return await _first_message(db, project_id, ticket_id, merged.last_target_id) if merged else None


async def _first_message(db: Db, project_id: int, ticket_id: UUID, target_id: UUID) -> Any:
    same = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == ticket_id)
    there = target.c
    live = and_(there.project_id == project_id, there.id == target_id, there.deleted_at.is_(None))
    found: Select[Any] = (
        select(comment.c.ticket_id, ticket.c.number, comment.c.content, *_CUSTOMER)
        .select_from(comment.join(ticket, same))
        .where(
            comment.c.project_id == project_id,
            comment.c.ticket_id == target_id,
            func.coalesce(comment.c.home_ticket_id, target_id) == ticket_id,
            comment.c.author_type == CUSTOMER,
            comment.c.deleted == false(),
            select(there.id).where(live).exists(),
        )
        .order_by(comment.c.created_at, comment.c.id)
        .limit(1)
    )
    return (await db.execute(found)).first()


def _customer(
    traits: dict[str, Any], distinct_id: str, email_from: str | None, properties: dict[str, Any] | None
) -> str:
    return customer_name(traits, properties or {}, email_from=email_from, distinct_id=distinct_id)


async def _user_name(db: Db, user_id: int | None) -> str | None:
    if user_id is None:
        return None
    c = user_account.c
    row = (await db.execute(select(c.first_name, c.last_name, c.email).where(c.id == user_id))).first()
    return user_name(row.first_name, row.last_name, row.email) if row is not None else None


async def _role_name(db: Db, role_id: UUID | None) -> str | None:
    if role_id is None:
        return None
    found: str | None = (
        await db.execute(select(role.c.name).where(role.c.id == role_id))
    ).scalar_one_or_none()
    return found


async def note_content(db: Db, project_id: int, comment_id: UUID) -> tuple[str, Any] | None:
    """Return the text and the rich form of a note that is still there (primary key)."""
    mine = (comment.c.project_id == project_id, comment.c.id == comment_id, comment.c.deleted == false())
    row = (await db.execute(select(comment.c.content, comment.c.rich_content).where(*mine))).first()
    return (row.content, row.rich_content) if row is not None else None
