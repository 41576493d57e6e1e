"""A suggested reply as the form takes it: with the formatting of the article that it comes from."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.conversations.messages.rich_text import Written, paragraphs_of, written
from parley.inbox.composer.markdown import document_of
from parley.inbox.composer.placeholders import filled
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.knowledge.articles.plain_text import Section, sections_of
from parley.knowledge.articles.queries import article_by_key
from parley.knowledge.suggested_replies.schemas import SuggestionOut, SuggestionSource

NOTHING = "Nothing that your team has answered or written before fits."


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """A suggestion as the script takes it; where there is none, `notice` says so."""

    content: str = ""
    rich_content: dict[str, Any] | None = None
    sources: Sequence[SuggestionSource] = ()
    notice: str = ""


async def suggested(
    services: Services, actor: Actor, found: SuggestionOut, values: Mapping[str, str]
) -> Suggested:
    """Return a suggestion for the script. It may be the text of a quick action, whose placeholders have `values`."""
    if not found.suggestion:
        return Suggested(notice=NOTHING)
    said = await _said(services, actor, found) or Written(filled(found.suggestion, values))
    return Suggested(content=said.content, rich_content=said.rich_content, sources=found.sources)


async def _said(services: Services, actor: Actor, found: SuggestionOut) -> Written | None:
    """Return what the article says with its formatting; None where the suggestion isn't its text."""
    source = found.sources[0] if found.sources else None
    if source is None or source.type != "article":
        return None
    try:
        async with services.database.transaction(write=False) as db:
            article = await article_by_key(db, actor, source.id)
    except NotFound:
        return None
    # The time grows with the length.
    return await asyncio.to_thread(_formatted, article.content, found.suggestion)


def _formatted(article: str, suggestion: str) -> Written | None:
    section = next((one for one in sections_of(article) if suggestion.endswith(one.text)), None)
    return _with_greeting(section, suggestion.removesuffix(section.text)) if section else None


def _with_greeting(section: Section, greeting: str) -> Written | None:
    document = document_of(section.markdown)
    content = [*paragraphs_of(greeting.strip()), *document["content"]]
    try:
        return written("", msgspec.json.encode({**document, "content": content}).decode())
    except Invalid:  # too long or too deep with its formatting
        return None
