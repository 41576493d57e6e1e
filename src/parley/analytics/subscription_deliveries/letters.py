"""What a delivery sends: made once, kept in the storage, and the same for all recipients and attempts."""

from collections.abc import Sequence
from typing import Any

import msgspec

from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.dashboards.actions.answering import AnsweredTile, answered_tiles
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.insights.actions.running import run_insight
from parley.analytics.insights.actions.shared import public_answer, public_fields
from parley.analytics.insights.queries.insights import insight_by_key
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.subscription_deliveries.result_tables import is_empty, table_of
from parley.analytics.subscription_deliveries.rules import FIRST_TILES, MOST_TILES
from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.analytics.subscriptions.mails import resource_url
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Project
from parley.kernel.network.mail import one_line
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

KIND = "subscription_letter"


class ReportLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A report without what differs from recipient to recipient. `results` is what programs get of it."""

    subject: str
    text: str
    results: Any = None
    is_empty: bool = False


async def letter_of(services: Services, found: StoredSubscription, delivery: OpenDelivery) -> ReportLetter:
    """Make the report of a delivery; raises NotFound once what it is about is deleted.

    An insight that can't be answered says why. No answer has rows about tickets, whoever made the subscription.
    """
    project = await project_by_id(services.database, found.project_id)
    if project is None:
        raise LookupError("the project is gone")
    answers, total = await _answers(services, project, found)
    link = resource_url(services.settings.site_url, found, delivery.target_type)
    lines = [f"{one_line(found.resource_name)}: {link}"]
    if len(answers) < total:
        lines.append(f"Showing {len(answers)} of {total} insights.")
    return ReportLetter(
        subject=f"Parley {found.kind.title()} report - {one_line(found.title or found.resource_name)}",
        text="\n\n".join([*lines, *map(_section, answers)]) + "\n",
        results=answers,
        is_empty=all(is_empty(one["result"]) and not one["error"] for one in answers),
    )


async def _answers(
    services: Services, project: Project, found: StoredSubscription
) -> tuple[Sequence[dict[str, Any]], int]:
    """Return the answers that are sent, and how many insights there are."""
    if found.kind == "insight":
        async with services.database.transaction(write=False) as db:
            insight = await insight_by_key(db, project.id, str(found.insight_id))
        return [await _answer(services, project, insight)], 1
    async with services.database.transaction(write=False) as db:
        dashboard = await dashboard_by_key(db, project.id, str(found.dashboard_id))
    tiles = [one for one in await answered_tiles(services, project, dashboard, "blocking") if one.insight]
    return [_of_tile(one) for one in _chosen(tiles, found)], len(tiles)


def _chosen(tiles: Sequence[AnsweredTile], found: StoredSubscription) -> Sequence[AnsweredTile]:
    if found.dashboard_export_all:
        return tiles[:MOST_TILES]
    chosen = found.dashboard_export_insights
    if chosen is None:
        return tiles[:FIRST_TILES]
    return [one for one in tiles if one.insight and one.insight.id in chosen]


async def _answer(services: Services, project: Project, insight: StoredInsight) -> dict[str, Any]:
    if insight.query is None:
        return public_fields(insight) | public_answer(None, None)
    try:
        result = await run_insight(services, project, insight.question, insight_id=insight.id)
    except AppError as error:
        return public_fields(insight) | public_answer(None, None, error.detail)
    return public_fields(insight) | public_answer(insight.question, result)


def _of_tile(one: AnsweredTile) -> dict[str, Any]:
    assert one.insight is not None
    return public_fields(one.insight) | public_answer(one.query, one.result, one.problem)


def _section(answer: dict[str, Any]) -> str:
    name = one_line(answer["name"])
    if answer["error"]:
        return f"{name}\nThere is no answer: {one_line(answer['error'], 500)}"
    lines = table_of(answer["result"], answer.get("columns"))
    return "\n".join([name, *(lines or ["There were no events."])])


def _key_of(delivery: OpenDelivery) -> str:
    return object_key(delivery.project_id, KIND, delivery.id)


async def store_letter(services: Services, delivery: OpenDelivery, letter: ReportLetter) -> None:
    """Keep a letter; safe to repeat."""
    await services.storage.put(_key_of(delivery), msgspec.msgpack.encode(letter))


async def stored_letter(services: Services, delivery: OpenDelivery) -> ReportLetter:
    """Return a letter that was kept; raises NoSuchObject."""
    stored = await services.storage.open(_key_of(delivery))
    content = b"".join([chunk async for chunk in stored.chunks])
    return msgspec.msgpack.decode(content, type=ReportLetter)
