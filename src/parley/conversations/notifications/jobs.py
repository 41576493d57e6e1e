"""Background work of notifications: when mails about new conversations are sent, and to whom."""

from collections.abc import Sequence
from uuid import UUID

from parley.accounts.access_levels.queries.rights import visible_to_user
from parley.conversations.notifications import actions
from parley.conversations.notifications.mails import digest_mail, first_message_mail
from parley.conversations.notifications.queries import NewConversation, new_conversation, recipients_of
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, on, work
from parley.kernel.network.mail import Mail, Mailer
from parley.kernel.services import Services


@on("ticket.first_message_received", "tickets.jobs.tell_of_first_message")
async def note_new_conversation(db: Db, _: Services, event: Event) -> None:
    """Plan a mail to the team about a new conversation, if the project names recipients."""
    if await recipients_of(db, event.project_id):
        await actions.add_notice(db, event.project_id, UUID(event.payload["ticket_id"]))


@work(actions.SEND_DUE, ahead_s=actions.PAUSE.total_seconds())
async def send_due_mails(services: Services, work: Work) -> None:
    """Start mails about new conversations, now or at the end of the pause after the last ones."""
    async with services.database.transaction() as db:
        is_planned = work.payload.get("is_planned", False)
        await actions.enqueue_due_mails(db, services.clock.now(), work.project_id, is_planned=is_planned)


@work(actions.MAIL_ONE)
async def send_first_message_mail(services: Services, work: Work) -> None:
    """Send one mail about a new conversation; its Message-ID is the same at every attempt."""
    for conversation in await _visible(services, work, [work.payload["ticket_id"]]):
        await _send(services, first_message_mail(conversation, work.payload, services.settings.site_url))


@work(actions.MAIL_DIGEST)
async def send_first_message_digest(services: Services, work: Work) -> None:
    """Send one mail about several new conversations; its Message-ID is the same at every attempt."""
    wanted = work.payload["ticket_ids"]
    visible = await _visible(services, work, wanted)
    if visible:
        count = work.payload["count"] - (len(wanted) - len(visible))
        await _send(services, digest_mail(visible, count, work.payload, services.settings.site_url, work.id))


async def _visible(services: Services, work: Work, ticket_ids: Sequence[str]) -> list[NewConversation]:
    """Return those of the conversations that are still there and that the recipient may see."""
    user_id, ids = work.payload["user_id"], [UUID(id) for id in ticket_ids]
    visible_ids = await visible_to_user(services.database, work.project_id, user_id, ids)
    async with services.database.transaction(write=False) as db:
        found = [await new_conversation(db, work.project_id, id) for id in visible_ids]
    return [one for one in found if one is not None]


async def _send(services: Services, mail: Mail) -> None:
    settings = services.settings
    await Mailer(settings.smtp_url, settings.data_dir, settings.site_url).send(mail)
