"""A suggestion without a model: the best of what the team has prepared, written down or answered before."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.conversations.participants.queries import participants_of
from parley.conversations.ticket_api.schemas import TicketOut
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.json_text import read_json
from parley.knowledge.articles.plain_text import sections_of
from parley.knowledge.suggested_replies.queries.conversation import SaidMessage
from parley.knowledge.suggested_replies.queries.past_answers import PastTicket
from parley.knowledge.suggested_replies.queries.sources import Source, best_sources
from parley.knowledge.suggested_replies.rules.adapting import (
    MAX_SUGGESTION,
    OtherCustomer,
    adapted,
    addressed,
    customer_of,
    first_name,
    greeted,
)
from parley.knowledge.suggested_replies.rules.answers import open_question
from parley.knowledge.suggested_replies.rules.words import stems_of
from parley.knowledge.suggested_replies.schemas import SuggestionOut, SuggestionSource
from parley.people.persons.queries.by_identifier import persons_by_distinct_ids

MOST_OF_ARTICLE = 1_500


async def local_suggestion(
    services: Services, actor: Actor, ticket: TicketOut, messages: Sequence[SaidMessage]
) -> SuggestionOut:
    """Return a draft made of the best source, and what else comes close; nothing where nothing is known."""
    question = open_question(ticket.email_subject, messages)
    sources = await best_sources(services.database, actor, question, is_for_model=False, without=ticket.id)
    if not sources:
        return SuggestionOut(suggestion="", sources=[])
    draft = await _draft(services, actor, sources[0], question, customer_name(ticket))
    return SuggestionOut(
        suggestion=draft[:MAX_SUGGESTION],
        sources=[shown_source(one, services.settings.site_url, actor.project_id) for one in sources],
    )


def customer_name(ticket: TicketOut) -> str | None:
    """Return the first name by which a ticket's customer is addressed, if one came with the ticket.

    The name that capture has for its distinct id may be another's: anybody can write under any.
    """
    return first_name(plain(ticket.anonymous_traits).get("name"))


def plain(value: Any) -> Mapping[str, Any]:
    """Return a JSON object that may still be text."""
    found = read_json(value) if isinstance(value, msgspec.Raw) else value
    return found if isinstance(found, dict) else {}


def shown_source(source: Source, site_url: str, project_id: int) -> SuggestionSource:
    """Return a source as the answer shows it."""
    links = {
        "ticket": f"/inbox/{source.past.number if source.past else ''}",
        "article": f"/settings/articles/{source.id}",
        "quick_action": f"/api/projects/{project_id}/conversations/quick_actions/{source.short_id}/",
    }
    return SuggestionSource(
        type=source.type, id=str(source.id), title=source.title, url=site_url + links[source.type]
    )


async def _draft(services: Services, actor: Actor, source: Source, question: str, name: str | None) -> str:
    if source.type == "quick_action":
        return greeted(source.text, name)
    if source.type == "article" or source.past is None:
        return addressed(await asyncio.to_thread(_best_section, source.text, question), name)
    past = source.past
    return adapted(source.text, await _known_of(services, actor.project_id, past), name)


async def _known_of(services: Services, project_id: int, past: PastTicket) -> OtherCustomer:
    """Return what identifies the customer of a past ticket and its participants."""
    async with services.database.transaction(write=False) as db:
        participants = await participants_of(db, project_id, past.id)
    ids = [past.distinct_id, *(one.distinct_id for one in participants if one.distinct_id)]
    persons = await persons_by_distinct_ids(services.database, project_id, ids)
    properties = [plain(person.properties) for person in persons.values()]
    named = [{"name": one.name} for one in participants if one.name]
    return customer_of(past.anonymous_traits, {"email": past.email_from}, *named, *properties)


def _best_section(content: str, question: str) -> str:
    """Return the section of an article that shares most words with a question, cut at the end of a paragraph."""
    asked = set(stems_of(question))
    sections = sections_of(content)
    best = max(
        sections,
        key=lambda one: (
            2 * len(asked.intersection(stems_of(one.heading))) + len(asked.intersection(stems_of(one.text)))
        ),
        default=None,
    )
    text = best.text if best is not None else ""
    if len(text) <= MOST_OF_ARTICLE:
        return text
    return text[:MOST_OF_ARTICLE].rsplit("\n\n", 1)[0].rsplit("\n", 1)[0]
