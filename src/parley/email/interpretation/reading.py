"""The raw mail of a row of the ledger, read; what a webhook's provider has found out comes along in it."""

import msgspec

from parley.email.inbound.rules.provider import ProviderFindings, provider_findings
from parley.email.inbound.schemas import LedgerRow
from parley.email.parsing.apart import parse_apart
from parley.email.parsing.inline_images import inline_images
from parley.email.parsing.limits import MAX_MAIL_BYTES
from parley.email.parsing.schemas import ParsedMail
from parley.kernel.services import Services
from parley.kernel.storage.errors import NoSuchObject


class ReadMail(msgspec.Struct, frozen=True):
    """A mail that was read, and its header as it came."""

    mail: ParsedMail
    head: bytes


async def read_mail(services: Services, row: LedgerRow) -> ReadMail:
    """Return what a kept mail says. Raises NoSuchObject, StorageAway and MailNotRead."""
    if row.raw_key is None:
        raise NoSuchObject
    raw = await services.storage.read(row.raw_key, MAX_MAIL_BYTES + 1)
    mail = await parse_apart(services, raw)
    if row.source == "webhook":
        mail = _with_findings(services, row.project_id, mail)
    return ReadMail(mail, raw[:65_536])


def _with_findings(services: Services, project_id: int, mail: ParsedMail) -> ParsedMail:
    """Return a mail that came by the webhook with the text that its provider has taken out of it."""
    found: ProviderFindings | None = None
    files = []
    for one in mail.attachments:
        findings = provider_findings(services.vault, project_id, one.content_type, one.content)
        if findings is None:
            files.append(one)
        else:
            found = found or findings
    if found is None:
        return mail
    images = inline_images(mail.attachments)
    changes = {"text": found.stripped_text, "signature": found.stripped_signature}
    given = {name: images.in_text(text) for name, text in changes.items() if text}
    return msgspec.structs.replace(mail, attachments=tuple(files), **given)
