"""Messages are split off a ticket into one of their own (docs/merging.md)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, case, null, update

from parley.accounts.access_levels.actions import copy_levels
from parley.accounts.activity_log.actions import record_all
from parley.conversations.merging.actions.sides import addresses, recount, store_participants
from parley.conversations.merging.queries.sides import sides_of
from parley.conversations.merging.queries.splitting import Origin, origin_of, written_on
from parley.conversations.merging.rules.splitting import (
    Written,
    checked_split,
    ticket_of_requester,
    unread_by_customer,
    unread_by_team,
    unread_share,
)
from parley.conversations.threads.queries.merged import lost_to_sessions
from parley.conversations.tickets.actions.happenings import record
from parley.conversations.tickets.actions.history import (
    By,
    Subject,
    changed,
    entry,
    subject_of,
)
from parley.conversations.tickets.actions.messages import THIS_TICKET
from parley.conversations.tickets.actions.notices import forget_unread_count, tell
from parley.conversations.tickets.actions.opening import TicketRow, insert_ticket
from parley.conversations.tickets.queries.reached import reached_ticket
from parley.conversations.tickets.queries.tickets import LockedTicket, ticket_by_key
from parley.conversations.tickets.rules import happenings, id_or_number
from parley.conversations.tickets.rules.happenings import Scene, facts_of
from parley.conversations.tickets.schemas import NewSplit, TicketOut
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.dependencies import Services

STATUS = "open"


async def split_ticket(db: Db, services: Services, actor: Actor, key: str, wanted: NewSplit) -> TicketOut:
    """Move messages of a ticket to a new one, and return that. Raises NotFound, PermissionDenied and Invalid."""
    source = await reached_ticket(db, actor, id_or_number(key))
    messages = await written_on(db, actor.project_id, source.id)
    moved = checked_split(messages, wanted.message_ids)
    now = services.clock.now()
    of_requester = ticket_of_requester(messages, moved, source.id)
    origin = await origin_of(db, actor.project_id, of_requester)
    if source.has_been_merged and await lost_to_sessions(db.rows, actor.project_id, [of_requester]):
        origin = msgspec.structs.replace(origin, closed_to_sessions=True)
    row = _row(actor.project_id, origin, wanted.subject, now)
    id, _, number = await insert_ticket(db, row, None)
    await _move(db, source, id, of_requester, sorted(moved))
    await _share(db, source, id, messages, moved, origin)
    await _share_participants(db, actor, id, of_requester)
    # Who may not see the one may not see what was split off it.
    await copy_levels(db, actor.project_id, source.id, id, now)
    for one in (source.id, id):
        await recount(db, actor.project_id, one, now)
    await _write_down(db, actor, source, Subject(actor.project_id, id, number), now)
    scene = Scene(actor.project, facts_of(row, id=id, number=number, email_from=origin.email_from), now)
    scene = msgspec.structs.replace(scene, by=actor.principal)
    there = Scene(actor.project, facts_of(source), now, actor.principal)
    happened = happenings.about_both(there, happenings.SPLIT, id, number)
    await record(db, [*happenings.opened(scene, None, None, ""), happened])
    forget_unread_count(db, services, actor.project_id)
    tell(db, services, actor.project_id, "ticket.opened", ticket_id=id, number=number)
    tell(db, services, actor.project_id, "ticket.changed", ticket_id=source.id, number=source.number)
    return await ticket_by_key(db, actor, str(id))


def _row(project_id: int, origin: Origin, subject: str | None, now: datetime) -> TicketRow:
    """Return the new ticket; tags, priority, assignee and due time were chosen for the old matter and don't come along."""
    known = {name: value for name, value in msgspec.structs.asdict(origin).items() if name != "email_from"}
    return TicketRow(
        **{**known, "email_subject": subject or origin.email_subject},
        project_id=project_id,
        status=STATUS,
        created_at=now,
    )


_MOVE = Prepared(
    update(comment)
    .where(
        comment.c.project_id == bindparam("project_id"),
        is_one_of(comment.c.id, listed("ids", comment.c.id)),
    )
    .values(
        ticket_id=bindparam("target_id", type_=comment.c.ticket_id.type),
        item_id=bindparam("item_id", type_=comment.c.item_id.type),
        via_ticket_id=case(
            (
                comment.c.via_ticket_id == bindparam("of_requester", type_=comment.c.via_ticket_id.type),
                null(),
            ),
            else_=comment.c.via_ticket_id,
        ),
        # They belong to the new ticket, whatever is un-merged later.
        home_ticket_id=null(),
    )
)


async def _move(db: Db, source: LockedTicket, target: UUID, of_requester: UUID, ids: Sequence[UUID]) -> None:
    await db.rows(
        _MOVE,
        project_id=source.project_id,
        ids=ids,
        target_id=target,
        item_id=str(target),
        of_requester=of_requester,
    )


_SHARED = ("unread_team_count", "unread_customer_count", "email_from", "has_been_merged")
_SHARE = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values({name: bindparam(name, type_=ticket.c[name].type) for name in _SHARED})
)
_LESS = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values({name: bindparam(name, type_=ticket.c[name].type) for name in _SHARED[:2]})
)


async def _share(
    db: Db,
    source: LockedTicket,
    target: UUID,
    messages: Sequence[Written],
    moved: set[UUID],
    origin: Origin,
) -> None:
    """Divide what nobody has read, and tell the new ticket what it cannot know when it is opened."""
    team = unread_share(unread_by_team(messages), moved, source.unread_team_count)
    customer = unread_share(unread_by_customer(messages), moved, source.unread_customer_count)
    await db.rows(
        _SHARE,
        project_id=source.project_id,
        ticket_id=target,
        unread_team_count=team,
        unread_customer_count=customer,
        email_from=origin.email_from,
        has_been_merged=source.has_been_merged,
    )
    await db.rows(
        _LESS,
        project_id=source.project_id,
        ticket_id=source.id,
        unread_team_count=source.unread_team_count - team,
        unread_customer_count=source.unread_customer_count - customer,
    )


_COPY = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values(cc_participants=bindparam("cc_participants", type_=ticket.c.cc_participants.type))
)


async def _share_participants(db: Db, actor: Actor, target: UUID, source: UUID) -> None:
    """Let those take part in the new ticket who do so in the one whose requester it has."""
    people = (await sides_of(db, actor.project_id, [source]))[source].participants
    if people:
        await store_participants(db, actor.project_id, target, {}, people, user_id=actor.user_id)
        await db.rows(_COPY, project_id=actor.project_id, ticket_id=target, cc_participants=addresses(people))


async def _write_down(db: Db, actor: Actor, source: LockedTicket, new: Subject, now: datetime) -> None:
    by, of_source = By(actor.user_id), {"id": str(source.id), "ticket_number": source.number}
    of_new = {"id": str(new.id), "ticket_number": new.number}
    await record_all(
        db,
        [
            entry(new, "created", [], by, now),
            entry(new, "split", [changed("split_from", None, of_source)], by, now),
            entry(subject_of(source), "split", [changed("split_into", None, of_new)], by, now),
        ],
    )
