"""Everything that is known of one person, as one JSON text."""

from collections.abc import AsyncIterator, Mapping
from tempfile import TemporaryFile
from typing import IO, Any

import msgspec

from parley.administration.privacy.actions.log import log
from parley.administration.privacy.queries.data_subject import DataSubject, data_subject_of
from parley.administration.privacy.queries.export import Pages, exported_lists
from parley.administration.privacy.queries.other_tickets import data_on_other_tickets
from parley.administration.privacy.rules import SubjectReference
from parley.administration.privacy.schemas import FoundBy
from parley.conversations.files.attachments import file_links
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.json_response import ENCODER
from parley.kernel.services import Services

UNKNOWN = "Nothing is known about this person."
PIECE = 65_536


class Export(msgspec.Struct, frozen=True):
    """A finished export; `pieces` can be read once, and then nothing of it is left."""

    size: int
    pieces: AsyncIterator[bytes]


async def export_person(
    services: Services, actor: Actor, reference: SubjectReference, *, is_confirmed: bool
) -> Export:
    """Return everything that is known of a person at this moment, and log that it was given out; raises NotFound.

    It is put into a file without a name first. So the database isn't kept waiting by a slow reader, whatever goes
    wrong is answered before anything is sent, and no more than a page of it is in memory.
    """
    file = TemporaryFile(dir=services.settings.data_dir)  # noqa: SIM115  # it outlives this function
    try:
        async with services.database.snapshot() as db:
            subject = await data_subject_of(db, actor.project_id, reference, is_confirmed=is_confirmed)
            elsewhere = await data_on_other_tickets(db, actor.project_id, subject)
            file.write(_head(services, actor, subject))
            n_items = await _write(
                file, exported_lists(db, actor.project_id, subject, elsewhere, file_links(services))
            )
        if not n_items and not subject.left_out:
            raise NotFound(UNKNOWN)
        async with services.database.transaction() as db:
            await log(db, services, actor, subject, "exported")
        return Export(file.tell(), _pieces(file))
    except BaseException:
        file.close()
        raise


def _head(services: Services, actor: Actor, subject: DataSubject) -> bytes:
    """Return the first members of the object, without the brace that ends it."""
    found_by = FoundBy(
        person_ids=[str(id) for id in subject.persons],
        distinct_ids=subject.distinct_ids,
        email_addresses=subject.emails,
    )
    head = {
        "exported_at": services.clock.now(),
        "project_id": actor.project_id,
        "asked_for": {subject.reference.kind: subject.reference.text},
        "found_by": found_by,
        "left_out": subject.left_out,
    }
    return ENCODER.encode(head)[:-1]


async def _write(file: IO[bytes], lists: Mapping[str, Pages]) -> int:
    """Write the lists, one item to a line; return how many items they have."""
    n_items = 0
    for name, pages in lists.items():
        file.write(b",\n" + ENCODER.encode(name) + b":[")
        separator = b"\n"
        async for page in pages:
            for item in page:
                file.write(separator + ENCODER.encode(item))
                separator = b",\n"
            n_items += len(page)
        file.write(b"]")
    file.write(b"}\n")
    return n_items


async def _pieces(file: IO[Any]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
