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
from parley.analytics.sharing.rules.configurations import MAX_TARGET_ID
from parley.analytics.sharing.rules.passwords import checked_password, password_id_of
from parley.analytics.sharing.schemas import (
    NewSharePassword,
    NewSharePasswordOut,
    ShareAccess,
    SharingConfiguration,
    SharingPatch,
    SharingProblem,
)
from parley.analytics.sharing.targets import SharedThing, target_of
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import needs
from parley.kernel.http.body import read
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, documented

SHARING = "/api/projects/{project_id:str}/session_recordings/{recording_id:str}/sharing"
PASSWORDS = f"{SHARING}/passwords"
READS, WRITES = needs("sharing_configuration:read"), needs("sharing_configuration:write")
REFUSED = DocumentedAnswer(
    "The share asks for no password, or a field is wrong.", (SharingProblem, ErrorBody)
)


def _recording(request: ParleyRequest, id: str) -> SharedThing:
    if len(id) > MAX_TARGET_ID:
        raise NotFound
    return SharedThing("recording", id, target_of(request, "recording"))


@get(SHARING, guards=[READS])
async def show_sharing(
    request: ParleyRequest,
    recording_id: FromPath[str],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SharingConfiguration:
    """Show how a recording is shared. Nothing is stored by asking."""
    thing = _recording(request, recording_id)
    share = await current_share(db, actor.project_id, thing.kind, thing.id)
    return await shown_share(db, services.vault, share)


@patch(SHARING, guards=[WRITES])
async def change_sharing(
    request: ParleyRequest,
    recording_id: FromPath[str],
    data: JSONBody[SharingPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SharingConfiguration:
    """Switch sharing on or off, ask for a password, set an end, or replace the settings of the public page."""
    share = await change_share(db, services, actor, _recording(request, recording_id), data)
    return await shown_share(db, services.vault, share)


@post(f"{SHARING}/refresh", guards=[WRITES], status_code=200)
async def refresh_sharing(
    request: ParleyRequest,
    recording_id: FromPath[str],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SharingConfiguration:
    """Make another link; the one before works for 300 more seconds."""
    share = await refresh_share(db, services, actor, _recording(request, recording_id))
    return await shown_share(db, services.vault, share)


@post(
    PASSWORDS,
    guards=[WRITES],
    status_code=201,
    opt=documented(body=NewSharePassword, answers={400: REFUSED}),
)
async def create_share_password(
    request: ParleyRequest,
    recording_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> NewSharePasswordOut:
    """Add a password. The answer is the only place that ever shows it, so it is kept for no `Idempotency-Key`."""
    thing = _recording(request, recording_id)
    share = await check_may_add_password(services, actor, thing)
    new = read(NewSharePassword, await request.fields())
    password = checked_password(new.raw_password)
    return await add_password(services, actor, thing, share, password, new.note)


@delete(f"{PASSWORDS}/{{password_id:str}}", guards=[WRITES])
async def delete_share_password(
    request: ParleyRequest,
    recording_id: FromPath[str],
    password_id: FromPath[str],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> None:
    """Delete a password. Whoever came in by it is out at once, others stay."""
    thing = _recording(request, recording_id)
    await delete_password(db, services, actor, thing, password_id_of(password_id))


@get(f"{SHARING}/accesses", guards=[READS])
async def list_share_accesses(
    request: ParleyRequest, recording_id: FromPath[str], db: DbDependency, actor: ActorDependency
) -> Page[ShareAccess]:
    """List who opened the links of a recording, or tried a password, the latest first; kept for 90 days."""
    thing, asked = _recording(request, recording_id), page_request(request)
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
