"""E-mail channels, read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select

from parley.email.channels.rules import CHECKED_EVERY, check_may_change
from parley.email.channels.schemas import ConnectedChannel, EmailChannel, EmailDomain
from parley.email.channels.tables import email_channel, email_domain
from parley.kernel.clock import TOLERANCE
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import uuid_or_none

_CHANNEL = StructColumns(
    EmailChannel,
    email_channel,
    domain_verified_at=email_domain.c.verified_at,
    dkim_selector=email_domain.c.dkim_selector,
    dkim_private_key=email_domain.c.dkim_private_key,
    is_test=email_domain.c.is_test,
)
_DOMAIN = StructColumns(EmailDomain, email_domain)
_CONNECTED = StructColumns(ConnectedChannel, channel=_CHANNEL, domain=_DOMAIN)
_OF_CHANNEL = and_(
    email_domain.c.project_id == email_channel.c.project_id, email_domain.c.name == email_channel.c.domain
)
_CHANNELS: Select[Any] = select(*_CHANNEL.columns).select_from(email_channel).join(email_domain, _OF_CHANNEL)


_ALL_CONNECTED: Select[Any] = (
    select(*_CONNECTED.columns).select_from(email_channel).join(email_domain, _OF_CHANNEL)
)
# A test address proves nothing, and keeps nobody from an address.
_IS_PROVED = and_(
    email_domain.c.verified_at.is_not(None),
    email_domain.c.failing_since.is_(None),
    email_domain.c.is_test.is_(False),
)


def channel_key(project_id: int, channel_id: UUID) -> ColumnElement[bool]:
    """Return the condition that names one channel (primary key)."""
    return and_(email_channel.c.project_id == project_id, email_channel.c.id == channel_id)


_OURS = email_channel.c.project_id == bindparam("project_id")
_BY_TOKEN = Prepared(_CHANNELS.where(email_channel.c.inbound_token == bindparam("token")))
_BY_ID = Prepared(_CHANNELS.where(_OURS, email_channel.c.id == bindparam("channel_id")))
_OF_PROJECT = Prepared(_CHANNELS.where(_OURS).order_by(email_channel.c.id))


async def channel_by_token(db: Db, token: str) -> EmailChannel | None:
    """Return the channel whose forwarding address has this token (index on inbound_token)."""
    row = await db.row(_BY_TOKEN, token=token)
    return _CHANNEL(row) if row else None


async def channel_by_id(db: Db, project_id: int, channel_id: UUID) -> EmailChannel | None:
    """Return a channel of the project, verified or not (primary key)."""
    row = await db.row(_BY_ID, project_id=project_id, channel_id=channel_id)
    return _CHANNEL(row) if row else None


async def channels_of(db: Db, project_id: int) -> list[EmailChannel]:
    """Return the project's channels, oldest first (primary key)."""
    return [_CHANNEL(row) for row in await db.rows(_OF_PROJECT, project_id=project_id)]


async def connected_channels(db: Db, project_id: int) -> list[ConnectedChannel]:
    """Return the project's channels with their domains, oldest first (primary key)."""
    found = _ALL_CONNECTED.where(email_channel.c.project_id == project_id).order_by(email_channel.c.id)
    return [_CONNECTED(row) for row in await db.execute(found)]


async def connected_channel(db: Db, project_id: int, channel_id: UUID) -> ConnectedChannel:
    """Return a channel of the project with its domain (primary key); raises NotFound."""
    row = (await db.execute(_ALL_CONNECTED.where(channel_key(project_id, channel_id)))).first()
    if row is None:
        raise NotFound
    return _CONNECTED(row)


async def shown_channel(db: Db, actor: Actor, channel_id: str) -> ConnectedChannel:
    """Return a channel of the actor's project (primary key); raises NotFound, also for what is no id."""
    id = uuid_or_none(channel_id)
    if id is None:
        raise NotFound
    return await connected_channel(db, actor.project_id, id)


async def channel_to_change(db: Db, actor: Actor, channel_id: str) -> ConnectedChannel:
    """Return a channel that the actor may change (primary key); raises NotFound and PermissionDenied."""
    found = await shown_channel(db, actor, channel_id)
    check_may_change(actor, found.channel.kind, found.channel.owner_id)
    return found


def domain_key(project_id: int, name: str) -> ColumnElement[bool]:
    """Return the condition that names one domain (primary key)."""
    return and_(email_domain.c.project_id == project_id, email_domain.c.name == name)


async def domain_by_name(db: Db, project_id: int, name: str) -> EmailDomain | None:
    """Return a domain of the project (primary key)."""
    row = (await db.execute(select(*_DOMAIN.columns).where(domain_key(project_id, name)))).first()
    return _DOMAIN(row) if row else None


