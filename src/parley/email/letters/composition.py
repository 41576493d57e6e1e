"""The bytes of a mail: with its files, and signed."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from parley.conversations.files.actions.reading import link_of, read_file
from parley.conversations.files.schemas import File
from parley.email.letters.composing import Letter, MailedFile, mail_of
from parley.email.letters.signing import SigningKey, signed
from parley.kernel.network.mail import one_line
from parley.kernel.services import Services

MOST_ATTACHED = 15 * 1024 * 1024
"""Bytes of files that go along; with their encoding that is what most mail servers take. Others go as links."""
LINK_LASTS = timedelta(days=30)
LARGE = 200_000
"""From this size on a mail is made in a thread, so that nobody waits for it meanwhile."""


async def composed(services: Services, letter: Letter, files: Sequence[File], key: SigningKey) -> bytes:
    """Return a mail as it is handed over. Raises StorageAway and NoSuchObject."""
    attached, linked = _divided(files)
    contents = [await read_file(services, one) for one in attached]
    whole = replace(
        letter,
        files=[
            MailedFile(one.name, one.content_type, content, _cid(one))
            for one, content in zip(attached, contents, strict=True)
        ],
        links=[(one_line(one.name), link_of(services, one, LINK_LASTS)) for one in linked],
    )
    now = services.clock.now()
    if sum(one.size_bytes for one in attached) > LARGE:
        return await asyncio.to_thread(lambda: signed(mail_of(whole).as_bytes(), key, now))
    return signed(mail_of(whole).as_bytes(), key, now)


def _cid(file: File) -> str | None:
    return file.content_id if file.is_inline else None


def _divided(files: Sequence[File]) -> tuple[list[File], list[File]]:
    """Return which files go along, as far as there is room, and which only as links."""
    attached: list[File] = []
    room = MOST_ATTACHED
    for one in files:
        if one.size_bytes <= room:
            attached.append(one)
            room -= one.size_bytes
    return attached, [one for one in files if one not in attached]
