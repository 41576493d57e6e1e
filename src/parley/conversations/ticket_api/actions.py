"""Tickets: opened, changed, read and deleted by the team."""

from typing import Any

import msgspec
from msgspec import UNSET

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import check_at_least, is_at_least
from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.rules import check_size
from parley.conversations.ticket_api.schemas import BY_API, NewTicket, TicketChannel, TicketOut, TicketPatch
from parley.conversations.ticket_api.ticket_actions import TicketActions
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import (
    fields_changed,
    marked_unread,
    ticket_opened,
)
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.ticket_changes.rules.log import Retagged, TicketRef
from parley.conversations.tickets.actions.assignees import known_assignee
from parley.conversations.tickets.actions.fields import mark_read_by_team, store_fields
from parley.conversations.tickets.actions.opening import TicketRow, insert_ticket
from parley.conversations.tickets.actions.tags import add_tags, replace_tags
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.rules.fields import checked_instant, status_after_snooze
from parley.conversations.tickets.rules.ids import id_or_number
from parley.conversations.tickets.rules.tags import checked_tags
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.network.emails import check_email
from parley.kernel.services import Services
from parley.people.persons.queries.by_identifier import first_distinct_id_by_email

APART = ("status", "tags", "assignee")
SIMPLE = tuple(name for name in TicketPatch.__struct_fields__ if name not in APART)
"""The fields of a patch that are columns of the ticket, taken over as they are."""
OTHERWISE = ("distinct_id", "anonymous_traits")
GIVEN = tuple(
    name
    for name in NewTicket.__struct_fields__
    if name in TicketRow.__struct_fields__ and name not in OTHERWISE
)
"""The fields of a new ticket that are columns of it, taken over as they are."""


async def open_ticket(
    db: Db, services: Services, actor: Actor, new: NewTicket, channel: TicketChannel = BY_API
) -> TicketOut:
    """Open a ticket for a customer; a message is stored as theirs, unread. Raises PermissionDenied and Invalid."""
    check_may_open(actor)
    _check_what_is_named(new)
    email = check_email(new.email) if new.email else None
    distinct_id = new.distinct_id if (new.distinct_id or "").strip() else None
    if not distinct_id and email is None:
        raise Invalid("This field is required.", code="required", attr="distinct_id")
    check_size("anonymous_traits", new.anonymous_traits)
    check_size("session_context", new.session_context)
    tags = checked_tags(new.tags)
    assignee = await known_assignee(db, actor.project, new.assignee)
    row = TicketRow(
        **{name: getattr(new, name) for name in GIVEN},
        project_id=actor.project_id,
        channel_source=channel.source,
        channel_detail=channel.detail,
        email_channel_id=channel.email_channel_id,
        email_to=channel.email_to,
        email_from=email if channel.email_to else None,
        distinct_id=distinct_id or await _distinct_id(db, actor.project_id, email or ""),
        claim_email=None if distinct_id else email,
        widget_session_id=new_uuid(),
        identity_verified=None,
        anonymous_traits=_traits(new, email),
        created_at=services.clock.now(),
        assignee_user_id=assignee.user_id,
        assignee_role_id=assignee.role_id,
        email_subject=new.subject,
    )
    opened = await insert_ticket(db, row, new.message)
    if opened.message_id is not None:
        await attach_files(db, actor.project_id, opened.message_id, new.file_ids, uploaded_by=actor.user_id)
    await add_tags(db, actor.project_id, opened.id, tags)
    on = occasion_of(actor, row.created_at)
    opened = msgspec.structs.replace(opened, tags_json=msgspec.json.encode(tags).decode())
    await announce(db, services, ticket_opened(on, opened, new.message))
    await db.finish_writing()
    return await ticket_by_key(db, actor, str(opened.id))


def _check_what_is_named(new: NewTicket) -> None:
    if new.file_ids and new.message is None:
        raise Invalid("Files belong to a message, and this ticket has none.", attr="file_ids")


def check_may_open(actor: Actor) -> None:
    """Raise PermissionDenied unless the caller's level holds for tickets that are yet to come."""
    check_at_least(default_level(actor), "editor")


