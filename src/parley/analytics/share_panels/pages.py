"""How something is shared (docs/sharing.md): beside it, and as a page of its own where no script runs."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.analytics.playback.player_source import PLAYER_HEADERS
from parley.analytics.recordings.queries.recordings import recording_by_id
from parley.analytics.sharing.actions.configurations import change_share, refresh_share
from parley.analytics.sharing.actions.passwords import (
    add_password,
    check_may_add_password,
    delete_password,
)
from parley.analytics.sharing.queries.accesses import access_page
from parley.analytics.sharing.queries.configurations import (
    current_share,
    may_share_publicly,
    shown_share,
)
from parley.analytics.sharing.rules.accesses import CROWD
from parley.analytics.sharing.rules.passwords import (
    MAX_NOTE,
    MIN_LENGTH,
    checked_password,
    password_id_of,
)
from parley.analytics.sharing.schemas import (
    NewSharePasswordOut,
    ShareAccess,
    SharingConfiguration,
    SharingPatch,
)
from parley.analytics.sharing.targets import SharedThing, thing_of
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, Invalid, too_long
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.iso_moments import day_of
from parley.kernel.text.time_zones import zone
from parley.web.error_pages import problem_of
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page

PATHS = [f"/{kind}s/{{{kind}_id:str}}/sharing" for kind in ("recording", "insight", "dashboard")]
MOST_ACCESSES = 20
ACCESSES = {
    "opened": "Opened",
    "share_login_success": "Right password",
    "share_login_failed": "Wrong password",
}
SWITCHES = {
    "enable": SharingPatch(enabled=True),
    "disable": SharingPatch(enabled=False),
    "protect": SharingPatch(password_required=True),
    "unprotect": SharingPatch(password_required=False),
}


class SharedWords(msgspec.Struct, frozen=True):
    """What the panel calls a thing, and what it says about it; `has_moments` says that a link may begin within it."""

    name: str
    verb: str
    shows: str
    has_moments: bool = False


WORDS = {
    "recording": SharedWords(
        "recording",
        "watch",
        "They see the recorded pages as the visitor saw them, with all that stood there, and nothing else of your project. "
        "The chat with you is left out.",
        has_moments=True,
    ),
    "insight": SharedWords(
        "insight",
        "see",
        "They see its name, its description and its answer as it is then, and nothing else of your project.",
    ),
    "dashboard": SharedWords(
        "dashboard",
        "see",
        "They see its tiles with their answers as they are then, and nothing else of your project.",
    ),
}


class SharingForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a button of the panel does; the other fields belong to some of them."""

    do: Annotated[str, Meta(extra=TRIM)] = ""
    raw_password: str = ""
    note: Annotated[str, Meta(extra=TRIM)] = ""
    password_id: str = ""
    ends_on: Annotated[str, Meta(extra=TRIM)] = ""