async def domain_locked(db: Db, project_id: int, name: str) -> EmailDomain | None:
    """Return a domain of the project, held until the transaction ends (primary key)."""
    held = select(*_DOMAIN.columns).where(domain_key(project_id, name)).with_for_update()
    row = (await db.execute(held)).first()
    return _DOMAIN(row) if row else None


async def domains_to_check(db: Db, now: datetime, limit: int) -> Sequence[tuple[int, str]]:
    """Return verified domains that were not looked up lately, project and name (index on checked_at)."""
    c = email_domain.c
    not_lately = or_(c.checked_at < now - CHECKED_EVERY, c.checked_at > now + TOLERANCE)
    due = select(c.project_id, c.name).where(c.verified_at.is_not(None), c.is_test.is_(False), not_lately)
    return [(row.project_id, row.name) for row in await db.execute(due.order_by(c.checked_at).limit(limit))]


async def address_proved_elsewhere(db: Db, project_id: int, domain: str) -> str | None:
    """Return an address at the project's domain for which another project has the proof, if there is any.

    (index on project and domain, index on from_email)
    """
    mine, other = email_channel, email_channel.alias("other")
    proved = and_(
        email_domain.c.project_id == other.c.project_id,
        email_domain.c.name == other.c.domain,
        _IS_PROVED,
    )
    both = select(mine.c.from_email).join(other, other.c.from_email == mine.c.from_email)
    found = both.join(email_domain, proved).where(
        mine.c.project_id == project_id, mine.c.domain == domain, other.c.project_id != project_id
    )
    return (await db.execute(found.limit(1))).scalar()


async def verified_channel_for(
    db: Db, project_id: int, channel_id: UUID | None = None
) -> EmailChannel | None:
    """Return the channel with this id if mail may be sent from it, else None (primary key).

    Without an id, the project's default channel, or, where mail may not be sent from that one, its oldest support
    channel from which it may; never a test address.
    """
    verified = _CHANNELS.where(
        email_channel.c.project_id == project_id, email_domain.c.verified_at.is_not(None)
    )
    if channel_id is not None:
        wanted = verified.where(email_channel.c.id == channel_id)
    else:
        support = verified.where(email_channel.c.kind == "support", email_domain.c.is_test.is_(False))
        wanted = support.order_by(email_channel.c.is_default.desc(), email_channel.c.id).limit(1)
    row = (await db.execute(wanted)).first()
    return _CHANNEL(row) if row else None


async def own_addresses(db: Db, project_id: int) -> frozenset[str]:
    """Return the addresses of the project's channels in their normal form (unique key of project and address).

    Forwarding addresses are not among them; `token_of_recipient` knows these.
    """
    found = select(email_channel.c.from_email).where(email_channel.c.project_id == project_id)
    return frozenset((await db.execute(found)).scalars())


async def is_taken(db: Db, project_id: int, from_email: str) -> bool:
    """Say whether a channel has the address: of this project, or of another that has proved its domain.

    A claim without proof keeps nobody else from an address, and neither does a proof that is not there any more
    (unique key of project and address, index on from_email).
    """
    taken = (
        select(email_channel.c.id)
        .join(email_domain, _OF_CHANNEL)
        .where(
            email_channel.c.from_email == from_email,
            or_(email_channel.c.project_id == project_id, _IS_PROVED),
        )
    )
    return (await db.execute(taken.limit(1))).first() is not None


async def is_test_domain(db: Db, project_id: int, name: str) -> bool | None:
    """Say whether a domain is one of test addresses; None where the project doesn't know it (primary key)."""
    found = select(email_domain.c.is_test).where(domain_key(project_id, name))
    is_test: bool | None = (await db.execute(found)).scalar()
    return is_test


async def test_domains(db: Db, project_id: int) -> frozenset[str]:
    """Return the domains of a project's test addresses, also of disconnected ones (primary key)."""
    c = email_domain.c
    found = select(c.name).where(c.project_id == project_id, c.is_test.is_(True))
    return frozenset((await db.execute(found)).scalars())


async def has_domain(db: Db, project_id: int, name: str) -> bool:
    """Say whether the project writes from the domain (primary key)."""
    mine = domain_key(project_id, name)
    return (await db.execute(select(email_domain.c.name).where(mine))).first() is not None


async def domains_with_keys(db: Db) -> Sequence[tuple[int, str, str, bool]]:
    """Return project, name and encrypted key of all domains, held, and whether they are for tests; reads the whole table."""
    c = email_domain.c
    found = select(c.project_id, c.name, c.dkim_private_key, c.is_test).with_for_update()
    return [(row.project_id, row.name, row.dkim_private_key, row.is_test) for row in await db.execute(found)]
