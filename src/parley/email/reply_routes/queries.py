"""How the people of a ticket are reached."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, func, or_, select

from parley.conversations.participants.tables import ticket_participant
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.tables import ticket
from parley.email.channels.queries import channels_of, test_domains
from parley.email.channels.schemas import EmailChannel
from parley.email.reply_routes.other_channels import hindrance_of
from parley.email.reply_routes.rules import Reason, ReplyRoute, Sender, address_of, reply_route
from parley.email.reply_routes.schemas import ClosedAddressOut, ReplyRouteOut
from parley.email.reply_routes.tables import outbound_address
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Project
from parley.kernel.http.paging import PageRequest


class AnsweredTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as mail about it needs it; it may be merged into another one."""

    id: UUID
    number: int
    channel_source: str
    distinct_id: str
    identity_verified: bool | None
    claim_email: str | None
    email_from: str | None
    email_to: str | None
    email_subject: str | None
    email_channel_id: UUID | None
    anonymous_traits: dict[str, Any]
    is_merged: bool


ANSWERED = StructColumns(AnsweredTicket, ticket)
_ONE = Prepared(
    select(*ANSWERED.columns).where(
        ticket.c.project_id == bindparam("project_id"), ticket.c.id == bindparam("ticket_id")
    )
)


async def answered_ticket(db: Db, project_id: int, ticket_id: UUID) -> AnsweredTicket | None:
    """Return a ticket, be it live, merged or deleted (primary key)."""
    row = await db.row(_ONE, project_id=project_id, ticket_id=ticket_id)
    return ANSWERED(row) if row else None


class MailedParticipant(msgspec.Struct, frozen=True):
    """A participant with an address, and the merge that has brought them."""

    email: str
    merge_id: UUID | None


_p = ticket_participant.c
_PARTICIPANTS = Prepared(
    select(_p.email, _p.merge_id)
    .where(
        _p.project_id == bindparam("project_id"),
        _p.ticket_id == bindparam("ticket_id"),
        _p.email.is_not(None),
    )
    .order_by(_p.created_at, _p.id)
)


async def _participants(db: Db, project_id: int, ticket_id: UUID) -> list[MailedParticipant]:
    """Return those with an address, in the order in which they came (ix_ticket_participant_ticket)."""
    rows = await db.rows(_PARTICIPANTS, project_id=project_id, ticket_id=ticket_id)
    return [MailedParticipant(*row) for row in rows]


_a = outbound_address.c
_CLOSED = Prepared(
    select(_a.address, _a.closed_at, _a.unsubscribed_at).where(
        _a.project_id == bindparam("project_id"),
        is_one_of(_a.address, listed("addresses", _a.address)),
        or_(_a.closed_at.is_not(None), _a.unsubscribed_at.is_not(None)),
    )
)


async def closed_addresses(
    source: Db | Database, project_id: int, addresses: Sequence[str]
) -> dict[str, Reason]:
    """Return those of some addresses to which nothing is sent, with the reason (primary key)."""
    if not addresses:
        return {}
    read = source.rows if isinstance(source, Db) else source.read
    rows: Sequence[Any] = await read(_CLOSED, project_id=project_id, addresses=list(addresses))
    return {address: _reason(closed_at) for address, closed_at, _ in rows}


def _reason(closed_at: datetime | None) -> Reason:
    return "address_bounced" if closed_at is not None else "unsubscribed"


async def shown_route(db: Db, project: Project, asked: TicketOut) -> ReplyRouteOut:
    """Return how an answer to a ticket that somebody has asked for goes out: of a merged ticket to its own people."""
    id = asked.merged_from.id if asked.merged_from is not None else asked.id
    to = await answered_ticket(db, project.id, id)
    if to is None:
        raise NotFound
    route, _ = await route_of(db, project.id, to, project.settings)
    hindrance = await hindrance_of(db, project.id, to.id, to.channel_source)
    return ReplyRouteOut(
        kind="none" if hindrance else route.kind,
        address=route.address,
        cc=route.cc,
        alone=route.alone,
        from_email=route.from_email,
        is_delayed=route.is_delayed,
        is_test=route.is_test,
        reason=route.reason,
        description=hindrance or route.sentence,
    )


