"""From a few typed words to what they may mean: the first conversations, persons and articles that have them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from parley.conversations.messages.queries.found import FoundMessage, found_messages
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_list.queries.lists import list_page, requested_list
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.customers import Channel, channel_of, name_of, subject_of
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.services import Services
from parley.kernel.text.excerpts import MarkedText, excerpt, marked
from parley.kernel.text.forms import storable
from parley.kernel.text.search_terms import MAX_SEARCH, parts_of
from parley.knowledge.articles.plain_text import sections_of
from parley.knowledge.articles.queries import ArticleFilters, article_page
from parley.knowledge.articles.schemas import ArticleOut
from parley.people.persons.queries.shown import persons_beginning
from parley.people.persons.rules.names import visitor_name
from parley.people.persons.schemas import PersonOut

N_TICKETS, N_PERSONS, N_ARTICLES = 6, 4, 4
OF_NAME, OF_EXCERPT = 70, 110
LOOKED_AT = 20_000
"""So much of an article is read as Markdown while somebody types."""
SHORTEST = 2
"""A search of one letter would find everything; a number has its sign."""


class TicketSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that has the words; `text` is where they stand."""

    number: int
    path: str
    name: Sequence[MarkedText]
    subject: Sequence[MarkedText]
    text: Sequence[MarkedText]
    is_note: bool
    channel: Channel
    status: str
    at: datetime


class PersonSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A person whose name or address begins so; `path` leads to their conversations."""

    path: str
    name: str
    shown_name: Sequence[MarkedText]
    address: Sequence[MarkedText]


class ArticleSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """An article that has the words."""

    path: str
    title: Sequence[MarkedText]
    text: Sequence[MarkedText]
    is_draft: bool


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `search_suggestions/_suggestions.html`; `all_path` is the list that the search shows."""

    search: str
    all_path: str
    tickets: Sequence[TicketSuggestion] = ()
    persons: Sequence[PersonSuggestion] = ()
    articles: Sequence[ArticleSuggestion] = ()


async def suggestions_for(services: Services, actor: Actor, text: str) -> Suggestions:
    """Return what the API's searches find first; nothing for less than two letters."""
    search = storable(text).strip()[:MAX_SEARCH]
    address = ListAddress(search=search)
    if len(search) < SHORTEST:
        return Suggestions(search="", all_path="/inbox")
    parts = parts_of(search)
    asked = await requested_list(services, actor, {"search": search}, PageRequest(limit=N_TICKETS))
    tickets = (await list_page(services, actor, asked)).tickets
    ids, longest = [one.id for one in tickets], max(parts, key=len, default="")
    messages = await found_messages(services.database, actor.project_id, ids, longest)
    async with services.database.transaction(write=False) as db:
        persons = await persons_beginning(db, actor, search, N_PERSONS)
        filters = ArticleFilters(search=search)
        _, articles = await article_page(db, actor, filters, PageRequest(limit=N_ARTICLES))
    return Suggestions(
        search=search,
        all_path=f"/inbox{address.query}",
        tickets=[_ticket(one, parts, address, messages.get(one.id)) for one in tickets],
        persons=[_person(one, parts) for one in persons],
        articles=[_article(one, parts) for one in articles],
    )


def _ticket(
    ticket: TicketOut, parts: Sequence[str], address: ListAddress, message: FoundMessage | None
) -> TicketSuggestion:
    text = message.content if message else ticket.last_message_text or ""
    return TicketSuggestion(
        number=ticket.ticket_number,
        path=f"/inbox/{ticket.ticket_number}{address.query}",
        name=marked(name_of(ticket), parts, OF_NAME),
        subject=marked(subject_of(ticket) or "", parts, OF_NAME),
        text=excerpt(text, parts, OF_EXCERPT),
        is_note=message is not None and message.is_private,
        channel=channel_of(ticket),
        status=ticket.status,
        at=ticket.updated_at,
    )


def _person(person: PersonOut, parts: Sequence[str]) -> PersonSuggestion:
    told = [text if isinstance(text := person.properties.get(key), str) else "" for key in ("name", "email")]
    distinct_id = person.distinct_ids[0] if person.distinct_ids else ""
    name = told[0].strip() or told[1].strip() or visitor_name(distinct_id)
    return PersonSuggestion(
        path=f"/inbox{ListAddress(customer=distinct_id).query}",
        name=name,
        shown_name=marked(name, parts, OF_NAME),
        address=marked(told[1] if told[0].strip() else "", parts, OF_NAME),
    )


def _article(article: ArticleOut, parts: Sequence[str]) -> ArticleSuggestion:
    said = (f"{one.heading}\n{one.text}".strip() for one in sections_of(article.content[:LOOKED_AT]))
    return ArticleSuggestion(
        path=f"/settings/articles/{article.id}",
        title=marked(article.title, parts, OF_NAME),
        text=excerpt("\n".join(said), parts, OF_EXCERPT),
        is_draft=article.state == "draft",
    )
