"""The API by which shares are managed (docs/sharing.md)."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.analytics.sharing.actions.configurations import change_share, refresh_share
from parley.analytics.sharing.actions.passwords import (
    add_password,
    check_may_add_password,
    delete_password,
)
from parley.analytics.sharing.queries.accesses import access_page
from parley.analytics.sharing.queries.configurations import current_share, shown_share
from parley.analytics.sharing.rules.passwords import checked_password, password_id_of
from parley.analytics.sharing.schemas import (
    NewSharePassword,
    NewSharePasswordOut,
    ShareAccess,
    SharingConfiguration,
    SharingPatch,
    SharingProblem,
)
from parley.analytics.sharing.targets import thing_of
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.body import read
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, documented

SHARED = (
    "session_recordings/{recording_id:str}",
    "insights/{insight_id:str}",
    "dashboards/{dashboard_id:str}",
)
SHARING = [f"/api/projects/{{project_id:str}}/{thing}/sharing" for thing in SHARED]


def _below(name: str) -> list[str]:
    return [f"{path}/{name}" for path in SHARING]


READS, WRITES = needs("sharing_configuration:read"), needs("sharing_configuration:write")
REFUSED = DocumentedAnswer(
    "The share asks for no password, or a field is wrong.", (SharingProblem, ErrorBody)
)


@get(SHARING, guards=[READS])
async def show_sharing(
    request: ParleyRequest,
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SharingConfiguration:
    """Show how something is shared. Nothing is stored by asking."""
    thing = await thing_of(request, db, actor.project_id)
    share = await current_share(db, actor.project_id, thing.kind, thing.id)
    return await shown_share(db, services.vault, share)


@patch(SHARING, guards=[WRITES])
async def change_sharing(
    request: ParleyRequest,
    data: JSONBody[SharingPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SharingConfiguration:
    """Switch sharing on or off, ask for a password, set an end, or replace the settings of the public page."""
    share = await change_share(db, services, actor, await thing_of(request, db, actor.project_id), data)
    return await shown_share(db, services.vault, share)


@post(_below("refresh"), guards=[WRITES], status_code=200)
async def refresh_sharing(
    request: ParleyRequest,
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SharingConfiguration:
    """Make another link; the one before works for 300 more seconds."""
    share = await refresh_share(db, services, actor, await thing_of(request, db, actor.project_id))
    return await shown_share(db, services.vault, share)


@post(
    _below("passwords"),
    guards=[WRITES],
    status_code=201,
    opt=documented(body=NewSharePassword, answers={400: REFUSED}),
)
async def create_share_password(
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> NewSharePasswordOut:
    """Add a password. The answer is the only place that ever shows it, so it is kept for no `Idempotency-Key`."""
    async with services.database.transaction(write=False) as db:
        thing = await thing_of(request, db, actor.project_id)
    share = await check_may_add_password(services, actor, thing)
    new = read(NewSharePassword, await request.fields())
    password = checked_password(new.raw_password)
    return await add_password(services, actor, thing, share, password, new.note)


@delete(_below("passwords/{password_id:str}"), guards=[WRITES])
async def delete_share_password(
    request: ParleyRequest,
    password_id: FromPath[str],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> None:
    """Delete a password. Whoever came in by it is out at once, others stay."""
    thing = await thing_of(request, db, actor.project_id)
    await delete_password(db, services, actor, thing, password_id_of(password_id))


@get(_below("accesses"), guards=[READS])
async def list_share_accesses(
    request: ParleyRequest, db: DbDependency, actor: ActorDependency
) -> Page[ShareAccess]:
    """List who opened the links of something shared, or tried a password, the latest first; kept for 90 days."""
    thing, asked = await thing_of(request, db, actor.project_id), page_request(request)
    count, found = await access_page(db, actor.project_id, thing.kind, thing.id, asked)
    return page_of(request, asked, count, found)


handlers: list[Any] = [
    show_sharing,
    change_sharing,
    refresh_sharing,
    create_share_password,
    delete_share_password,
    list_share_accesses,
]
