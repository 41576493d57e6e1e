"""A posted mail is checked and handed to the ledger."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from tempfile import SpooledTemporaryFile

from sqlalchemy import CursorResult, delete

from parley.conversations.files.actions.erasing import DELETE_OBJECTS
from parley.email.channels.queries import channel_by_token
from parley.email.channels.rules import token_of_recipient
from parley.email.channels.schemas import EmailChannel
from parley.email.inbound.actions.receiving import keep_raw, record
from parley.email.inbound.rules.provider import signed_findings
from parley.email.inbound.schemas import IncomingMail, KeptMail, RawMail
from parley.email.mail_webhook.composing import compose, read_headers, whole_mail
from parley.email.mail_webhook.errors import invalid_recipient, invalid_signature, unknown_recipient
from parley.email.mail_webhook.form import IN_MEMORY, PostedForm
from parley.email.mail_webhook.queries import delivery_of_token
from parley.email.mail_webhook.rules import MOST_AGE_S, Headers, authentication_of, is_signed
from parley.email.mail_webhook.tables import mail_webhook_token
from parley.email.parsing.limits import MAX_MAIL_BYTES
from parley.email.parsing.schemas import AuthenticationResult
from parley.email.sender_verification.verification import VERIFY_S, verified
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.retries import call_again
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

KEPT_FOR = timedelta(seconds=4 * MOST_AGE_S)
c = mail_webhook_token.c
_in_memory = asyncio.Semaphore(2)
"""Whole mails that are in memory at the same time, to be verified."""


async def take_mail(services: Services, form: PostedForm) -> None:
    """Keep the mail of a form; it is durable when this returns.

    Raises PlainError (403, 400, 404), and what `keep_raw` raises while storage or database are away.
    """
    fields = form.fields
    if not is_signed(fields, services.settings.mailgun_signing_key, services.clock.now()):
        raise invalid_signature()
    channel = await _channel(services, fields.get("recipient", ""))
    headers = read_headers(form)
    text, signature = fields.get("stripped-text", ""), fields.get("stripped-signature", "")
    findings = signed_findings(services.vault, channel.project_id, text, signature)
    with SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(services.settings.data_dir)) as target:
        raw = await asyncio.to_thread(compose, form, headers or [], findings, target)
        mail = IncomingMail(
            channel=channel,
            source="webhook",
            raw=raw,
            recipient=fields["recipient"],
            envelope_from=fields.get("sender"),
            authentication=await _authentication(services, form, headers, raw),
        )
        kept = await keep_raw(services, mail)
    if not await call_again(partial(_record_once, services, mail, kept, fields["token"])):
        raise invalid_signature()


async def _authentication(
    services: Services, form: PostedForm, headers: Headers | None, raw: RawMail
) -> Sequence[AuthenticationResult]:
    """Return what the provider has verified; of a whole mail what its signatures say, which takes at most VERIFY_S.

    Fields beside a whole mail prove nothing, nor do results that may be fields of its header, as nobody can read those.
    A mail that is too large to be read, or comes while others take too long, is one of a stranger.
    """
    if "body-mime" not in form.spooled:
        return [] if headers is None else authentication_of(form.fields, headers, form.repeated)
    if raw.size_bytes > MAX_MAIL_BYTES:
        return []
    try:
        async with asyncio.timeout(VERIFY_S), _in_memory:
            mail = await asyncio.to_thread(whole_mail, form.spooled["body-mime"])
            return await verified(services, None, mail, VERIFY_S / 2)
    except TimeoutError:
        return []


async def _channel(services: Services, recipient: str) -> EmailChannel:
    token = token_of_recipient(recipient)
    if token is None:
        raise invalid_recipient()
    async with services.database.transaction(write=False) as db:
        channel = await channel_by_token(db, token)
    if channel is None:
        raise unknown_recipient()
    return channel


async def _record_once(services: Services, mail: IncomingMail, kept: KeptMail, token: str) -> bool:
    """Write the row of a mail, unless its token has come with another mail: what is signed is the token alone."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    row = {
        "digest": digest,
        "delivery_digest": kept.delivery_digest,
        "taken_at": services.clock.now(),
    }
    async with services.database.transaction() as db:
        statement = insert_for(db.dialect, mail_webhook_token).values(row).on_conflict_do_nothing()
        await db.execute(statement)
        if await delivery_of_token(db, digest) == kept.delivery_digest:
            await record(db, mail, kept)
            return True
        await enqueue(db, DELETE_OBJECTS, {"keys": [kept.raw_key]}, project_id=mail.channel.project_id)
        return False


async def forget_tokens(db: Db, now: datetime) -> int:
    """Delete the tokens of signatures that are too old to be good; return how many."""
    old = c.taken_at < now - KEPT_FOR
    gone: CursorResult[object] = await db.execute(delete(mail_webhook_token).where(old))
    return gone.rowcount
