"""A message in Slack becomes one in Parley: on the ticket of its thread, or on a new one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import insert, update

from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_added, message_edited, ticket_opened
from parley.conversations.ticket_changes.rules.events import Occasion
from parley.conversations.tickets.actions.messages import (
    change_stored,
    count_customer_message,
    customer_message,
    is_first_of_customer,
    store,
    uncount_message,
)
from parley.conversations.tickets.actions.opening import TicketRow, insert_ticket
from parley.conversations.tickets.queries.messages import StoredComment, locked_comment
from parley.conversations.tickets.queries.tickets import LockedTicket, locked_ticket
from parley.conversations.tickets.rules.comments import time_of_message
from parley.conversations.tickets.rules.fields import reopens_on_reply, status_after_message
from parley.integrations.slack.mrkdwn import plain_text, rich_content
from parley.integrations.slack.people import avatar_of, email_of, name_of
from parley.integrations.slack.schemas import SlackUser
from parley.integrations.slack_channel.actions.planning import plan_confirmation
from parley.integrations.slack_channel.queries.events import placed_message, ticket_of_thread
from parley.integrations.slack_channel.rules.decisions import distinct_id_of
from parley.integrations.slack_channel.rules.events import SlackMessage, is_older
from parley.integrations.slack_channel.tables import slack_message
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services

TURN = 0x736D
"""Messages of a project are placed one after the other: each must see the tickets that the one before has opened."""
MAX_CONTENT = 50_000
LEFT_OUT = "[In Slack only: "


class SlackArrival(msgspec.Struct, frozen=True, kw_only=True):
    """A message with all that was looked up for it. `detail` says how it opens a ticket; None: only an answer does."""

    project: Project
    team_id: str
    message: SlackMessage
    detail: str | None
    user: SlackUser | None
    names: Mapping[str, str]
    file_ids: Sequence[UUID]
    left_out: Sequence[str]

    @property
    def distinct_id(self) -> str:
        return distinct_id_of(self.team_id, self.message.user_id)

    @property
    def content(self) -> str:
        text = plain_text(self.message.text, self.names)
        lines = [text, *(f"{LEFT_OUT}{name}]" for name in self.left_out)]
        return "\n".join(line for line in lines if line)[:MAX_CONTENT]

    @property
    def context(self) -> dict[str, Any]:
        found = {
            "from_slack": True,
            "slack_message_ts": self.message.ts,
            "slack_author_name": name_of(self.user, self.message.user_id),
            "slack_author_avatar": avatar_of(self.user),
            "distinct_id": self.distinct_id,
        }
        return {name: value for name, value in found.items() if value is not None}


async def place(db: Db, services: Services, arrival: SlackArrival) -> bool:
    """Store a message once; say whether it was stored. What belongs to a deleted ticket is swallowed."""
    project, message = arrival.project, arrival.message
    await take_turn(db, TURN, project.id)
    if await placed_message(db, project.id, message.channel_id, message.ts) is not None:
        return False
    found = await ticket_of_thread(db, project.id, message.channel_id, message.root_ts)
    if found is None and arrival.detail is None:
        return False
    if found is None:
        comment_id = await _open_ticket(db, services, arrival)
    else:
        try:
            comment_id = await _append(db, services, arrival, await locked_ticket(db, project.id, found.id))
        except NotFound:
            return False  # it is deleted, or what it was merged into is
    names = {"channel_id": message.channel_id, "ts": message.ts, "edited_ts": message.edited_ts}
    await db.execute(insert(slack_message).values(project_id=project.id, comment_id=comment_id, **names))
    return True


async def _open_ticket(db: Db, services: Services, arrival: SlackArrival) -> UUID:
    now, project, message = services.clock.now(), arrival.project, arrival.message
    traits = {"name": name_of(arrival.user, message.user_id), "email": email_of(arrival.user)}
    row = TicketRow(
        project_id=project.id,
        status="new",
        channel_source="slack",
        channel_detail=arrival.detail,
        distinct_id=arrival.distinct_id,
        widget_session_id=uuid4(),  # nobody's
        identity_verified=False,
        anonymous_traits={name: value for name, value in traits.items() if value},
        session_id=None,
        session_context={},
        created_at=now,
        slack_channel_id=message.channel_id,
        slack_thread_ts=message.root_ts,
        slack_team_id=arrival.team_id,
    )
    opened = await insert_ticket(db, row, arrival.content, arrival.context)
    assert opened.message_id is not None
    await _complete(db, project.id, opened.message_id, arrival)
    await announce(db, services, ticket_opened(Occasion(project, now), opened, arrival.content))
    await plan_confirmation(db, services, project.id, opened.id, message)
    return opened.message_id


async def _complete(db: Db, project_id: int, comment_id: UUID, arrival: SlackArrival) -> None:
    """Give a message that was just stored its files and its rich form."""
    await attach_files(db, project_id, comment_id, arrival.file_ids)
    rich = rich_content(arrival.message.text, arrival.names)
    if rich is not None and not arrival.left_out:
        stored = await locked_comment(db, project_id, comment_id)
        await change_stored(db, stored, {"rich_content": rich})


async def _append(db: Db, services: Services, arrival: SlackArrival, on: LockedTicket) -> UUID:
    project = arrival.project
    at = time_of_message(services.clock.now(), on.last_message_at)
    new = customer_message(
        project.id, on.id, arrival.content, at, arrival.context, via_ticket_id=on.via_ticket_id
    )
    status = status_after_message(on.status, new, reopens=reopens_on_reply(project.settings))
    is_first = await is_first_of_customer(db, project, on.id, new, is_stored=False)
    id = await store(db, new)
    await _complete(db, project.id, id, arrival)
    await count_customer_message(db, new, on, on, status, closed_to_sessions=on.closed_to_sessions)
    change = message_added(Occasion(project, at), on, new, id, status, is_unread=True, is_first=is_first)
    await announce(db, services, change)
    return id


async def change_message(
    db: Db, services: Services, project: Project, message: SlackMessage, names: Mapping[str, str]
) -> bool:
    """Give a message the text that its author has given it in Slack; say whether anything changed. Files stay.

    An edit that comes behind a later one changes nothing.
    """
    found = await _locked_message(db, project.id, message.channel_id, message.ts)
    if found is None:
        return False
    on, stored, edited_ts = found
    if is_older(message.edited_ts, edited_ts):
        return False
    await _note_edit(db, project.id, message)
    notes = [line for line in stored.content.split("\n") if line.startswith(LEFT_OUT)]
    text = plain_text(message.text, names)
    content = "\n".join(line for line in (text, *notes) if line)[:MAX_CONTENT]
    if not content or content == stored.content:
        return False
    rich = None if notes else rich_content(message.text, names)
    changes = {"content": content, "rich_content": rich, "version": stored.version + 1}
    await change_stored(db, stored, changes)
    await announce(db, services, message_edited(on, stored.id))
    return True


async def _note_edit(db: Db, project_id: int, message: SlackMessage) -> None:
    c = slack_message.c
    this = (c.project_id == project_id, c.channel_id == message.channel_id, c.ts == message.ts)
    await db.execute(update(slack_message).where(*this).values(edited_ts=message.edited_ts))


async def remove_message(db: Db, services: Services, project: Project, channel_id: str, ts: str) -> bool:
    """Remove a message that was removed in Slack; say whether it was there. Its ticket stays, even without any message."""
    found = await _locked_message(db, project.id, channel_id, ts)
    if found is None:
        return False
    on, stored, _ = found
    await change_stored(db, stored, {"deleted": True})
    await uncount_message(db, on.id, stored)
    await announce(db, services, message_edited(on, stored.id))
    return True


async def _locked_message(
    db: Db, project_id: int, channel_id: str, ts: str
) -> tuple[LockedTicket, StoredComment, str | None] | None:
    """Lock the ticket and the message that a message in Slack has become; None where either is gone.

    The third is when Slack says that its text was last changed.
    """
    placed = await placed_message(db, project_id, channel_id, ts)
    if placed is None:
        return None
    try:
        on = await locked_ticket(db, project_id, placed.ticket_id)
        stored = await locked_comment(db, project_id, placed.comment_id)
    except NotFound:
        return None
    return None if stored.deleted else (on, stored, placed.edited_ts)
