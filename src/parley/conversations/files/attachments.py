"""What a message says of its files."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from parley.conversations.files.rules.links import FOR_TEAM, FileLinks
from parley.conversations.files.schemas import Attachment, AttachmentOut, File, FileOut
from parley.conversations.tickets.rules.comments import ATTACHMENTS_KEY
from parley.kernel.services import Services


def file_links(services: Services) -> FileLinks:
    """Return what makes and checks links of this server."""
    return FileLinks(services.vault, services.clock, services.settings.site_url)


def page_links(services: Services) -> FileLinks:
    """Return what makes links for a page of this server, under whichever name it is reached."""
    return FileLinks(services.vault, services.clock, "")


def attachments_in(context: Mapping[str, Any]) -> list[Attachment]:
    """Return the files that a message's context names."""
    return msgspec.convert(context.get(ATTACHMENTS_KEY) or [], list[Attachment])


def with_links(
    attachments: list[Attachment], project_id: int, links: FileLinks, lifetime: timedelta = FOR_TEAM
) -> list[AttachmentOut]:
    """Return files with links to their content, for somebody who may see their message."""
    return [
        AttachmentOut(
            id=one.id,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            url=links.to(project_id, one.id, lifetime=lifetime, name=one.name),
            thumbnail_url=links.to(project_id, one.id, kind="thumbnail", lifetime=lifetime)
            if one.has_thumbnail
            else None,
            is_inline=one.is_inline,
            placeholder=one.placeholder,
        )
        for one in attachments
    ]


def context_with_links(
    context: dict[str, Any], project_id: int, links: FileLinks, lifetime: timedelta = FOR_TEAM
) -> dict[str, Any]:
    """Return a message's context with links to its files; one without files as it is."""
    found = attachments_in(context)
    if not found:
        return context
    return {**context, ATTACHMENTS_KEY: with_links(found, project_id, links, lifetime)}


def shown_file(found: File, links: FileLinks) -> FileOut:
    """Return a file with links to its content, for somebody who may see it."""
    to = (found.project_id, found.id)
    return FileOut(
        id=found.id,
        name=found.name,
        content_type=found.content_type,
        size=found.size_bytes,
        url=links.to(*to, name=found.name) if found.stored_at else None,
        thumbnail_url=links.to(*to, kind="thumbnail") if found.has_thumbnail else None,
        is_inline=found.is_inline,
        sha256=found.sha256,
        comment_id=found.comment_id,
        created_at=found.created_at,
    )
