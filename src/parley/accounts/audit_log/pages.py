"""The page of the audit log, for admins of the organization."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from parley.accounts.audit_log.exports import FORMATS
from parley.accounts.audit_log.filters import filters_of
from parley.accounts.audit_log.queries import entry_page
from parley.accounts.audit_log.schemas import AuditEntryOut
from parley.accounts.audit_log.sentences import SENTENCES, differences
from parley.accounts.memberships.queries import former_members, member_page
from parley.accounts.memberships.rules import check_admin
from parley.accounts.memberships.schemas import MemberOut
from parley.accounts.users.schemas import UserBasic
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.iso_moments import day_of
from parley.kernel.text.time_zones import zone
from parley.web.guards import page_session
from parley.web.rendering import page

PATH = "/settings/audit-log"
PAGE_SIZE, MOST_MEMBERS = 50, 500
FIELDS = ("search", "user", "action", "from", "to")


class AuditLogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `audit_log/audit_log.html`. `chosen` are the fields of the form; `exports` are links by extension."""

    entries: Sequence[AuditEntryOut]
    differences: Mapping[Any, Sequence[tuple[str, str, str]]]  # by id: name, before and after
    count: int
    members: Sequence[MemberOut]
    removed: Sequence[UserBasic]  # who was a member
    actions: Mapping[str, Sequence[str]]  # by noun
    chosen: Mapping[str, str]
    exports: Mapping[str, str]
    older: str | None
    problem: str | None = None


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_audit_log(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show who did what, newest first."""
    check_admin(actor)
    chosen = {name: request.query_params.get(name, "").strip() for name in FIELDS}
    try:
        shown = await _audit_log_page(services, actor, chosen, request.query_params.get("after_mark"))
    except Invalid as error:
        nothing = await _audit_log_page(services, actor, dict.fromkeys(FIELDS, ""), None)
        shown = msgspec.structs.replace(nothing, chosen=chosen, problem=error.detail)
        return page(request, "audit_log/audit_log.html", shown, status=422)
    return page(request, "audit_log/audit_log.html", shown)


async def _audit_log_page(
    services: Services, actor: Actor, chosen: Mapping[str, str], mark: str | None
) -> AuditLogPage:
    organization_id, asked = actor.project.organization_id, _as_asked(chosen, actor.project.timezone)
    async with services.database.transaction(write=False) as db:
        filters = await filters_of(db, asked)
        request = PageRequest(limit=PAGE_SIZE, cursor=mark)
        count, entries, cursor = await entry_page(db, organization_id, filters, request)
        members = await member_page(db, organization_id, MOST_MEMBERS, 0)
        removed = await former_members(db, organization_id, MOST_MEMBERS)
    export = f"/api/organizations/{organization_id}/audit_log/export/"
    more = {**{name: text for name, text in chosen.items() if text}, "after_mark": cursor}
    return AuditLogPage(
        entries=entries,
        differences={one.id: differences(one.before, one.after) for one in entries},
        count=count,
        members=members,
        removed=removed,
        actions=_actions(),
        chosen=chosen,
        exports={name: f"{export}?{urlencode({'format': name, **asked})}" for name in FORMATS},
        older=f"{PATH}?{urlencode(more)}" if len(entries) == PAGE_SIZE else None,
    )


def _as_asked(chosen: Mapping[str, str], timezone: str) -> dict[str, str]:
    """Return the form as the API's filters; days are those of the project's time zone, and the last one belongs to it."""
    asked = {name: chosen[name] for name in ("search", "user", "action") if chosen[name]}
    for name, field, days in (("after", "from", 0), ("before", "to", 1)):
        if chosen[field]:
            asked[name] = _beginning_of(chosen[field], days, timezone)
    return asked


def _beginning_of(text: str, days: int, timezone: str) -> str:
    try:
        day = day_of(text) + timedelta(days=days)
        begins = datetime(day.year, day.month, day.day, tzinfo=zone(timezone) if timezone else UTC)
        return begins.astimezone(UTC).isoformat()
    except (ValueError, OverflowError) as error:
        raise Invalid("Enter a day, such as 2026-11-29.") from error


def _actions() -> dict[str, list[str]]:
    nouns: dict[str, list[str]] = {}
    for action in sorted(SENTENCES):
        nouns.setdefault(action.partition(".")[0], []).append(action)
    return nouns


handlers: list[Any] = [show_audit_log]