async def _distinct_id(db: Db, project_id: int, email: str) -> str:
    return await first_distinct_id_by_email(db, project_id, email) or email


def _traits(new: NewTicket, email: str | None) -> dict[str, Any]:
    traits = {name: value for name, value in (("name", new.name), ("email", email)) if value}
    return {**traits, **new.anonymous_traits}


async def change_ticket(db: Db, services: Services, actor: Actor, key: str, patch: TicketPatch) -> TicketOut:
    """Change what the patch names; nothing is stored unless all of it is valid.

    Raises NotFound, PermissionDenied and Invalid.
    """
    found = await locked_ticket_for(db, actor, id_or_number(key))
    changes = changes_of(found, patch)
    tags = None if patch.tags is UNSET else checked_tags(patch.tags)
    if patch.assignee is not UNSET:
        named = await known_assignee(db, actor.project, patch.assignee)
        changes |= differing(found, assignee_user_id=named.user_id, assignee_role_id=named.role_id)
    retagged = Retagged() if tags is None else await replace_tags(db, actor.project_id, found.id, tags)
    if changes or retagged:
        now = services.clock.now()
        await store_fields(db, found, changes, now)
        await announce(db, services, fields_changed(occasion_of(actor, now), found, changes, retagged))
        await db.finish_writing()
    return await ticket_by_key(db, actor, key)


async def apply_actions(
    db: Db, services: Services, actor: Actor, key: str, actions: TicketActions
) -> TicketOut:
    """Set what a prepared change sets; tags are added to those that the ticket has.

    Safe to run twice. Raises NotFound, PermissionDenied and Invalid.
    """
    given: dict[str, Any] = msgspec.to_builtins(actions)
    if actions.tags:
        # Somebody else may be giving it a tag at this moment.
        await locked_ticket_for(db, actor, id_or_number(key))
        given["tags"] = sorted({*(await ticket_by_key(db, actor, key)).tags, *actions.tags})
    return await change_ticket(db, services, actor, key, TicketPatch(**given))


def changes_of(found: LockedTicket, patch: TicketPatch) -> dict[str, Any]:
    """Return the columns that differ; a snooze that is set or ended moves the status unless the patch names one."""
    given = {name: getattr(patch, name) for name in SIMPLE if getattr(patch, name) is not UNSET}
    check_size("anonymous_traits", given.get("anonymous_traits", {}))
    for name in ("sla_due_at", "snoozed_until"):
        checked_instant(given.get(name), name)
    if patch.status is not UNSET:
        given["status"] = patch.status
    elif "snoozed_until" in given:
        given["status"] = status_after_snooze(found.status, found.snoozed_until, given["snoozed_until"])
    return differing(found, **given)


def differing(found: LockedTicket, **given: Any) -> dict[str, Any]:
    """Return what isn't so already."""
    return {name: value for name, value in given.items() if getattr(found, name) != value}


async def see_ticket(services: Services, actor: Actor, key: str, *, is_looked_at: bool) -> TicketOut:
    """Return a ticket and mark it as read, in a transaction of its own and only when there is something unread.

    Who may only view it marks nothing, and so does a request whose answer nobody looks at.
    """
    found = await ticket_by_key(services.database, actor, key)
    if is_looked_at and found.unread_team_count > 0 and is_at_least(found.user_access_level, "editor"):
        async with services.database.transaction() as db:
            ref = TicketRef(actor.project_id, found.id, found.ticket_number)
            await mark_read_by_team(db, services, ref, found.unread_team_count)
        found.unread_team_count = 0
    return found


async def mark_unread(db: Db, services: Services, actor: Actor, key: str) -> TicketOut:
    """Let a ticket count as one unread message for the whole team; one that has unread ones stays as it is.

    It keeps its place in lists by the latest change. Safe to run twice. Raises NotFound and PermissionDenied.
    """
    found = await locked_ticket_for(db, actor, id_or_number(key))
    if not found.unread_team_count:
        await store_fields(db, found, {"unread_team_count": 1}, None)
        await announce(db, services, marked_unread(found))
    return await ticket_by_key(db, actor, key)
