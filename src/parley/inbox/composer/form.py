"""The form in which an agent writes, as it is shown and as it is sent."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil

import msgspec
from markupsafe import Markup

from parley.conversations.drafts.queries import first_draft_of
from parley.conversations.files.forms import FormWithFiles
from parley.conversations.files.schemas import PickedFiles
from parley.conversations.held_replies.queries import latest_held
from parley.conversations.held_replies.schemas import HeldReply
from parley.conversations.messages.rich_text import appended, readable
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_api.ticket_actions import NOTHING, stored_actions
from parley.email.reply_routes.queries import shown_route
from parley.email.reply_routes.schemas import ReplyRouteOut
from parley.inbox.composer.changes import ActionsView, actions_of_form, actions_view
from parley.inbox.composer.menu import MenuGroup
from parley.inbox.ticket_rows.customers import name_of
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services
from parley.kernel.text.iso_moments import utc_moment_of
from parley.kernel.text.rich_content import html_of_text, page_html_of_rich
from parley.knowledge.suggested_replies.schemas import SuggestionSource


class ReplyForm(FormWithFiles, kw_only=True):
    """A reply or a private note; `then` may name a status for afterwards, `key` is that of the form.

    `rich_content` is the document of the editor as JSON, and empty where there was no editor. `edits` names the note that
    is changed, where none is written. `draft_at` is when the draft was kept that the form shows, and `read_until` when the
    last message was written that whoever fills it has seen, both as ISO 8601, or empty. `actions` is JSON: what is set on
    the ticket with it. `as_is` says that placeholders may stay, and `insert` names an option of the menu.
    """

    content: str = ""
    rich_content: str = ""
    kind: str = "reply"
    then: str = ""
    key: str = ""
    edits: str = ""
    draft_at: str = ""
    read_until: str = ""
    actions: str = ""
    as_is: str = ""
    insert: str = ""


class HeldView(msgspec.Struct, frozen=True):
    """A reply that is not sent yet, how it reads, and for how many more seconds it can be taken back."""

    id: str
    seconds: int
    html: Markup
    n_files: int


class Composer(msgspec.Struct, frozen=True, kw_only=True):
    """The form to write in; `kind` is reply or note. Each form has a `key`, so that it is sent once.

    `way` says how a reply goes out, or why it doesn't (`goes_out`), `is_test` that it is only kept, and `sources` are what
    a suggested text comes from.
    `rich_content` is the document of the editor as JSON, where `content` is only its text. At `draft_url` the script keeps
    what is written, with files that it has stored at `uploads_url`; what it can't keep there waits in the tab for
    `writer_id` alone. `draft_at` says when the draft was kept that is shown. `edits` is the id of the note that is being
    changed, and `held` the last reply of the caller's that can be taken back. `actions` are set on the ticket when it is
    sent. `unfilled` are placeholders for which it was not sent. `menu` is there where it was asked for without script.
    """

    number: int
    query: str
    name: str
    way: str
    goes_out: bool
    is_test: bool = False
    kind: str = "reply"
    content: str = ""
    rich_content: str = ""
    draft_at: datetime | None = None
    read_until: str = ""
    draft_url: str = ""
    uploads_url: str = ""
    writer_id: int | None = None
    edits: str = ""
    held: HeldView | None = None
    problem: str | None = None
    notice: str | None = None
    sources: Sequence[SuggestionSource] = ()
    files: PickedFiles = PickedFiles()
    actions: ActionsView | None = None
    unfilled: Sequence[str] = ()
    menu: Sequence[MenuGroup] | None = None
    key: str = msgspec.field(default_factory=lambda: str(new_uuid()))


class ComposerPart(msgspec.Struct, frozen=True):
    """Context of `composer/_composer.html` by itself."""

    composer: Composer


async def empty_composer(
    services: Services, actor: Actor, ticket: TicketOut, query: str, kind: str = "reply"
) -> Composer:
    """Return the form to write in, with nothing in it."""
    route = await way_of(services, actor, ticket)
    return Composer(
        number=ticket.ticket_number,
        query=query,
        name=name_of(ticket),
        draft_url=f"/api/projects/{actor.project_id}/conversations/tickets/{ticket.id}/draft/",
        uploads_url=f"/api/projects/{actor.project_id}/conversations/files/",
        writer_id=actor.user_id,
        way=route.description,
        goes_out=route.kind != "none",
        is_test=route.is_test,
        read_until=(ticket.last_message_at or ticket.created_at).isoformat(),
        kind=kind,
    )


async def drafted_composer(services: Services, actor: Actor, ticket: TicketOut, query: str) -> Composer:
    """Return the form to write in, with the caller's draft: of the ticket, or of the one that was merged into it."""
    empty = await empty_composer(services, actor, ticket, query)
    ids = [ticket.id, *([ticket.merged_from.id] if ticket.merged_from else ())]
    draft = await first_draft_of(services.database, actor, ids)
    held = await latest_held(services.database, actor, ticket.id)
    if held is not None:
        empty = msgspec.structs.replace(empty, held=held_view(services, held))
    if draft is None:
        return empty
    return msgspec.structs.replace(
        empty,
        kind="note" if draft.is_private else "reply",
        content=draft.message,
        rich_content=readable(draft.rich_content),
        draft_at=draft.updated_at,
        files=PickedFiles(stored=draft.files),
        actions=await actions_view(services, actor, stored_actions(draft.actions)),
    )


async def given_composer(services: Services, actor: Actor, empty: Composer, form: ReplyForm) -> Composer:
    """Return the form to write in with what was in it when it was sent, what is set with it only where that can be read."""
    try:
        actions = actions_of_form(form.actions)
    except Invalid:
        actions = NOTHING
    return msgspec.structs.replace(
        empty,
        content=form.content,
        rich_content=form.rich_content,
        draft_at=utc_moment_of(form.draft_at),
        read_until=form.read_until or empty.read_until,
        edits=form.edits,
        files=PickedFiles(stored=form.files),
        actions=await actions_view(services, actor, actions),
        key=form.key or str(new_uuid()),
    )


def with_text(composer: Composer, text: str) -> Composer:
    """Return the form with a text below what is in it already."""
    content = "\n\n".join(one for one in (composer.content.rstrip(), text) if one)
    rich = appended(composer.rich_content, text)
    return msgspec.structs.replace(composer, content=content, rich_content=rich)


def held_view(services: Services, held: HeldReply) -> HeldView:
    """Say for how long a held reply still waits."""
    left = (held.send_at - services.clock.now()).total_seconds()
    html = page_html_of_rich(held.rich_content) or Markup(html_of_text(held.content))  # noqa: S704 - it escapes
    return HeldView(str(held.id), max(0, ceil(left)), html, len(held.file_ids))


async def way_of(services: Services, actor: Actor, ticket: TicketOut) -> ReplyRouteOut:
    """Say how a public answer to a ticket would reach its customer."""
    # Who opens a merged ticket's number answers on the ticket that it is part of.
    shown = msgspec.structs.replace(ticket, merged_from=None)
    async with services.database.transaction(write=False) as db:
        return await shown_route(db, actor.project, shown)
