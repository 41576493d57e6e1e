"""What is planned goes to Slack, once, in the order of its thread; and is changed there when it changes here."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import update

from parley.accounts.users.rules import full_name
from parley.conversations.files.actions.reading import link_of, read_file
from parley.conversations.files.queries import files_of
from parley.conversations.files.rules.links import FOR_CUSTOMERS
from parley.conversations.files.schemas import File
from parley.conversations.tickets.rules.comments import Authorship, assistant_name, author_name
from parley.integrations.connections.errors import UpstreamRateLimited
from parley.integrations.connections.schemas import Connected
from parley.integrations.slack.actions import posted_before
from parley.integrations.slack.client import SlackClient, slack_client
from parley.integrations.slack.errors import SlackRefused
from parley.integrations.slack.escaping import escaped
from parley.integrations.slack.mrkdwn import mrkdwn_of
from parley.integrations.slack.queries import workspace_or_none
from parley.integrations.slack.schemas import Posted, SlackAnswer
from parley.integrations.slack_channel.actions.status import show_status
from parley.integrations.slack_channel.queries.posts import (
    StoredPost,
    TeamAnswer,
    ToldTicket,
    answer_by_id,
    has_earlier_post,
    post_by_id,
    told_ticket,
)
from parley.integrations.slack_channel.rules.decisions import IMAGES, MOST_IMAGE_BYTES, is_on
from parley.integrations.slack_channel.rules.posts import (
    MAX_POST,
    MAX_USERNAME,
    confirmation,
    customer_of,
    metadata_of,
    notice,
)
from parley.integrations.slack_channel.tables import slack_post
from parley.kernel.clock import is_ahead
from parley.kernel.errors import Throttled
from parley.kernel.network.mail import one_line
from parley.kernel.services import Services

TOO_LONG = "The answer is longer than Slack takes (39,000 characters). Send it in parts."
NO_WORKSPACE = "No Slack workspace is connected."
LEAST_UNKNOWN = timedelta(seconds=60)
"""So long Slack has time to show a post of which it isn't known whether it was taken, as where it answered too late."""


class PostWaits(Exception):
    """Something of the same thread goes first, or it can't be seen yet what an earlier attempt came to."""


class SlackOutgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A post as it is at this moment; a text of None is not to be sent."""

    text: str | None
    username: str | None
    version: int | None
    images: Sequence[File]


async def send_post(services: Services, project_id: int, id: UUID, *, may_wait: bool = True) -> None:
    """Send a post, unless that has been done. Raises what a later attempt may get over.

    After a crash it is looked up in Slack by its metadata whether the message is there already.
    """
    async with services.database.transaction(write=False) as db:
        post = await post_by_id(db, project_id, id)
        if post is None or post.state != "waiting":
            return
        if may_wait and await has_earlier_post(db, post):
            raise PostWaits
        begun_at = post.started_at if post.ts is None else None
        if is_ahead(begun_at and begun_at + LEAST_UNKNOWN, services.clock.now(), LEAST_UNKNOWN):
            raise PostWaits
    workspace, outgoing = await workspace_or_none(services, project_id), await _outgoing(services, post)
    if outgoing is None or outgoing.text is None:
        await _finish(services, post, state="cancelled")
    elif workspace is None:
        await _finish(services, post, state="failed", error=NO_WORKSPACE)
    elif len(outgoing.text) > MAX_POST:
        await _finish(services, post, state="failed", error=TOO_LONG)
    else:
        await _deliver(services, workspace, post, outgoing)


async def _deliver(
    services: Services, workspace: Connected, post: StoredPost, outgoing: SlackOutgoing
) -> None:
    try:
        ts = post.ts or await _found(services, workspace, post)
        async with slack_client(services, workspace) as client:
            ts = ts or await _posted(services, client, post, outgoing)
            await _note(services, post, ts=ts, version=outgoing.version)
            for number, image in enumerate(outgoing.images[post.files_sent :], post.files_sent + 1):
                content = await read_file(services, image)
                await client.upload(image.name, content, post.channel_id, post.thread_ts)
                await _note(services, post, files_sent=number)
    except SlackRefused as error:
        await _finish(services, post, state="failed", error=error.detail)
        return
    await _finish(services, post, state="sent")
    await change_post(services, post.project_id, post.id)  # what was edited while it was under way


async def _posted(services: Services, client: SlackClient, post: StoredPost, outgoing: SlackOutgoing) -> str:
    """Post it, as the first call of its session: only a later one would be repeated where a connection breaks."""
    await _note(services, post, started_at=post.started_at or services.clock.now())
    try:
        answer = await client.call(
            "chat.postMessage",
            Posted,
            channel=post.channel_id,
            thread_ts=post.thread_ts,
            text=outgoing.text,
            username=outgoing.username,
            metadata=metadata_of(str(post.id)),
            unfurl_links=False,
            unfurl_media=False,
        )
    except (Throttled, UpstreamRateLimited):  # it was not taken
        await _note(services, post, started_at=post.started_at)
        raise
    return answer.ts


async def _found(services: Services, workspace: Connected, post: StoredPost) -> str | None:
    """Return Slack's name of a post that was begun before; None where it is not there, or was never begun."""
    if post.started_at is None:
        return None
    async with slack_client(services, workspace) as client:
        return await posted_before(
            client, post.channel_id, metadata_of(str(post.id)), post.started_at, thread_ts=post.thread_ts
        )


