"""A message as the thread shows it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from markupsafe import Markup

from parley.conversations.files.schemas import AttachmentOut
from parley.conversations.messages.schemas import MessageOut
from parley.email.outbound.sentences import DeliveryView
from parley.inbox.conversation_view.texts import TextPart, rich_text, shown_text
from parley.inbox.ticket_rows.names import shortened


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a ticket; `kind` is customer, team, note or assistant."""

    id: str
    kind: str
    author: str
    address: str | None  # of the author
    text: Sequence[TextPart]
    rich: Markup  # the same with its formatting, where it has some
    has_whole_mail: bool  # the mail says more than is shown
    files: Sequence[AttachmentOut]  # that don't stand in the text
    at: datetime
    is_edited: bool
    is_own_note: bool  # whoever looks may edit and delete it
    merged_from: str  # the ticket, merged into this one, that it was written to, perhaps by another customer
    deliveries: Sequence[DeliveryView] = ()

    @property
    def writer(self) -> tuple[str, str, str | None, str]:
        """What two messages of one author have in common: a name alone could be that of two customers."""
        return self.kind, self.author, self.address, self.merged_from


def message_view(
    message: MessageOut, deliveries: Sequence[DeliveryView] = (), reader: str | None = None
) -> MessageView:
    """Make what the page shows of a message, with what became of the mails that it is in, to whoever has an address."""
    if message.is_private:
        kind = "note"
    elif message.author_type == "customer":
        kind = "customer"
    else:
        kind = "assistant" if message.author_type == "AI" else "team"
    shown, rich = shown_text(message.content, message.attachments), rich_text(message.rich_content)
    return MessageView(
        id=str(message.id),
        kind=kind,
        author=shortened(message.author_name, 80),
        address=message.author_email,
        text=shown.parts,
        rich=rich,
        has_whole_mail=message.has_full_email_content,
        files=message.attachments if rich else shown.other_files,
        at=message.created_at,
        is_edited=message.version > 0,
        is_own_note=message.message_type == "internal_note" and message.author_email == reader is not None,
        merged_from=str(message.via_ticket_id) if isinstance(message.via_ticket_id, UUID) else "",
        deliveries=deliveries,
    )
