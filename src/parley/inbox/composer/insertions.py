"""What a choice of the menu puts into the form: the text of a quick action or an article, made ready for one ticket."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from parley.conversations.messages.rich_text import Written, readable, written
from parley.conversations.quick_actions.queries import quick_action_by_short_id
from parley.conversations.quick_actions.schemas import QuickActionOut
from parley.conversations.ticket_api.ticket_actions import (
    NOTHING,
    TicketActions,
    stored_actions,
    together,
)
from parley.inbox.composer.changes import actions_of_form, actions_view
from parley.inbox.composer.markdown import document_of
from parley.inbox.composer.placeholders import filled, filled_document, unfilled
from parley.inbox.composer.queries import assignee_name
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.json_text import read_json
from parley.kernel.text.rich_content import text_of_rich
from parley.knowledge.articles.plain_text import sections_of
from parley.knowledge.articles.queries import article_by_key

ASSIGNEE_GONE = "Whom it assigns has left, so nobody is assigned."
GONE = "It is gone, or it isn't published any more. Please choose another one."


class Insertion(msgspec.Struct, frozen=True, kw_only=True):
    """A text to be put into the form, and what its quick action sets on the ticket."""

    name: str
    said: Written
    actions: TicketActions = NOTHING
    is_assignee_gone: bool = False  # whom it would assign has left the organization

    @property
    def notice(self) -> str:
        """What whoever inserts it should know; empty for nothing."""
        left = unfilled(self.said.content)
        told = [f"Not filled in yet: {', '.join(left)}."] if left else []
        return " ".join([*told, *([ASSIGNEE_GONE] if self.is_assignee_gone else [])])

    @property
    def only_changes(self) -> bool:
        """Say whether there is nothing to send, so that the changes are made at once."""
        return not self.said.content and self.actions != NOTHING


class Inserted(msgspec.Struct, frozen=True, kw_only=True):
    """An insertion as the script takes it. `actions` are JSON, together with those of the form, and `words` say them.

    `only_changes` says that there is nothing to send: the form asks for the changes at once.
    """

    content: str
    rich_content: dict[str, Any] | None
    actions: str
    words: str
    notice: str
    only_changes: bool


async def inserted(services: Services, actor: Actor, insertion: Insertion, actions: str) -> Inserted:
    """Return an insertion for the script, whose form sets `actions` already; raises Invalid for what is none."""
    view = await actions_view(services, actor, together(actions_of_form(actions), insertion.actions))
    return Inserted(
        content=insertion.said.content,
        rich_content=insertion.said.rich_content,
        actions=view.value if view else "",
        words=view.words if view else "",
        notice=insertion.notice,
        only_changes=insertion.only_changes,
    )


async def insertion_of(services: Services, actor: Actor, values: Mapping[str, str], value: str) -> Insertion:
    """Return what an option of the menu puts into the form, filled with `values`.

    Raises NotFound for what is gone or hidden.
    """
    kind, _, key = value.partition(":")
    if not key or "\x00" in key:
        raise NotFound(GONE)
    try:
        if kind == "quick_action":
            async with services.database.transaction(write=False) as db:
                found = await quick_action_by_short_id(db, actor, key)
            said = _said(found, values)
            return await _still_there(
                services, actor, Insertion(name=found.name, said=said, actions=stored_actions(found.actions))
            )
        if kind == "article":
            return await _article(services, actor, key)
    except NotFound as error:
        raise NotFound(GONE) from error
    raise NotFound(GONE)


async def _still_there(services: Services, actor: Actor, insertion: Insertion) -> Insertion:
    """Leave out an assignee who has left: nothing could be kept or sent with them."""
    chosen = insertion.actions.assignee
    organization_id = actor.project.organization_id
    if chosen is None or await assignee_name(services.database, organization_id, chosen) is not None:
        return insertion
    actions = msgspec.structs.replace(insertion.actions, assignee=None)
    return msgspec.structs.replace(insertion, actions=actions, is_assignee_gone=True)


def _said(found: QuickActionOut, values: Mapping[str, str]) -> Written:
    document = readable(found.rich_content)
    if document:
        made = filled_document(read_json(document), values)
        return written("", msgspec.json.encode(made).decode())
    return Written(filled(found.content.strip() or _text_of(found.rich_content), values))


def _text_of(rich_content: Any) -> str:
    """Return the words of a document that the editor doesn't know."""
    return text_of_rich(rich_content) if rich_content else ""


async def _article(services: Services, actor: Actor, key: str) -> Insertion:
    async with services.database.transaction(write=False) as db:
        found = await article_by_key(db, actor, key)
    if found.state != "published":
        raise NotFound(GONE)
    # The time grows with the length.
    return Insertion(name=found.title, said=await asyncio.to_thread(_words_of, found.content))


def _words_of(markdown: str) -> Written:
    try:
        return written("", msgspec.json.encode(document_of(markdown)).decode())
    except Invalid:  # too long or too deep with its formatting
        texts = [text for one in sections_of(markdown) for text in (one.heading, one.text) if text]
        return Written("\n\n".join(texts))