async def _outgoing(services: Services, post: StoredPost) -> SlackOutgoing | None:
    async with services.database.transaction(write=False) as db:
        told = await told_ticket(db, post.project_id, post.ticket_id)
        answer = await answer_by_id(db, post.project_id, post.comment_id) if post.comment_id else None
        files = (await files_of(db, post.project_id, [answer.id])).get(answer.id, []) if answer else []
    if told is None or not is_on(told.settings):
        return None
    if post.kind == "answer":
        return _answer(services, told, answer, files) if answer is not None else None
    if told.is_gone:
        return None
    return SlackOutgoing(text=_words(services, post, told), username=None, version=None, images=())


def _words(services: Services, post: StoredPost, told: ToldTicket) -> str:
    if post.kind == "confirmation":
        return confirmation(told.number)
    url = f"{services.settings.site_url}/inbox/{told.number}"
    customer = customer_of(told.anonymous_traits)
    return notice(post.kind, told.number, url, customer, told.channel_source, post.about)


def _answer(services: Services, told: ToldTicket, answer: TeamAnswer, files: Sequence[File]) -> SlackOutgoing:
    if answer.deleted:
        return SlackOutgoing(text=None, username=None, version=None, images=())
    images = [one for one in files if one.content_type in IMAGES and one.size_bytes <= MOST_IMAGE_BYTES]
    others = [one for one in files if one not in images]
    lines = [mrkdwn_of(answer.content, answer.rich_content)]
    lines += [f"<{link_of(services, one, FOR_CUSTOMERS)}|{escaped(one_line(one.name))}>" for one in others]
    text = "\n".join(line for line in lines if line.strip())
    return SlackOutgoing(
        text=text or "(image)", username=_name(told, answer), version=answer.version, images=images
    )


def _name(told: ToldTicket, answer: TeamAnswer) -> str:
    known = answer.first_name is not None
    authorship = Authorship(
        author_type=answer.author_type,
        creator_name=full_name(answer.first_name, answer.last_name) if known else None,
        context=answer.item_context,
    )
    return one_line(author_name(authorship, assistant_name(told.settings)), MAX_USERNAME)


async def change_post(services: Services, project_id: int, id: UUID) -> None:
    """Give a post in Slack the text that its answer has now, or remove it with its answer. Safe to repeat."""
    async with services.database.transaction(write=False) as db:
        post = await post_by_id(db, project_id, id)
    workspace = await workspace_or_none(services, project_id)
    if post is None or post.state != "sent" or post.ts is None or workspace is None:
        return
    outgoing = await _outgoing(services, post)
    if outgoing is None or outgoing.version == post.version:
        return
    try:
        async with slack_client(services, workspace) as client:
            await _changed(client, post, outgoing)
    except SlackRefused as error:
        if error.error not in ("message_not_found", "cant_delete_message"):
            await _note(services, post, error=f"Not changed in Slack. {error.detail}")
            return
    gone = {"state": "cancelled"} if outgoing.text is None else {}
    await _note(services, post, version=outgoing.version, **gone)


async def _changed(client: SlackClient, post: StoredPost, outgoing: SlackOutgoing) -> None:
    message = {"channel": post.channel_id, "ts": post.ts}
    if outgoing.text is None:
        await client.call("chat.delete", SlackAnswer, **message)
    elif len(outgoing.text) > MAX_POST:
        raise SlackRefused("msg_too_long")
    else:
        await client.call("chat.update", Posted, **message, text=outgoing.text)


async def give_up(services: Services, project_id: int, id: UUID, error: str) -> None:
    """Note that a post could not be sent; what comes after it in its thread goes on."""
    async with services.database.transaction(write=False) as db:
        post = await post_by_id(db, project_id, id)
    if post is not None and post.state == "waiting":
        await _finish(services, post, state="failed", error=error)


async def note_attempt(services: Services, project_id: int, id: UUID, error: str) -> None:
    """Note why a post has not been sent yet."""
    async with services.database.transaction(write=False) as db:
        post = await post_by_id(db, project_id, id)
    if post is not None and post.state == "waiting" and post.error != error:
        await _note(services, post, error=error[:400])


async def _finish(services: Services, post: StoredPost, **values: Any) -> None:
    await _note(services, post, **{"error": None, **values})


async def _note(services: Services, post: StoredPost, **values: Any) -> None:
    """Note something of a post, and show it on its answer."""
    this = (slack_post.c.project_id == post.project_id, slack_post.c.id == post.id)
    async with services.database.transaction() as db:
        await db.execute(update(slack_post).where(*this).values(values))
        if post.comment_id is not None:
            await show_status(db, services, post.project_id, post.comment_id)
