"""The sources that answer a question best, with what they say: as far as the caller may see them, and nothing else."""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from parley.conversations.quick_actions.queries import QuickAnswer, quick_answers
from parley.kernel.database.database import Database
from parley.kernel.http.authorization import Actor
from parley.knowledge.articles.queries import published_articles
from parley.knowledge.suggested_replies.queries.index import MOST_READ, candidates_with, word_counts
from parley.knowledge.suggested_replies.queries.past_answers import (
    PastTicket,
    public_messages,
    visible_past_tickets,
)
from parley.knowledge.suggested_replies.rules.answers import answer_of, first_question
from parley.knowledge.suggested_replies.rules.ranking import (
    Candidate,
    Ranked,
    SourceKind,
    looked_up,
    ranked,
    weights_of,
)
from parley.knowledge.suggested_replies.rules.words import stems_of, token_of, tokens_of

MOST_TOKENS = 24
"""So many words of a question are looked for, its first ones."""
MOST_SOURCES = 3
WORSE = 0.6
"""A source with less than this part of the best one's score is left out."""
LOOKED_AT, MOST_LOOKED_AT = 60, 600
"""How many ranked sources are checked at once, and in all, for whether the caller may see them."""
MOST_QUICK_ACTIONS, QUICK_ACTION_LENGTH = 300, 5_000
TITLE_LENGTH = 60


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A source with its text; `past` is the ticket that it was said on, `short_id` that of a quick action."""

    type: SourceKind
    id: UUID
    title: str
    text: str
    short_id: str = ""
    past: PastTicket | None = None


async def best_sources(
    database: Database, actor: Actor, question: str, *, is_for_model: bool, without: UUID | None = None
) -> list[Source]:
    """Return at most three sources, the best one first, and never the ticket `without`.

    What `is_for_model` leaves the machine: only articles and quick actions of the team, which are written for customers.
    """
    project_id = actor.project_id
    tokens = tokens_of(project_id, stems_of(question), MOST_TOKENS)
    if not tokens:
        return []
    counts = await word_counts(database, project_id, tokens)
    prepared = await quick_answers(
        database, actor, with_own=not is_for_model, most=MOST_QUICK_ACTIONS, length=QUICK_ACTION_LENGTH
    )
    quick = [_quick_candidate(project_id, one) for one in prepared]
    by_token = Counter(counts.by_token)
    for one in quick:
        by_token.update(one.tokens.union(one.answer_tokens).intersection(tokens))
    rarest = looked_up(tokens, counts.by_token, MOST_READ)
    found = await candidates_with(database, project_id, rarest, with_tickets=not is_for_model)
    weights = weights_of(tokens, by_token, counts.n_sources + len(quick))
    others = (one for one in found if one.id != without)
    order = ranked(weights, by_token, [*quick, *others])
    return await _visible(database, actor, order, {one.id: one for one in prepared})


def _quick_candidate(project_id: int, answer: QuickAnswer) -> Candidate:
    named, said = stems_of(f"{answer.name} {answer.description}"), stems_of(answer.content)
    return Candidate(
        kind="quick_action",
        id=answer.id,
        tokens=frozenset(_tokens(project_id, named)),
        answer_tokens=frozenset(_tokens(project_id, said)).difference(_tokens(project_id, named)),
    )


def _tokens(project_id: int, stems: Iterable[str]) -> Iterable[str]:
    return (token_of(project_id, stem) for stem in stems)


async def _visible(
    database: Database, actor: Actor, order: Sequence[Ranked], quick: dict[UUID, QuickAnswer]
) -> list[Source]:
    """Return the first of the sources that the caller may see and that still say something."""
    sources: list[Source] = []
    least = 0.0
    for start in range(0, min(len(order), MOST_LOOKED_AT), LOOKED_AT):
        some = order[start : start + LOOKED_AT]
        ids = {
            kind: [one.candidate.id for one in some if one.candidate.kind == kind]
            for kind in ("ticket", "article")
        }
        tickets = await visible_past_tickets(database, actor, ids["ticket"])
        articles = await published_articles(database, actor.project_id, ids["article"])
        for one in some:
            if one.score < least or len(sources) == MOST_SOURCES:
                return sources
            id = one.candidate.id
            source: Source | None = None
            if id in quick:
                source = _quick_source(quick[id])
            elif id in articles:
                article = articles[id]
                source = Source(type="article", id=id, title=article.title, text=article.content)
            elif id in tickets:
                source = await _past_source(database, actor.project_id, tickets[id])
            if source is not None and not any(_says_the_same(source, other) for other in sources):
                least = least or WORSE * one.score
                sources.append(source)
    return sources


def _says_the_same(one: Source, other: Source) -> bool:
    """Return whether one is no further source: the same words were answered before."""
    about = one.title.partition(" ")[2], other.title.partition(" ")[2]
    is_past = one.past is not None and other.past is not None
    return one.text == other.text or (is_past and about[0] == about[1] != "")


def _quick_source(answer: QuickAnswer) -> Source:
    return Source(
        type="quick_action", id=answer.id, title=answer.name, text=answer.content, short_id=answer.short_id
    )


async def _past_source(database: Database, project_id: int, past: PastTicket) -> Source | None:
    messages = await public_messages(database, project_id, past.id)
    answer = answer_of(messages)
    if answer is None:
        return None
    about = " ".join(first_question(past.email_subject, messages).split())
    if len(about) > TITLE_LENGTH:
        about = about[:TITLE_LENGTH].rstrip() + "…"
    return Source(
        type="ticket", id=past.id, title=f"#{past.number} {about}".strip(), text=answer.content, past=past
    )
