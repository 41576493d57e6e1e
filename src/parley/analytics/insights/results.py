"""What comes of a query, and for whom it is."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from parley.accounts.access_levels.queries.levels import default_level
from parley.analytics.event_tables.queries import sees_persons
from parley.analytics.insights.queries.results import KeptResult, StoredRun
from parley.analytics.insights.rules.freshness import FRESH, FRESH_BY_HOUR, GIVEN_UP_AFTER, RUNS_KEPT_FOR
from parley.analytics.insights.schemas import QueryStatus
from parley.analytics.query_schema.kinds import EventsQuery, Query
from parley.analytics.query_schema.personal import check_sees_persons
from parley.analytics.query_schema.reading import normal, read_query
from parley.kernel.http.authorization import Actor, Project
from parley.kernel.text.json_text import read_json

FORM = b"1"
"""Goes into each digest; another one is another result for the same question."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A query with what its answer depends on: the project with its time zone and, for rows of events, who asks.

    Without an actor it is for anybody to whom the answer is shown: by a link or a letter.
    """

    project: Project
    query: Query
    digest: str
    actor: Actor | None = None

    @property
    def kind(self) -> str:
        """What it is by PostHog's name, such as TrendsQuery."""
        return type(self.query).__name__

    @property
    def is_personal(self) -> bool:
        """Say whether the answer depends on who asks; such a one is never computed after the request."""
        return isinstance(self.query, EventsQuery)

    @property
    def fresh_for(self) -> timedelta:
        """How long its answer holds."""
        is_quick = isinstance(self.query, EventsQuery) or getattr(self.query, "interval", None) == "hour"
        return FRESH_BY_HOUR if is_quick else FRESH


class InsightResult(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a query; `results` is JSON, None where nothing is kept and nobody waits.

    With `is_left_out` there is an answer, which has no room beside the others that are shown with it.
    `query_status` is there where it is computed while nobody waits.
    """

    results: msgspec.Raw | None
    digest: str
    columns: Sequence[str] | None = None
    types: Any = None
    has_more: bool | None = None
    timezone: str | None = None
    resolved_date_range: Any = None
    last_refresh: datetime | None = None
    cache_target_age: datetime | None = None
    is_cached: bool = False
    is_left_out: bool = False
    query_status: QueryStatus | None = None

    @property
    def rows(self) -> Any:
        """The results as Python has them; an empty list where there are none."""
        return [] if self.results is None else read_json(self.results)


def asked_of(raw: Any, project: Project, actor: Actor | None) -> Asked:
    """Read a query; raises Invalid with the place of what is wrong, and PermissionDenied where it says who persons are."""
    query = read_query(raw)
    if actor is not None:
        check_sees_persons(actor, query)
    parts = [FORM, project.timezone.encode(), type(query).__name__.encode(), normal(query)]
    if isinstance(query, EventsQuery):
        parts.append(_seen_by(actor))
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()
    return Asked(project=project, query=query, digest=digest, actor=actor)


def _seen_by(actor: Actor | None) -> bytes:
    """Return what says what somebody sees of rows of events: those about tickets depend on scopes and levels."""
    of_persons = b"persons" if sees_persons(actor) else b""
    if actor is None or not actor.principal.has("ticket:read"):
        return of_persons
    return of_persons + msgspec.json.encode(
        [actor.user_id, default_level(actor), actor.rights], order="sorted"
    )


def result_of(
    asked: Asked, kept: KeptResult | None, *, is_cached: bool, is_left_out: bool = False
) -> InsightResult:
    """Return what is kept as an answer."""
    if is_left_out or kept is None or kept.results is None or kept.computed_at is None:
        return InsightResult(results=None, digest=asked.digest, is_left_out=is_left_out)
    return InsightResult(
        results=msgspec.Raw(kept.results.encode()),
        digest=asked.digest,
        **(kept.facts or {}),
        last_refresh=kept.computed_at,
        cache_target_age=kept.computed_at + asked.fresh_for,
        is_cached=is_cached,
    )


def status_of(run: StoredRun, answer: Any, now: datetime) -> QueryStatus:
    """Return how far a query is that nobody waits for; one that was given up has failed."""
    is_lost = run.ended_at is None and now - run.started_at > GIVEN_UP_AFTER
    failure = {"detail": "The query was given up. Ask again."} if is_lost else run.failure
    return QueryStatus(
        id=str(run.id),
        team_id=run.project_id,
        complete=run.ended_at is not None or is_lost,
        error=failure is not None,
        error_message=None if failure is None else str(failure["detail"]),
        insight_id=run.insight_id,
        start_time=run.started_at,
        end_time=run.ended_at,
        expiration_time=run.started_at + RUNS_KEPT_FOR,
        results=answer,
    )
