"""The program that reads mail in a process of its own: `python -m parley.email.parsing.reader`."""

import msgspec
from msgspec.structs import replace

from parley.email.parsing.errors import MailNotRead
from parley.email.parsing.mail import parse_mail
from parley.email.parsing.schemas import ReadReply, ReadRequest
from parley.kernel.isolation.program import serve

CPU_S = 5
MEMORY_BYTES = 100 * 1024 * 1024


def read(request: bytes, raw: bytes) -> tuple[bytes, list[bytes]]:
    """Return the reply and the contents of the attachments."""
    asked = msgspec.msgpack.decode(request, type=ReadRequest)
    try:
        mail = parse_mail(raw, is_html_shown=asked.is_html_shown)
    except MailNotRead as error:
        return msgspec.msgpack.encode(ReadReply(reason=error.reason)), []
    contents = [attachment.content for attachment in mail.attachments]
    bare = replace(mail, attachments=tuple(replace(file, content=b"") for file in mail.attachments))
    return msgspec.msgpack.encode(ReadReply(mail=bare)), contents


if __name__ == "__main__":
    serve(read, cpu_s=CPU_S, memory_bytes=MEMORY_BYTES)