async def is_left_by_test_address(
    db: Db, project_id: int, channels: Sequence[EmailChannel], channel_id: UUID | None, email_to: str | None
) -> bool:
    """Say whether mail was to be kept at a test address that is disconnected now, so that it is never sent (primary key)."""
    if channel_id is None or not email_to or any(one.id == channel_id for one in channels):
        return False
    return email_to.rpartition("@")[2] in await test_domains(db, project_id)


def sending_channel(channels: Sequence[EmailChannel], channel_id: UUID | None) -> EmailChannel | None:
    """Return the channel with this id if mail may be sent from it, else the project's default one, or its oldest.

    A test address is only for the conversations that are its own.
    """
    verified = [one for one in channels if one.is_verified]
    own = next((one for one in verified if one.id == channel_id), None)
    support = [one for one in verified if one.kind == "support" and not one.is_test]
    return own or min(support, key=lambda one: (not one.is_default, one.id), default=None)


_NUMBERED = Prepared(
    select(*ANSWERED.columns).where(
        ticket.c.project_id == bindparam("project_id"),
        is_one_of(ticket.c.number, listed("numbers", ticket.c.number)),
    )
)


async def _people_of_tests(
    db: Db, project_id: int, ticket_id: UUID, channels: Sequence[EmailChannel]
) -> frozenset[str]:
    """Return who is known by test addresses only, of the tickets that are merged into one (keys of ticket).

    To them nothing is ever mailed, whatever their conversation is merged into: the addresses of a trial may be anybody's.
    """
    domains = await test_domains(db, project_id)
    if not domains:
        return frozenset()
    mine = (ticket.c.project_id == project_id, ticket.c.id == ticket_id)
    numbers = (await db.execute(select(ticket.c.merged_numbers).where(*mine))).scalar_one()
    tests = {one.id for one in channels if one.is_test}
    people: dict[bool, set[str]] = {True: set(), False: set()}
    for row in await db.rows(_NUMBERED, project_id=project_id, numbers=numbers):
        one = ANSWERED(row)
        is_test = one.email_channel_id in tests or (one.email_to or "").rpartition("@")[2] in domains
        theirs = [address_of(one), *(each.email for each in await _participants(db, project_id, one.id))]
        people[is_test].update(filter(None, theirs))
    return frozenset(people[True] - people[False])


async def route_of(
    db: Db, project_id: int, to: AnsweredTicket, settings: Mapping[str, Any]
) -> tuple[ReplyRoute, EmailChannel | None]:
    """Return how an answer to a ticket goes out, and by which channel.

    It is the one by which the customer wrote, as long as it is there and verified, else the project's default one.
    """
    if settings.get("email_enabled") is not True:
        return reply_route(to, (), settings, None, {}), None
    channels = await channels_of(db, project_id)
    channel = sending_channel(channels, to.email_channel_id)
    if await is_left_by_test_address(db, project_id, channels, to.email_channel_id, to.email_to):
        return ReplyRoute(kind="none", address=address_of(to), reason="test_address_gone"), None
    if channel is None:
        return reply_route(to, (), settings, None, {}), None
    addresses = frozenset(one.from_email for one in channels)
    sender = Sender(channel.id, channel.from_email, addresses, channel.is_test)
    participants = await _participants(db, project_id, to.id)
    if not channel.is_test and any(one.merge_id is not None for one in participants):
        kept_out = await _people_of_tests(db, project_id, to.id, channels)
        participants = [one for one in participants if one.merge_id is None or one.email not in kept_out]
    asked = [address_of(to), *(one.email for one in participants)]
    closed = await closed_addresses(db, project_id, [one for one in asked if one is not None])
    return reply_route(to, participants, settings, sender, closed), channel


_ADDRESS = StructColumns(ClosedAddressOut, outbound_address)


async def closed_addresses_page(
    db: Db, project_id: int, asked: PageRequest
) -> tuple[int, list[ClosedAddressOut]]:
    """Return how many addresses are closed or unsubscribed, and a page of them in alphabetical order (primary key)."""
    wanted = (
        _a.project_id == project_id,
        or_(_a.closed_at.is_not(None), _a.unsubscribed_at.is_not(None)),
    )
    count = (await db.execute(select(func.count()).select_from(outbound_address).where(*wanted))).scalar_one()
    page = select(*_ADDRESS.columns).where(*wanted).order_by(_a.address)
    rows = await db.execute(page.limit(asked.limit).offset(asked.offset))
    return count, [_ADDRESS(row) for row in rows]
