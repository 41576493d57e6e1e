"""Connecting, changing and disconnecting channels."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import delete, insert, update

from parley.accounts.memberships.queries import member_ids
from parley.accounts.projects.actions.audit import record_in_project
from parley.accounts.projects.actions.projects import change_project
from parley.accounts.projects.queries.projects import project_row
from parley.email.channels.dkim import NewDkimKey, new_dkim_key
from parley.email.channels.errors import AddressInUse
from parley.email.channels.queries import (
    channel_key,
    channels_of,
    connected_channel,
    domain_key,
    has_domain,
    is_taken,
    is_test_domain,
)
from parley.email.channels.rules import (
    MOST_CHANNELS,
    check_may_change,
    check_same_kind_of_domain,
    check_test_address,
)
from parley.email.channels.schemas import ChannelPatch, ConnectedChannel, EmailChannel, NewChannel
from parley.email.channels.tables import email_channel, email_domain
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.network.domains import ascii_domain
from parley.kernel.network.emails import check_email
from parley.kernel.network.mailbox_providers import hint_about
from parley.kernel.services import Services


async def key_for(services: Services, actor: Actor, new: NewChannel) -> NewDkimKey | None:
    """Return a new key for the domain of a channel that the actor may connect, or None where it has one.

    It takes processor time, so it stands before the transaction of `connect_channel`. Raises PermissionDenied and Invalid.
    """
    check_may_change(actor, new.kind, actor.user_id if new.owner_id is None else new.owner_id)
    domain = _domain_of(check_email(new.from_email, attr="from_email"))
    async with services.database.transaction(write=False) as db:
        if await has_domain(db, actor.project_id, domain):
            return None
    return await asyncio.to_thread(new_dkim_key)


async def connect_channel(
    db: Db, services: Services, project_id: int, user_id: int, new: NewChannel, key: NewDkimKey | None
) -> ConnectedChannel:
    """Make a channel, whose domain remains to be proved, and switch e-mail on for the project.

    The first support channel is the default one, unless nothing can be sent from its domain. A test address never is.
    Raises Invalid and AddressInUse.
    """
    email = check_email(new.from_email, attr="from_email")
    row = await project_row(db, project_id, for_change=True)  # of several who connect, one at a time
    if not row.conversations_enabled:
        raise Invalid("Support is not enabled.")
    owner_id = new.owner_id if new.owner_id is not None or new.kind == "support" else user_id
    if owner_id is not None and owner_id not in await member_ids(db, row.organization_id):
        raise Invalid(
            "This user is not a member of the organization.", code="does_not_exist", attr="owner_id"
        )
    before = await channels_of(db, project_id)
    if len(before) >= MOST_CHANNELS:
        raise Invalid(f"A project can have at most {MOST_CHANNELS} e-mail channels.", code="limit_reached")
    if await is_taken(db, project_id, email):
        raise AddressInUse
    domain, id = _domain_of(email), new_uuid()
    await _see_to_domain(db, services, project_id, domain, new, key)
    values = {
        "kind": new.kind,
        "owner_id": owner_id,
        "from_email": email,
        "from_name": new.from_name,
        "domain": domain,
        "inbound_token": secrets.token_hex(16),
        "is_default": new.kind == "support"
        and not new.is_test
        and hint_about(domain) is None
        and not any(one.is_default for one in before),
        "created_by": user_id,
        "created_at": services.clock.now(),
    }
    await db.execute(insert(email_channel).values(project_id=project_id, id=id, **values))
    await _enable_email(db, services, project_id, is_enabled=True)
    target = ("email_channel", str(id), email)
    await record_in_project(db, services, project_id, "email_channel.connected", target=target)
    return await connected_channel(db, project_id, id)


async def _see_to_domain(
    db: Db, services: Services, project_id: int, name: str, new: NewChannel, key: NewDkimKey | None
) -> None:
    """Add the domain of a new channel unless it is there; raises Invalid for one of the other kind."""
    if new.is_test:
        check_test_address(name, new.kind)
    was_test = await is_test_domain(db, project_id, name)
    check_same_kind_of_domain(name, is_test=new.is_test, was_test=was_test)
    if was_test is not None:
        return
    key, now = key or new_dkim_key(), services.clock.now()
    await db.execute(
        insert(email_domain).values(
            project_id=project_id,
            name=name,
            dkim_selector=key.selector,
            dkim_private_key=services.vault.encrypt(key.private_key),
            dkim_public_key=key.public_key,
            is_test=new.is_test,
            verified_at=now if new.is_test else None,  # nobody else can ever prove it
            created_at=now,
        )
    )


async def change_channel(
    db: Db, services: Services, channel: EmailChannel, patch: ChannelPatch
) -> ConnectedChannel:
    """Change what the patch names; raises Invalid for a default channel that is one person's own."""
    if patch.from_name is not UNSET:
        mine = channel_key(channel.project_id, channel.id)
        await db.execute(update(email_channel).where(mine).values(from_name=patch.from_name))
        if patch.from_name != channel.from_name:
            before, after = {"from_name": channel.from_name}, {"from_name": patch.from_name}
            await _record(db, services, channel, "email_channel.changed", before=before, after=after)
    if patch.is_default is not UNSET:
        await set_default(db, services, channel)
    return await connected_channel(db, channel.project_id, channel.id)


