"""Background work of notifications: who is to be mailed about what happened, and when."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.access_levels.queries.rights import visible_to_user
from parley.conversations.messages.actions.mentions import store_mentions
from parley.conversations.notifications import actions
from parley.conversations.notifications.mails import notification_mail
from parley.conversations.notifications.queries.recipients import (
    Recipient,
    ids_with_role,
    mentionable_members,
    named_recipient_ids,
    recipient,
    recipients_among,
)
from parley.conversations.notifications.queries.subjects import (
    Subject,
    note_content,
    project_name,
    subject_of,
)
from parley.conversations.notifications.queries.unread_answers import responsible_for_answer
from parley.conversations.notifications.rules.kinds import (
    ANSWERS,
    ASSIGNMENTS,
    MENTIONS,
    NEW_CONVERSATIONS,
    PAUSE,
    MemberNotice,
    NoticesOfMail,
)
from parley.conversations.notifications.rules.mentions import mentioned_ids
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, on, work
from parley.kernel.services import Services


@on("ticket.first_message_received", "tickets.jobs.tell_of_first_message")
async def note_new_conversation(db: Db, services: Services, event: Event) -> None:
    """Note a new conversation for the recipients that the project names."""
    notice = MemberNotice(kind=NEW_CONVERSATIONS, ticket_id=UUID(event.payload["ticket_id"]))
    await _note(db, services, event.project_id, await named_recipient_ids(db, event.project_id), notice)


@on("ticket.assigned", "notifications.note_assignment")
async def note_assignment(db: Db, services: Services, event: Event) -> None:
    """Note an assigned ticket for its assignee, or for all who have the role, but not for who assigned it."""
    told, role_id = event.payload, event.payload["role_id"] and UUID(event.payload["role_id"])
    ids = [told["user_id"]] if role_id is None else await ids_with_role(db, role_id)
    notice = MemberNotice(
        kind=ASSIGNMENTS, ticket_id=UUID(told["ticket_id"]), actor_id=told["actor_id"], role_id=role_id
    )
    await _note(db, services, event.project_id, ids, notice)


@on("note.added", "notifications.note_mentions")
async def note_mentions(db: Db, services: Services, event: Event) -> None:
    """Keep whom a private note mentions, and note it for them, but not for who wrote it."""
    told, comment_id = event.payload, UUID(event.payload["comment_id"])
    written = await note_content(db, event.project_id, comment_id)
    if written is None:
        return
    ids = mentioned_ids(*written, told["mentions"], await mentionable_members(db, event.project_id))
    await store_mentions(db, event.project_id, comment_id, ids, services.clock.now())
    notice = MemberNotice(
        kind=MENTIONS,
        ticket_id=UUID(told["ticket_id"]),
        comment_id=comment_id,
        actor_id=told["actor_id"],
    )
    await _note(db, services, event.project_id, ids, notice)


@on("customer.answered", "notifications.note_answer")
async def note_answer(db: Db, services: Services, event: Event) -> None:
    """Note the first unread message of a customer for whom the ticket is assigned to: one until somebody looks again."""
    ticket_id, comment_id = UUID(event.payload["ticket_id"]), UUID(event.payload["comment_id"])
    found = await responsible_for_answer(db, event.project_id, comment_id)
    if found is None:
        return
    ids = [found.user_id] if found.user_id is not None else []
    if found.user_id is None and found.role_id is not None:
        ids = await ids_with_role(db, found.role_id)
    role_id = found.role_id if found.user_id is None else None
    notice = MemberNotice(kind=ANSWERS, ticket_id=ticket_id, comment_id=comment_id, role_id=role_id)
    await _note(db, services, event.project_id, ids, notice)


async def _note(
    db: Db, services: Services, project_id: int, ids: Iterable[int], notice: MemberNotice
) -> None:
    others = {id for id in ids if id != notice.actor_id}
    found = await recipients_among(db, project_id, others, notice.kind) if others else []
    await actions.note(db, project_id, found, notice, services.clock.now())


@work(actions.SEND_DUE, ahead_s=PAUSE.total_seconds())
async def send_due_mail(services: Services, work: Work) -> None:
    """Start the mail to one member about all that is noted for them, now or at the end of the pause after the last one."""
    async with services.database.transaction() as db:
        user_id, now = work.payload["user_id"], services.clock.now()
        await actions.enqueue_due_mail(db, work.project_id, user_id, now)


@work(actions.MAIL)
async def send_notification_mail(services: Services, work: Work) -> None:
    """Send one mail to a member; its Message-ID is the same at every attempt."""
    about = msgspec.convert(work.payload, NoticesOfMail)
    async with services.database.transaction(write=False) as db:
        to, name = (
            await recipient(db, work.project_id, about.user_id),
            await project_name(db, work.project_id),
        )
    if to is None or name is None:
        return
    wanted = [one for one in about.notices if to.wants(one.kind)]
    subjects = await _subjects(services, work.project_id, to, wanted)
    if subjects:
        counts = {kind: n for kind, n in about.counts.items() if to.wants(kind)}
        for gone in [one for one in wanted if one not in [subject.notice for subject in subjects]]:
            counts[gone.kind] -= 1
        site_url = services.settings.site_url
        await services.mailer.send(notification_mail(subjects, counts, to, name, site_url, work.id))


async def _subjects(
    services: Services, project_id: int, to: Recipient, notices: Iterable[MemberNotice]
) -> list[Subject]:
    """Return what there is to say of the notices that still hold and whose tickets the recipient may see."""
    async with services.database.transaction(write=False) as db:
        found = [await subject_of(db, project_id, one, to.user_id) for one in notices]
    subjects = [one for one in found if one is not None]
    # A ticket that is merged since must be visible, and so must the one that its messages are on now.
    ids = {id for one in subjects for id in (one.ticket_id, one.notice.ticket_id)}
    visible = set(await visible_to_user(services.database, project_id, to.user_id, list(ids)))
    return [one for one in subjects if {one.ticket_id, one.notice.ticket_id} <= visible]


@work("tickets.tell_of_first_messages", ahead_s=PAUSE.total_seconds())
async def note_old_notices(services: Services, work: Work) -> None:
    """Note what an earlier version has noted for a whole project, for each of its recipients."""
    async with services.database.transaction() as db:
        ids = await named_recipient_ids(db, work.project_id)
        for ticket_id in await actions.take_old_notices(db, work.project_id):
            notice = MemberNotice(kind=NEW_CONVERSATIONS, ticket_id=ticket_id)
            await _note(db, services, work.project_id, ids, notice)


@work("tickets.send_first_message_mail")
async def send_first_message_mail(services: Services, work: Work) -> None:
    """Send the mail about a new conversation that an earlier version has asked for."""
    await _send_old(services, work, [work.payload["ticket_id"]])


@work("tickets.send_first_message_digest")
async def send_first_message_digest(services: Services, work: Work) -> None:
    """Send the mail about several new conversations that an earlier version has asked for."""
    await _send_old(services, work, work.payload["ticket_ids"], work.payload["count"])


async def _send_old(services: Services, work: Work, ids: list[str], count: int = 1) -> None:
    notices = [{"kind": NEW_CONVERSATIONS, "ticket_id": id} for id in ids]
    about: dict[str, Any] = {"user_id": work.payload["user_id"], "notices": notices}
    about["counts"] = {NEW_CONVERSATIONS: count}
    await send_notification_mail(services, msgspec.structs.replace(work, payload=about))
