"""Mail to customers, for admins: all of it, and what the brake holds."""

from typing import Any

from litestar import get, post
from litestar.params import JSONBody

from parley.email.brake.schemas import CancelledOut, ResumedOut, WhichHeld
from parley.email.outbound.actions.held import cancel_held, resume_held
from parley.email.outbound.queries.deliveries import email_state_of, emails_page
from parley.email.outbound.rules.states import EmailState
from parley.email.outbound.schemas import OutboundEmailOut
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.organizations import admins_of_project_only
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

EMAILS = "/api/projects/{project_id:str}/conversations/outbound_emails"
READS = [needs("ticket:read"), admins_of_project_only]
WRITES = [needs("ticket:write"), admins_of_project_only]
STATE = [Query("state", "Only mails in this state.", EmailState)]


@get(EMAILS, guards=READS, opt=documented(query=STATE))
async def list_outbound_emails(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Page[OutboundEmailOut]:
    """List the project's mails to customers, newest first. For admins."""
    asked, state = page_request(request), email_state_of(request.query_params.get("state"))
    count, found = await emails_page(db, actor.project_id, state, asked)
    return page_of(request, asked, count, found)


@post(f"{EMAILS}/resume", guards=WRITES, status_code=200)
async def resume_outbound_emails(
    data: JSONBody[WhichHeld], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> ResumedOut:
    """Let out what the brake holds, all of it or the named mails; the brake counts anew from now on. For admins."""
    return ResumedOut(await resume_held(db, services, actor, data.ids))


@post(f"{EMAILS}/cancel", guards=WRITES, status_code=200)
async def cancel_outbound_emails(
    data: JSONBody[WhichHeld], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> CancelledOut:
    """Give up what the brake holds, all of it or the named mails: it never goes out. For admins."""
    return CancelledOut(await cancel_held(db, services, actor, data.ids))


handlers: list[Any] = [list_outbound_emails, resume_outbound_emails, cancel_outbound_emails]
