"""A mail, read in a process of its own: whatever it does there, it costs 5 seconds and about 100 MB at most."""

import msgspec
from msgspec.structs import replace

from parley.email.parsing.errors import MailNotRead
from parley.email.parsing.limits import MAX_MAIL_BYTES
from parley.email.parsing.schemas import ParsedMail, ReadReply, ReadRequest
from parley.kernel.isolation.pool import IsolatedPool, Stopped
from parley.kernel.services import Services

PROGRAM = "parley.email.parsing.reader"
FIRST_S, SECOND_S = 4.0, 1.0
"""How long a process may work on a mail, and how long on the same mail without its HTML."""


async def parse_apart(services: Services, raw: bytes) -> ParsedMail:
    """Return what a mail says, as `parse_mail` does. Raises MailNotRead, and nothing else.

    A mail whose first reading is stopped is read once more without its HTML, which is what can take long. Nothing that
    happens to one mail disturbs another.
    """
    if len(raw) > MAX_MAIL_BYTES:
        raise MailNotRead("too_large")
    readers = services.isolated.pool(PROGRAM)
    try:
        return await _read(readers, raw, is_html_shown=True, seconds=FIRST_S)
    except Stopped:
        pass
    try:
        return await _read(readers, raw, is_html_shown=False, seconds=SECOND_S)
    except Stopped as stopped:
        raise MailNotRead(stopped.reason) from None


async def _read(readers: IsolatedPool, raw: bytes, *, is_html_shown: bool, seconds: float) -> ParsedMail:
    request = msgspec.msgpack.encode(ReadRequest(is_html_shown))
    reply, contents = await readers.ask(request, raw, seconds=seconds)
    found = msgspec.msgpack.decode(reply, type=ReadReply)
    if found.mail is None:
        raise MailNotRead(found.reason or "crashed")
    files = zip(found.mail.attachments, contents, strict=True)
    return replace(found.mail, attachments=tuple(replace(file, content=content) for file, content in files))