async def _record(
    db: Db,
    services: Services,
    channel: EmailChannel,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    target = ("email_channel", str(channel.id), channel.from_email)
    await record_in_project(
        db, services, channel.project_id, action, target=target, before=before, after=after
    )


async def set_default(db: Db, services: Services, channel: EmailChannel) -> None:
    """Make a support channel the project's default one; raises Invalid for one of another kind, or that can't send."""
    if channel.kind != "support":
        raise Invalid("Only a support channel can be the default one.", attr="config_id")
    if channel.is_test:
        raise Invalid("A test address can't be the default one: nothing is sent from it.", attr="config_id")
    if not _may_send(channel):
        raise Invalid(f"No mail can be sent from addresses at {channel.domain}.", attr="config_id")
    await _set_default(db, channel.project_id, channel.id)
    if not channel.is_default:
        await _record(db, services, channel, "email_channel.changed", after={"default": True})


def _may_send(channel: EmailChannel) -> bool:
    """Say whether mail goes out from a channel, or could once its records are found."""
    return not channel.is_test and (channel.is_verified or hint_about(channel.domain) is None)


async def _set_default(db: Db, project_id: int, channel_id: UUID) -> None:
    await project_row(db, project_id, for_change=True)
    mine = email_channel.c.project_id == project_id
    await db.execute(update(email_channel).where(mine).values(is_default=email_channel.c.id == channel_id))


async def disconnect_channel(db: Db, services: Services, channel: EmailChannel) -> None:
    """Delete a channel, and with the last one of a domain its key. Safe to run twice.

    The domain of a test address stays, so that nothing is ever mailed of the conversations that it had.

    The oldest support channel that is left and may send becomes the default one. With the last channel
    e-mail is switched off.
    """
    project_id = channel.project_id
    await project_row(db, project_id, for_change=True)
    gone = await db.execute(delete(email_channel).where(channel_key(project_id, channel.id)))
    if gone.rowcount:
        await _record(db, services, channel, "email_channel.disconnected")
    left = await channels_of(db, project_id)
    if channel.domain not in {one.domain for one in left} and not channel.is_test:
        await db.execute(delete(email_domain).where(domain_key(project_id, channel.domain)))
    support = [one for one in left if one.kind == "support"]
    if not any(one.is_default for one in support):
        next_default = next(filter(_may_send, support), None)
        if next_default is not None:
            await _set_default(db, project_id, next_default.id)
    if not left:
        await _enable_email(db, services, project_id, is_enabled=False)


async def _enable_email(db: Db, services: Services, project_id: int, *, is_enabled: bool) -> None:
    row = await project_row(db, project_id, for_change=True)
    if row.conversations_settings.get("email_enabled", False) != is_enabled:
        settings = {**row.conversations_settings, "email_enabled": is_enabled}
        await change_project(db, services, project_id, {"conversations_settings": settings})


def _domain_of(email: str) -> str:
    """Return the domain, of which records can be published; raises Invalid (RFC 1035, section 2.3.4)."""
    domain = ascii_domain(email.rpartition("@")[2])
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > 253 or not all(0 < len(label) <= 63 for label in labels):
        raise Invalid("The DNS can have no such domain.", attr="from_email")
    return domain
