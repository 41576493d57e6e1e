"""Mails to the team about new conversations."""

from collections.abc import Sequence
from uuid import UUID

from parley.accounts.access_levels.queries import seen_by_user
from parley.conversations.notifications import actions
from parley.conversations.notifications.mails import digest_mail, first_message_mail
from parley.conversations.notifications.queries import Introduction, introduction, recipients_of
from parley.kernel.database.database import Db
from parley.kernel.jobs import Event, Outside, Work, on, work
from parley.kernel.network.mail import Mail, Mailer


@on("ticket.first_message_received", "tickets.jobs.tell_of_first_message")
async def tell_of_first_message(db: Db, event: Event) -> None:
    """Have the team told of a new conversation, if anybody wants to hear of them."""
    if await recipients_of(db, event.project_id):
        await actions.note_first_message(db, event.project_id, UUID(event.payload["ticket_id"]))


@work(actions.TELL, ahead_s=actions.PAUSE.total_seconds())
async def tell_of_first_messages(outside: Outside, work: Work) -> None:
    """Have mails sent about new conversations, now or at the end of the pause since the last ones."""
    async with outside.database.transaction() as db:
        is_planned = work.payload.get("is_planned", False)
        await actions.tell_of_first_messages(db, outside.clock.now(), work.project_id, is_planned=is_planned)


@work(actions.MAIL)
async def send_first_message_mail(outside: Outside, work: Work) -> None:
    """Send one mail about a new conversation; its Message-ID is the same at every attempt."""
    for about in await _introductions(outside, work, [work.payload["ticket_id"]]):
        await _send(outside, first_message_mail(about, work.payload, outside.settings.site_url))


@work(actions.MAIL_MANY)
async def send_first_message_digest(outside: Outside, work: Work) -> None:
    """Send one mail about several new conversations; its Message-ID is the same at every attempt."""
    wanted = work.payload["ticket_ids"]
    about = await _introductions(outside, work, wanted)
    if about:
        count = work.payload["count"] - (len(wanted) - len(about))
        await _send(outside, digest_mail(about, count, work.payload, outside.settings.site_url, work.id))


async def _introductions(outside: Outside, work: Work, ticket_ids: Sequence[str]) -> list[Introduction]:
    """Return what is still there of these conversations and seen by whom the mail is for."""
    user_id, ids = work.payload["user_id"], [UUID(one) for one in ticket_ids]
    seen = await seen_by_user(outside.database, work.project_id, user_id, ids)
    async with outside.database.transaction(write=False) as db:
        found = [await introduction(db, work.project_id, one) for one in seen]
    return [one for one in found if one is not None]


async def _send(outside: Outside, mail: Mail) -> None:
    settings = outside.settings
    await Mailer(settings.smtp_url, settings.data_dir, settings.site_url).send(mail)
