"""What Twilio posts is received once: a message, or a word that stops messages or begins them again."""

from uuid import UUID

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.conversations.files.actions.storing import store_file
from parley.conversations.files.errors import FileTooLarge, StorageQuotaReached
from parley.conversations.files.schemas import NewFile
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.schemas import Connected
from parley.integrations.sms.actions.contacts import contact_for, opt_in, opt_out
from parley.integrations.sms.actions.kept import FETCH, QUEUE, settle_text
from parley.integrations.sms.actions.placing import add_note, append, open_ticket_of, place
from parley.integrations.sms.queries.channels import sms_channel_by_id
from parley.integrations.sms.queries.contacts import has_opted_out, waiting_text
from parley.integrations.sms.rules.keywords import Keyword, keyword_of, may_start
from parley.integrations.sms.schemas import IncomingText, SettledFiles, SmsChannel, SmsContact
from parley.integrations.sms.tables import sms_inbound, sms_start
from parley.integrations.twilio import KIND_NAME
from parley.integrations.twilio.media import fetched_media
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, NotFound
from parley.kernel.http.authorization import Project
from parley.kernel.ids import token_hash
from parley.kernel.jobs import Work, enqueue
from parley.kernel.network.outbound import CallFailed
from parley.kernel.services import Services

MOST_TRIES = 3
"""After so many failures a message comes onto its ticket without its files."""
STOPPED = "This number has opted out of text messages. Answers here are not sent until it sends START."
STARTED = "This number gets text messages again: it has sent START."
c = sms_inbound.c


async def receive_text(db: Db, services: Services, channel: SmsChannel, sent: IncomingText) -> None:
    """Take a message whose signature is good; the same one a second time changes nothing."""
    project = (await projects_by_ids(db, [channel.project_id]))[channel.project_id]
    if may_start(sent.body, sent.opt_out_type) and not await _note_start(db, project.id, sent.sid):
        return
    contact = await contact_for(db, services, project.id, channel.number, sent.sender)
    is_opted_out = await has_opted_out(db, contact)
    is_here = contact.opted_out_at is not None
    keyword = keyword_of(sent.body, sent.opt_out_type, is_opted_out=is_opted_out, is_stopped_here=is_here)
    is_on = project.conversations_enabled
    waits = keyword is None and (bool(sent.media) or not is_on)
    values = {
        "project_id": project.id,
        "sid": sent.sid,
        "contact_id": contact.id,
        "channel_id": channel.id,
        "body": sent.body if waits else "",
        "media": list(sent.media) if waits else [],
        "is_settled": not waits,
        "received_at": services.clock.now(),
    }
    once = insert_for(db.dialect, sms_inbound).values(values).on_conflict_do_nothing().returning(c.sid)
    if (await db.execute(once)).first() is None:
        return
    if keyword is not None:
        await _heed(db, services, project, contact, keyword, sent.body)
    elif not is_on:
        return  # it is kept until conversations are switched on
    elif waits:
        await enqueue(db, FETCH, {"sid": sent.sid}, project_id=project.id, queue=QUEUE)
    else:
        await place(db, services, project, contact, sent.body, SettledFiles())


async def _note_start(db: Db, project_id: int, sid: str) -> bool:
    """Note for good that a message came which may end a STOP; False where it came before."""
    values = {"project_id": project_id, "digest": token_hash(sid)}
    once = (
        insert_for(db.dialect, sms_start)
        .values(values)
        .on_conflict_do_nothing()
        .returning(sms_start.c.digest)
    )
    return (await db.execute(once)).first() is not None


async def _heed(
    db: Db, services: Services, project: Project, contact: SmsContact, keyword: Keyword, body: str
) -> None:
    """Stop messages to a contact, or begin them again; their ticket, if they have one, says so."""
    if keyword == "stop":
        await opt_out(db, services, contact, "customer")
    else:
        await opt_in(db, contact)
    on = await open_ticket_of(db, project, contact, reopens=False)
    if on is None or not project.conversations_enabled:
        return
    await append(db, services, project, contact, on, body, reopens=False)
    on = await open_ticket_of(db, project, contact, reopens=False)  # with the message
    if on is not None:
        await add_note(db, services, project, on, STOPPED if keyword == "stop" else STARTED)


async def settle_with_media(services: Services, work: Work) -> None:
    """Fetch the files of a message and write it on its ticket. Safe to repeat."""
    sid = str(work.payload["sid"])
    async with services.database.transaction(write=False) as db:
        row = await waiting_text(db, work.project_id, sid)
        account = await _account(db, services, work.project_id, row.channel_id) if row else None
    if row is None:
        return
    is_last = work.attempts + 1 >= MOST_TRIES
    files = SettledFiles(n_missing=len(row.media))
    if account is not None:
        files = await _stored(services, account, row.media, is_last=is_last)
    async with services.database.transaction() as db:
        await settle_text(db, services, work.project_id, sid, row.contact_id, files)


async def _account(db: Db, services: Services, project_id: int, channel_id: UUID) -> Connected | None:
    """Return the account of a channel; None once it is disconnected, or its secrets can't be read."""
    try:
        channel = await sms_channel_by_id(db, project_id, channel_id)
        return await connected(db, services.vault, project_id, channel.integration_id, KIND_NAME)
    except AppError:
        return None


async def _stored(services: Services, account: Connected, urls: list[str], *, is_last: bool) -> SettledFiles:
    """Store files; what can't be fetched is counted. Raises CallFailed where another try may bring more."""
    ids: list[UUID] = []
    for place_, url in enumerate(urls, 1):
        try:
            content = await fetched_media(services, account, url)
        except CallFailed:
            if not is_last:
                raise
            content = None
        if content is None:
            continue
        try:
            new = NewFile(name=f"picture-{place_}", content=content)
            ids.append((await store_file(services, account.project_id, new)).id)
        except (FileTooLarge, StorageQuotaReached, NotFound):
            continue
    return SettledFiles(ids, len(urls) - len(ids))
