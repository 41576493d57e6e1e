"""People who take part in a ticket besides its requester: added and removed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import CursorResult, bindparam, delete, func, insert

from parley.conversations.participants.queries import Participant, participant_by_id, participants_of
from parley.conversations.participants.rules import (
    ParticipantEntry,
    ParticipantKey,
    WantedParticipant,
    addresses,
    check_room,
    newcomers,
    participant_added,
    participant_removed,
    requester_of,
    same_participant,
)
from parley.conversations.participants.schemas import NewParticipant, ParticipantOut
from parley.conversations.participants.tables import ticket_participant
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.tickets.actions.fields import store_fields
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.rules.ids import id_or_number, uuid_of
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.network.emails import check_email
from parley.kernel.services import Services


async def add_participant(
    db: Db, services: Services, actor: Actor, key: str, new: NewParticipant
) -> tuple[ParticipantOut, bool]:
    """Let somebody take part in a ticket; return them, and whether they didn't before.

    Raises NotFound and Invalid.
    """
    email = check_email(new.email) if new.email else None
    distinct_id = new.distinct_id if (new.distinct_id or "").strip() else None
    if email is None and not distinct_id:
        raise Invalid("Name an e-mail address or a distinct_id.", code="required", attr="email")
    wanted = WantedParticipant(email=email, distinct_id=distinct_id, name=new.name or None)
    found = await locked_ticket_for(db, actor, id_or_number(key))
    present = await participants_of(db, found.project_id, found.id)
    same = same_participant(present, wanted)
    if same is not None:
        return await participant_by_id(db, found.project_id, found.id, same.id), False
    # Who a bare session claims to be may be somebody else, who is invited now.
    if found.identity_verified is not False and requester_of(found).is_same(wanted):
        text = "This is the requester of the ticket, who takes part in it anyway."
        raise Invalid(text, attr="email" if email else "distinct_id")
    check_room(present)
    now = services.clock.now()
    (added,) = await insert_participants(db, found, [wanted], actor.user_id, now)
    await store_fields(db, found, {"cc_participants": addresses([*present, added])}, now)
    await announce(db, services, participant_added(occasion_of(actor, now), found, added))
    return await participant_by_id(db, found.project_id, found.id, added.id), True


async def remove_participant(db: Db, services: Services, actor: Actor, key: str, participant_id: str) -> None:
    """Let somebody no longer take part; what they wrote stays. Raises NotFound."""
    found = await locked_ticket_for(db, actor, id_or_number(key))
    present = await participants_of(db, found.project_id, found.id)
    wanted = uuid_of(participant_id)
    gone = next((one for one in present if one.id == wanted), None)
    if gone is None:
        raise NotFound
    await delete_participants(db, found, [gone.id])
    left = addresses(one for one in present if one.id != gone.id)
    now = services.clock.now()
    await store_fields(db, found, {"cc_participants": left}, now)
    await announce(db, services, participant_removed(occasion_of(actor, now), found, gone))


_of = ticket_participant.c
_INSERT = Prepared(
    insert(ticket_participant).values(
        {column.name: bindparam(column.name, type_=column.type) for column in _of}
    )
)


async def insert_participants(
    db: Db, on: LockedTicket, wanted: Iterable[WantedParticipant], added_by: int | None, at: datetime
) -> list[Participant]:
    """Add people to a locked ticket and return those who are new; the ticket's own columns are the caller's.

    Who takes part already is left out, and so is an address or a distinct id that somebody else has.
    """
    present = await participants_of(db, on.project_id, on.id)
    added = [
        Participant(id=new_uuid(), email=one.email, distinct_id=one.distinct_id, name=one.name, created_at=at)
        for one in newcomers(present, wanted)
    ]
    common = {"project_id": on.project_id, "ticket_id": on.id, "added_by": added_by}
    await db.each(_INSERT, [{**common, **msgspec.structs.asdict(one)} for one in added])
    return added


async def delete_participants(db: Db, on: LockedTicket, ids: Sequence[UUID]) -> None:
    """Take people off a locked ticket; the ticket's own columns are the caller's."""
    mine = (ticket_participant.c.project_id == on.project_id, ticket_participant.c.ticket_id == on.id)
    await db.execute(delete(ticket_participant).where(*mine, ticket_participant.c.id.in_(ids)))


_DELETE = Prepared(
    delete(ticket_participant).where(
        _of.project_id == bindparam("project_id"),
        _of.ticket_id == bindparam("ticket_id"),
        func.coalesce(_of.email, "") == bindparam("email"),
        func.coalesce(_of.distinct_id, "") == bindparam("distinct_id"),
    )
)


async def exchange_participants(
    db: Db,
    project_id: int,
    ticket_id: UUID,
    before: Mapping[ParticipantKey, ParticipantEntry],
    after: Mapping[ParticipantKey, ParticipantEntry],
    *,
    user_id: int,
) -> None:
    """Have a merged ticket get and lose participants; who comes by another merge than before is inserted anew."""
    this = {"project_id": project_id, "ticket_id": ticket_id}
    kept = {key for key, entry in before.items() if key in after and after[key].merge_id == entry.merge_id}
    gone = [key for key in before if key not in kept]
    await db.each(
        _DELETE,
        [{**this, "email": email or "", "distinct_id": distinct_id or ""} for email, distinct_id in gone],
    )
    rows: list[dict[str, Any]] = [
        {
            **this,
            "id": new_uuid(),
            "email": email,
            "distinct_id": distinct_id,
            "name": entry.name,
            "merge_id": entry.merge_id,
            "added_by": user_id,
            "created_at": entry.at,
        }
        for (email, distinct_id), entry in after.items()
        if (email, distinct_id) not in kept
    ]
    await db.each(_INSERT, rows)


async def erase_participants(
    db: Db, project_id: int, *, on_tickets: Sequence[UUID], ids: Sequence[UUID]
) -> int:
    """Remove all participants of some tickets, and others by their ids, for good; return how many."""
    return sum(
        [
            await _erase(db, project_id, column, values)
            for column, values in ((_of.ticket_id, on_tickets), (_of.id, ids))
            if values
        ]
    )


async def _erase(db: Db, project_id: int, column: Any, values: Sequence[UUID]) -> int:
    these = (_of.project_id == bindparam("project_id"), is_one_of(column, listed("values", column)))
    result: CursorResult[Any] = await db.execute(
        delete(ticket_participant).where(*these), {"project_id": project_id, "values": list(values)}
    )
    return result.rowcount
