"""What a message sets on its ticket when it is sent, as the form to write in carries and shows it."""

from typing import Any

import msgspec

from parley.conversations.ticket_api.ticket_actions import (
    MAX_ACTIONS,
    NOTHING,
    TicketActions,
    checked_actions,
)
from parley.inbox.composer.queries import assignee_name
from parley.inbox.ticket_rows.names import PRIORITY_NAMES, STATUS_NAMES
from parley.kernel.errors import AppError, Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import refuse_nul
from parley.kernel.services import Services
from parley.kernel.text.json_text import strict_json

UNREADABLE = "What this quick action sets can't be read. Please choose it again."


class ActionsView(msgspec.Struct, frozen=True):
    """What is set with a message: as JSON for the form, and in words."""

    value: str
    words: str


def actions_of_form(text: str) -> TicketActions:
    """Return what a form sets; nothing where it is empty. Raises Invalid."""
    if not text:
        return NOTHING
    raw = text.encode("utf-8", "surrogatepass")
    try:
        given: Any = strict_json(raw[: MAX_ACTIONS + 1])
        refuse_nul({"actions": given})
    except AppError as error:
        raise Invalid(UNREADABLE, attr="actions") from error
    if not isinstance(given, dict):
        raise Invalid(UNREADABLE, attr="actions")
    return checked_actions(given)


async def actions_view(services: Services, actor: Actor, actions: TicketActions) -> ActionsView | None:
    """Return actions as the form shows them; None for nothing."""
    if actions == NOTHING:
        return None
    return ActionsView(msgspec.json.encode(actions).decode(), await words_of(services, actor, actions))


async def words_of(services: Services, actor: Actor, actions: TicketActions) -> str:
    """Say what is set: `status Resolved, tag refund`."""
    words = []
    if actions.status:
        words.append(f"status {STATUS_NAMES[actions.status]}")
    if actions.priority:
        words.append(f"priority {PRIORITY_NAMES[actions.priority]}")
    if actions.tags:
        words.append(f"{'tag' if len(actions.tags) == 1 else 'tags'} {', '.join(actions.tags)}")
    if actions.assignee:
        name = await assignee_name(services.database, actor.project.organization_id, actions.assignee)
        words.append(f"assignee {name or 'somebody who has left'}")
    return ", ".join(words)