class SharingPanel(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `share_panels/_sharing.html`; `added` is a password that is shown this once.

    `is_allowed` says whether the organization lets anything be shared, `has_preview` whether the page may have a frame.
    """

    path: str
    thing_path: str
    words: SharedWords
    has_preview: bool
    share: SharingConfiguration
    is_allowed: bool
    link: str
    embed_link: str
    ends_on: str
    accesses: Sequence[ShareAccess]
    n_accesses: int
    access_names: dict[str, str]
    crowd: str = CROWD
    max_note: int = MAX_NOTE
    min_password: int = MIN_LENGTH
    time_zone: str
    added: NewSharePasswordOut | None = None
    notice: str | None = None
    problem: str | None = None


@get(PATHS, guards=[page_session], include_in_schema=False)
async def show_sharing_panel(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show how something is shared."""
    thing = await _thing(request, services, actor)
    return _shown(request, await _panel(request, services, actor, thing))


@post(PATHS, guards=[page_session], include_in_schema=False, status_code=200)
async def change_sharing_panel(
    request: ParleyRequest,
    data: JSONBody[SharingForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Do what a button of the panel says, and show the panel anew."""
    thing, added, problem = await _thing(request, services, actor), None, None
    try:
        added = await _changed(services, actor, thing, data)
    except AppError as error:
        problem = problem_of(error)
    panel = await _panel(request, services, actor, thing)
    notice = None if problem else _notice(data.do, panel)
    shown = msgspec.structs.replace(panel, added=added, problem=problem, notice=notice)
    return _shown(request, shown, status=422 if problem else 200)


def _notice(do: str, panel: SharingPanel) -> str | None:
    """Say what a button has done, where the panel alone doesn't show it."""
    if do == "refresh":
        again = " Whoever watches it needs the password again." if panel.share.password_required else ""
        return f"This is the new link. The one before goes on for five minutes.{again}"
    if do == "end":
        last = f"The link works until {panel.ends_on} is over ({panel.time_zone})."
        return f"Saved. {last if panel.ends_on else 'The link has no end.'}"
    return "The password is deleted." if do == "delete_password" else None


async def _thing(request: ParleyRequest, services: Services, actor: Actor) -> SharedThing:
    """Return what the path names; raises NotFound, and PermissionDenied for who may only look at it."""
    async with services.database.transaction(write=False) as db:
        thing = await thing_of(request, db, actor.project_id)
        if thing.kind == "recording":
            await recording_by_id(db, actor.project_id, thing.id, services.clock.now())
        await thing.target.check_may_share(db, actor, thing.id)
    return thing


async def _changed(
    services: Services, actor: Actor, thing: SharedThing, form: SharingForm
) -> NewSharePasswordOut | None:
    """Change the share; return a password that was added."""
    if form.do == "add_password":
        if len(form.note) > MAX_NOTE:
            raise too_long(MAX_NOTE, "note")
        share = await check_may_add_password(services, actor, thing)
        return await add_password(
            services, actor, thing, share, checked_password(form.raw_password), form.note
        )
    async with services.database.transaction() as db:
        if form.do == "refresh":
            await refresh_share(db, services, actor, thing)
        elif form.do == "delete_password":
            await delete_password(db, services, actor, thing, password_id_of(form.password_id))
        elif form.do == "end":
            await change_share(
                db, services, actor, thing, SharingPatch(link_expires_at=_end(form.ends_on, actor))
            )
        elif form.do in SWITCHES:
            await change_share(db, services, actor, thing, SWITCHES[form.do])
    return None


def _end(day: str, actor: Actor) -> datetime | None:
    """Return when a day of the project is over; None for none."""
    try:
        return datetime.combine(day_of(day), time.max, zone(actor.project.timezone)) if day else None
    except (ValueError, OverflowError) as error:
        raise Invalid("Give the day as year, month and day, such as 2026-01-31.", attr="ends_on") from error


async def _panel(
    request: ParleyRequest, services: Services, actor: Actor, thing: SharedThing
) -> SharingPanel:
    async with services.database.transaction(write=False) as db:
        found = await current_share(db, actor.project_id, thing.kind, thing.id)
        share = await shown_share(db, services.vault, found)
        first = PageRequest(limit=MOST_ACCESSES)
        is_allowed = await may_share_publicly(db, actor.project_id)
        count, accesses = await access_page(db, actor.project_id, thing.kind, thing.id, first)
    path = request.scope["path"]
    end = share.link_expires_at
    return SharingPanel(
        path=quote(path),
        thing_path=quote(path.removesuffix("/sharing")),
        words=WORDS[thing.kind],
        has_preview=thing.kind == "recording",
        share=share,
        is_allowed=is_allowed,
        link=_link(request, "shared", share),
        embed_link=_link(request, "embedded", share),
        time_zone=actor.project.timezone,
        ends_on=f"{end.astimezone(zone(actor.project.timezone)):%Y-%m-%d}" if end else "",
        accesses=accesses,
        access_names=ACCESSES,
        n_accesses=count,
    )


def _link(request: ParleyRequest, kind: Literal["shared", "embedded"], share: SharingConfiguration) -> str:
    return f"{request.origin_url}/{kind}/{share.access_token}"


def _shown(request: ParleyRequest, panel: SharingPanel, *, status: int = 200) -> Response[Any]:
    """Return the panel alone to a script, and a whole page to a browser."""
    template = "share_panels/_sharing.html" if is_htmx(request) else "share_panels/sharing.html"
    headers = PLAYER_HEADERS if panel.has_preview else None
    return page(request, template, panel, status=status, headers=headers)


handlers: list[Any] = [show_sharing_panel, change_sharing_panel]
