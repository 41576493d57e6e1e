"""The content of files is read."""

from datetime import timedelta

from parley.conversations.files.attachments import file_links
from parley.conversations.files.rules.limits import MOST_BYTES
from parley.conversations.files.rules.links import FOR_TEAM, Kind
from parley.conversations.files.schemas import File
from parley.kernel.services import Services


async def read_file(services: Services, found: File) -> bytes:
    """Return the content of a file, at most 25 MB, for a mail or alike. Raises NoSuchObject and StorageAway."""
    return await services.storage.read(found.key, MOST_BYTES)


def link_of(
    services: Services, found: File, lifetime: timedelta = FOR_TEAM, *, kind: Kind = "content"
) -> str:
    """Return an absolute link to a file or its thumbnail that works for `lifetime` at least, for whoever has it."""
    name = found.name if kind == "content" else ""
    return file_links(services).to(found.project_id, found.id, kind=kind, lifetime=lifetime, name=name)
