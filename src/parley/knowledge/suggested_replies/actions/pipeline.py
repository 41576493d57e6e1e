"""A suggestion by a model: classify, look for help texts, write, check; at most three drafts, the last of which is returned.

Each read of the database is over before the model is asked, so a slow model holds no connection.
"""

import asyncio
from collections.abc import Sequence

from parley.conversations.ticket_api.schemas import TicketOut
from parley.kernel.config.values import LanguageModel
from parley.kernel.errors import PlainError
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_token
from parley.kernel.network.outbound import Outbound, Session
from parley.kernel.services import Services
from parley.knowledge.articles.plain_text import sections_of
from parley.knowledge.suggested_replies.actions.local import customer_name, plain, shown_source
from parley.knowledge.suggested_replies.actions.model import ModelFailed, ModelTimeout, completion
from parley.knowledge.suggested_replies.queries.conversation import SaidMessage
from parley.knowledge.suggested_replies.queries.session_events import session_events
from parley.knowledge.suggested_replies.queries.sources import Source, best_sources
from parley.knowledge.suggested_replies.rules.answers import open_question
from parley.knowledge.suggested_replies.rules.prompts import (
    DECLINED,
    Classification,
    Context,
    Unusable,
    Verdict,
    classification_prompt,
    conversation_text,
    problem_of,
    read_classification,
    read_draft,
    read_verdict,
    reply_prompt,
    verdict_prompt,
    without_foreign_links,
)
from parley.knowledge.suggested_replies.schemas import SuggestionOut

MOST_DRAFTS = 3
WHOLE_S = 55.0
"""How long all calls for one suggestion may take."""
FAILED = "Failed to generate suggestion. Please try again."
TIMED_OUT = "The suggestion timed out. Please try again."


async def model_suggestion(
    services: Services, actor: Actor, model: LanguageModel, ticket: TicketOut, messages: Sequence[SaidMessage]
) -> SuggestionOut:
    """Return a model's draft; raises PlainError (500) with an `error_type` where the model fails."""
    # The operator has named the host, so it may be private; whoever answers there is trusted with the conversation.
    allowed = services.settings.allowed_hosts_out | {(model.host, model.port)}
    try:
        async with asyncio.timeout(WHOLE_S), Outbound(allowed).session() as session:
            return await _Pipeline(services, actor, model, session).run(ticket, messages)
    except (TimeoutError, ModelTimeout) as error:
        raise PlainError(500, {"detail": TIMED_OUT, "error_type": "timeout"}) from error
    except Unusable as error:
        raise PlainError(500, {"detail": FAILED, "error_type": "validation_error"}) from error
    except ModelFailed as error:
        raise PlainError(500, {"detail": FAILED, "error_type": "unknown_error"}) from error


class _Pipeline:
    def __init__(self, services: Services, actor: Actor, model: LanguageModel, session: Session) -> None:
        self._services = services
        self._actor = actor
        self._model = model
        self._session = session

    async def run(self, ticket: TicketOut, messages: Sequence[SaidMessage]) -> SuggestionOut:
        page_url = plain(ticket.session_context).get("current_url")
        asked = Context(
            key=new_token(),
            conversation=conversation_text(messages),
            page_url=page_url if isinstance(page_url, str) else None,
        )
        classified = read_classification(await self._answer(classification_prompt(asked)))
        if not classified.safe:
            return SuggestionOut(suggestion=DECLINED, sources=[])
        sources = await self._sources(classified, ticket, messages)
        context = await self._context(asked, classified, ticket, sources)
        draft = await self._draft(context)
        site_url, project_id = self._services.settings.site_url, self._actor.project_id
        return SuggestionOut(
            suggestion=draft, sources=[shown_source(source, site_url, project_id) for source in sources]
        )

    async def _answer(self, prompt: Sequence[dict[str, str]]) -> str:
        return await completion(self._session, self._model, prompt)

    async def _sources(
        self, classified: Classification, ticket: TicketOut, messages: Sequence[SaidMessage]
    ) -> list[Source]:
        """Return what the team has written for everybody. Other tickets are not among it: they would leave the machine."""
        question = f"{classified.query[:500]}\n{open_question(ticket.email_subject, messages)}"
        return await best_sources(self._services.database, self._actor, question, is_for_model=True)

    async def _context(
        self, asked: Context, classified: Classification, ticket: TicketOut, sources: Sequence[Source]
    ) -> Context:
        events: list[str] = []
        if classified.kind == "problem" and ticket.session_id:
            events = await session_events(
                self._services.database,
                self._actor.project_id,
                ticket.distinct_id,
                ticket.session_id,
                ticket.created_at,
            )
        return Context(
            key=asked.key,
            conversation=asked.conversation,
            page_url=asked.page_url,
            name=customer_name(ticket),
            help=[(source.title, await asyncio.to_thread(_plain_text, source)) for source in sources],
            events=events,
        )

    async def _draft(self, context: Context) -> str:
        """Return a draft that passes the checks, or else the last of three; raises Unusable when there is none."""
        draft: str | None = None
        problem: str | None = None
        for _ in range(MOST_DRAFTS):
            try:
                draft = read_draft(await self._answer(reply_prompt(context, problem)))
            except Unusable:
                problem = "It was empty."
                continue
            problem = problem_of(draft, context) or await self._objection(context, draft)
            if problem is None:
                break
        if draft is None:
            raise Unusable
        return without_foreign_links(draft, context)

    async def _objection(self, context: Context, draft: str) -> str | None:
        try:
            verdict: Verdict = read_verdict(await self._answer(verdict_prompt(context, draft)))
        except Unusable:
            return "It could not be checked."
        return None if verdict.ok else verdict.problem or "It does not answer the customer."


def _plain_text(source: Source) -> str:
    if source.type != "article":
        return source.text
    return "\n\n".join(f"{one.heading}\n{one.text}".strip() for one in sections_of(source.text))
