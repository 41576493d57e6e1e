"""Changing a ticket from outside. No event of the ticket follows, or a workflow could set itself off for ever."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from parley.accounts.activity_log.schemas import Trigger
from parley.conversations.external_api.schemas import ExternalPatch
from parley.conversations.sla.rules import business_hours_of, due_at
from parley.conversations.ticket_api.actions import changes_of, differing
from parley.conversations.ticket_api.schemas import TicketPatch
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import fields_changed
from parley.conversations.ticket_changes.rules.events import Occasion
from parley.conversations.ticket_changes.rules.log import By, Retagged
from parley.conversations.tickets.actions.assignees import known_assignee
from parley.conversations.tickets.actions.fields import store_fields
from parley.conversations.tickets.actions.tags import replace_tags
from parley.conversations.tickets.queries.tickets import LockedTicket, locked_ticket, tag_names
from parley.conversations.tickets.rules.tags import checked_tags
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services

FLOW = "hog_flow"
APART = ("sla_due_at", "assignee", "tags")
TAKEN_OVER = tuple(
    name
    for name in ExternalPatch.__struct_fields__
    if name in TicketPatch.__struct_fields__ and name not in APART
)
"""The fields of a patch that the API of tickets has under the same name, for the same values."""


async def change_from_outside(
    db: Db,
    services: Services,
    project: Project,
    ticket_id: UUID | None,
    patch: ExternalPatch,
    flow: UUID | None,
) -> None:
    """Change what the patch names; nothing is stored unless all of it is valid. Raises NotFound and Invalid."""
    found = await _locked(db, project, ticket_id)
    now = services.clock.now()
    wanted = TicketPatch(
        **{name: getattr(patch, name) for name in TAKEN_OVER}, sla_due_at=_sla(patch, project, now)
    )
    changes = changes_of(found, wanted)
    if patch.assignee is not UNSET:
        named = await known_assignee(db, project, patch.assignee)
        changes |= differing(found, assignee_user_id=named.user_id, assignee_role_id=named.role_id)
    retagged = await _retagged(db, found, patch)
    if changes or retagged:
        await store_fields(db, found, changes, now)
        on = Occasion(project, now, By(trigger=Trigger(FLOW, str(flow)) if flow else UNSET))
        await announce(db, services, fields_changed(on, found, changes, retagged, has_events=False))


async def _locked(db: Db, project: Project, ticket_id: UUID | None) -> LockedTicket:
    try:
        return await locked_ticket(db, project.id, ticket_id)
    except NotFound as error:
        raise NotFound("Ticket not found") from error


def _sla(patch: ExternalPatch, project: Project, now: datetime) -> datetime | UnsetType | None:
    if isinstance(patch.sla_amount, UnsetType):
        return patch.sla_due_at
    if patch.sla_due_at is not UNSET:
        raise Invalid("Give either sla_due_at or sla_amount, not both.")
    hours = None
    if patch.sla_business_hours is not None:
        hours = business_hours_of(patch.sla_business_hours, project.timezone)
    return due_at(now, patch.sla_amount, patch.sla_unit, hours)


async def _retagged(db: Db, found: LockedTicket, patch: ExternalPatch) -> Retagged:
    if isinstance(patch.tags, UnsetType):
        return Retagged()
    given = set(checked_tags(patch.tags))
    wanted: Sequence[str]
    if patch.tags_mode == "set":
        wanted = sorted(given)
    else:
        present = set(await tag_names(db, found.project_id, found.id))
        wanted = sorted(present | given if patch.tags_mode == "add" else present - given)
    return await replace_tags(db, found.project_id, found.id, checked_tags(wanted))
