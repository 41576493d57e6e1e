"""An event of Slack is worked on: a ticket is opened, somebody has answered, changed or removed what they wrote."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.conversations.files.actions.storing import store_file
from parley.conversations.files.errors import FileTooLarge, StorageQuotaReached
from parley.conversations.files.schemas import NewFile
from parley.integrations.connections.actions.state import mark_failed
from parley.integrations.connections.errors import (
    CredentialsRejected,
    NotPermitted,
    UpstreamFailed,
    UpstreamRefused,
)
from parley.integrations.connections.schemas import Connected
from parley.integrations.slack.actions import user_of
from parley.integrations.slack.client import SlackClient, slack_client
from parley.integrations.slack.mrkdwn import mentioned_users, without_mention
from parley.integrations.slack.people import name_of
from parley.integrations.slack.queries import workspace_or_none
from parley.integrations.slack.rules import app_of
from parley.integrations.slack.schemas import MessagesAnswer, SlackUser
from parley.integrations.slack_channel.actions.early import EarlyChanges, early_changes, keep_if_early
from parley.integrations.slack_channel.actions.placing import (
    TURN,
    SlackArrival,
    change_message,
    place,
    remove_message,
)
from parley.integrations.slack_channel.actions.settling import settle
from parley.integrations.slack_channel.queries.events import (
    StoredEvent,
    early_events,
    has_earlier,
    placed_message,
    stored_event,
    ticket_of_thread,
)
from parley.integrations.slack_channel.rules.decisions import IMAGES, MOST_IMAGE_BYTES, is_on, opens
from parley.integrations.slack_channel.rules.events import (
    SlackEvent,
    SlackFile,
    SlackMessage,
    written_message,
)
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.retries import call_again
from parley.kernel.errors import Throttled
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services

MOST_MENTIONS = 10
NO_ANSWER = (CredentialsRejected, NotPermitted, Throttled, UpstreamFailed)
"""What Slack's silence, or a token that is good no more, comes to: another attempt may bring more."""


class EarlierEventWaits(Exception):
    """Something of the same thread is to be worked on first."""


async def take_event(services: Services, project_id: int, id: UUID, *, may_wait: bool = True) -> None:
    """Work on an event, unless that has been done; safe to repeat. Raises what a later attempt may get over.

    Without `may_wait` nothing is looked up that can't be: Slack has the promise that the words were taken.
    """
    async with services.database.transaction(write=False) as db:
        stored = await stored_event(db, project_id, id)
        if stored is None or stored.state != "received":
            return
        if may_wait and await has_earlier(db, stored):
            raise EarlierEventWaits
        project = (await projects_by_ids(db, [project_id])).get(project_id)
    event = msgspec.convert(stored.event, SlackEvent)
    workspace = await workspace_or_none(services, project_id)
    if project is None or workspace is None or not _is_of(event, workspace):
        await _settle(services, stored, "ignored", "The workspace is not connected any more.")
    elif event.kind == "revoked":
        await _note_revoked(services, stored, workspace)
    elif not project.conversations_enabled or not is_on(project.settings):
        await _settle(services, stored, "ignored", "The channel is switched off.")
    elif event.kind in ("edited", "deleted"):
        await _change(services, project, workspace, stored, event, may_wait=may_wait)
    else:
        await _take_message(services, project, workspace, stored, event, may_wait=may_wait)


def _is_of(event: SlackEvent, workspace: Connected) -> bool:
    is_app = event.app_id in ("", app_of(workspace.config))
    return is_app and event.team_id == workspace.integration_id


async def _settle(services: Services, stored: StoredEvent, state: str, detail: str) -> None:
    async with services.database.transaction() as db:
        await settle(db, stored, state, detail)


async def give_up(services: Services, project_id: int, id: UUID, error: str) -> None:
    """Note that an event could not be worked on, so that what comes after it in its thread goes on."""
    async with services.database.transaction() as db:
        stored = await stored_event(db, project_id, id, locked=True)
        if stored is not None and stored.state == "received":
            await settle(db, stored, "failed", error)


async def _note_revoked(services: Services, stored: StoredEvent, workspace: Connected) -> None:
    async with services.database.transaction() as db:
        await mark_failed(db, workspace)
        await settle(db, stored, "done", "The app was removed from the workspace.")


async def _change(
    services: Services,
    project: Project,
    workspace: Connected,
    stored: StoredEvent,
    event: SlackEvent,
    *,
    may_wait: bool,
) -> None:
    message, names = event.message, {}
    if message is not None:
        message = _without_call(workspace, message)
        async with slack_client(services, workspace) as client:
            names = await _names(services, client, message.text, may_wait=may_wait)

    async def change() -> None:
        async with services.database.transaction() as db:
            locked = await stored_event(db, project.id, stored.id, locked=True)
            if locked is None or locked.state != "received":
                return
            await take_turn(db, TURN, project.id)
            if await keep_if_early(db, locked, event, services.clock.now()):
                return
            if message is not None:
                is_done = await change_message(db, services, project, message, names)
            else:
                is_done = await remove_message(db, services, project, event.channel_id, event.ts)
            await settle(db, locked, "done" if is_done else "ignored")

    await call_again(change)


def _without_call(workspace: Connected, message: SlackMessage) -> SlackMessage:
    """Return a message without the mentions by which the app was called."""
    bot = str(workspace.config.get("bot_user_id"))
    return msgspec.structs.replace(message, text=without_mention(message.text, bot))


async def _names(services: Services, client: SlackClient, text: str, *, may_wait: bool) -> dict[str, str]:
    ids = mentioned_users(text)[:MOST_MENTIONS]
    return {id: name_of(await _user(services, client, id, may_wait=may_wait), id) for id in ids}


async def _take_message(
    services: Services,
    project: Project,
    workspace: Connected,
    stored: StoredEvent,
    event: SlackEvent,
    *,
    may_wait: bool,
) -> None:
    """Look up what a message needs, outside any transaction, and place it in one."""
    detail = opens(event, project.settings, str(workspace.config.get("bot_user_id")))
    if event.kind == "reaction" and detail is None:
        await _settle(services, stored, "ignored", "Another emoji.")
        return
    async with slack_client(services, workspace) as client:
        message = event.message or await _reacted_message(client, event)
        if message is None or not await _is_wanted(services, project.id, message, detail):
            await _settle(services, stored, "ignored", "It belongs to no ticket, or is on one already.")
            return
        early = await early_changes(services, project.id, message)
        message = early.applied_to(message)
        if message is None:
            await _settle(services, stored, "ignored", "It was removed in Slack.")
            return
        arrival = await _arrival(services, client, project, message, detail, may_wait=may_wait)
    await call_again(lambda: _place(services, stored, arrival, early, may_wait=may_wait))


async def _place(
    services: Services, stored: StoredEvent, arrival: SlackArrival, early: EarlyChanges, *, may_wait: bool
) -> None:
    message = arrival.message
    async with services.database.transaction() as db:
        locked = await stored_event(db, stored.project_id, stored.id, locked=True)
        if locked is None or locked.state != "received":
            return
        await take_turn(db, TURN, stored.project_id)
        known = EarlyChanges(await early_events(db, stored.project_id, message.channel_id, message.ts))
        if may_wait and known.ids != early.ids:
            raise EarlierEventWaits  # it was changed once more
        is_placed = await place(db, services, arrival)
        for one in early.events if is_placed else ():
            await settle(db, one, "done")
        await settle(db, locked, "done" if is_placed else "ignored")


async def _is_wanted(services: Services, project_id: int, message: SlackMessage, detail: str | None) -> bool:
    async with services.database.transaction(write=False) as db:
        if await placed_message(db, project_id, message.channel_id, message.ts) is not None:
            return False
        found = await ticket_of_thread(db, project_id, message.channel_id, message.root_ts)
    return detail is not None if found is None else not found.is_gone


async def _reacted_message(client: SlackClient, event: SlackEvent) -> SlackMessage | None:
    """Return the message to which somebody has added the emoji; None for one of a bot, or one that is gone."""
    try:
        found = await client.call(
            "conversations.replies", MessagesAnswer, channel=event.channel_id, ts=event.ts, latest=event.ts,
            oldest=event.ts, inclusive=True, limit=2,
        )  # fmt: skip
    except UpstreamRefused:
        return None
    same = [one for one in found.messages if one.get("ts") == event.ts]
    return written_message(same[0], event.channel_id) if same else None


async def _arrival(
    services: Services,
    client: SlackClient,
    project: Project,
    message: SlackMessage,
    detail: str | None,
    *,
    may_wait: bool,
) -> SlackArrival:
    message = _without_call(client.workspace, message)
    files, left_out = await _files(services, client, project.id, message.files, may_wait=may_wait)
    return SlackArrival(
        project=project,
        team_id=client.workspace.integration_id,
        message=message,
        detail=detail,
        user=await _user(services, client, message.user_id, may_wait=may_wait),
        names=await _names(services, client, message.text, may_wait=may_wait),
        file_ids=files,
        left_out=left_out,
    )


async def _user(services: Services, client: SlackClient, id: str, *, may_wait: bool) -> SlackUser | None:
    """Return a user; None where Slack refuses to tell, since who wrote must not keep what they wrote from coming in."""
    try:
        return await user_of(services, client, id)
    except UpstreamRefused:
        return None
    except NO_ANSWER:
        if may_wait:
            raise
        return None


async def _files(
    services: Services, client: SlackClient, project_id: int, files: Sequence[SlackFile], *, may_wait: bool
) -> tuple[list[UUID], list[str]]:
    """Store the images of a message; return their ids, and the names of files that stay in Slack."""
    ids: list[UUID] = []
    left_out: list[str] = []
    for one in files:
        try:
            id = await _stored(services, client, project_id, one)
        except NO_ANSWER:
            if may_wait:
                raise
            id = None
        if id is None:
            left_out.append(one.name)
        else:
            ids.append(id)
    return ids, left_out


async def _stored(services: Services, client: SlackClient, project_id: int, one: SlackFile) -> Any:
    if one.mimetype not in IMAGES or not 0 < one.size <= MOST_IMAGE_BYTES:
        return None
    try:
        content = await client.download(one.url, MOST_IMAGE_BYTES)
        if not content:
            return None
        return (await store_file(services, project_id, NewFile(name=one.name, content=content))).id
    except (UpstreamRefused, FileTooLarge, StorageQuotaReached):
        return None
