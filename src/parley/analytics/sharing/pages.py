"""The public pages of shares (docs/sharing.md#public-pages). Being signed in changes nothing on them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath

from parley.analytics.sharing.actions.accesses import note_opened
from parley.analytics.sharing.actions.unlocking import unlock
from parley.analytics.sharing.callers import UNLOCK_COOKIE, proofs_of
from parley.analytics.sharing.errors import IncorrectSharePassword, NoSharePasswordNeeded, StillLocked
from parley.analytics.sharing.public_pages import page_type_of_request, public_page
from parley.analytics.sharing.queries.links import OpenLink, link_by_token
from parley.analytics.sharing.rules.page_data import shared_data, split_extension, unlock_data
from parley.analytics.sharing.rules.passwords import MAX_LENGTH
from parley.analytics.sharing.targets import target_of
from parley.analytics.sharing.unlock_tokens import LASTS
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import AppError, NotFound, Throttled
from parley.kernel.http.authorization import public
from parley.kernel.http.json_response import JsonResponse
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.throttle import pages_counted
from parley.web.error_pages import problem_of
from parley.web.rendering import redirect

PATHS = ["/shared/{token:str}", "/embedded/{token:str}", "/shared_dashboard/{token:str}"]
GUARDS = [public, pages_counted]
FORM = "application/x-www-form-urlencoded"

NO_STORE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class OpenedLink(msgspec.Struct, frozen=True):
    """A link that somebody has opened, with what it shows to everybody."""

    link: OpenLink
    shared: Mapping[str, Any]


@get(PATHS, guards=GUARDS, include_in_schema=False)
async def show_shared(
    request: ParleyRequest, token: FromPath[str], services: ServicesDependency
) -> Response[Any]:
    """Show what a link shares, ask for its password, or say that there is nothing."""
    secret, extension = split_extension(token)
    visit = await _visit(request, services, secret) if extension in ("", "json") else None
    wants_json = extension == "json" or _asks_for_json(request)
    if visit is None:
        if wants_json:
            raise NotFound
        return _nothing(request)
    if visit.link.is_locked:
        if extension == "json":
            raise StillLocked
        return _unlock_page(request, visit.link)
    if not request.is_head:
        await note_opened(services, visit.link, request.client_address)
    return await _shown(request, services, visit, as_json=wants_json)


@post(PATHS, guards=GUARDS, include_in_schema=False, status_code=200)
async def unlock_shared(
    request: ParleyRequest, token: FromPath[str], services: ServicesDependency
) -> Response[Any]:
    """Unlock a link by a password: with JSON, which is answered so, or with the form of the page."""
    secret, _ = split_extension(token)
    visit = await _visit(request, services, secret)
    is_form = request.headers.get("content-type", "").startswith(FORM) and "text/html" in _accepted(request)
    if visit is None:
        if is_form:
            return _nothing(request)
        raise NotFound
    try:
        proof = await unlock(services, visit.link, await _password(request), request.client_address)
    except (NoSharePasswordNeeded, IncorrectSharePassword, Throttled) as error:
        if not is_form:
            raise
        return _page_after(request, visit.link, error)
    cookies = [_unlock_cookie(request, proof)]
    if is_form:
        return _back_to_page(request, cookies)
    return JsonResponse({"shareToken": proof}, headers=NO_STORE, cookies=cookies)


def _page_after(
    request: ParleyRequest, link: OpenLink, error: NoSharePasswordNeeded | IncorrectSharePassword | Throttled
) -> Response[Any]:
    """Return what somebody sees who has posted the form in vain."""
    if isinstance(error, NoSharePasswordNeeded):
        return _back_to_page(request, [])
    if isinstance(error, Throttled):
        waits = {"Retry-After": error.headers["Retry-After"]}
        return _unlock_page(request, link, problem_of(error), status=429, headers=waits)
    return _unlock_page(request, link, "This password is not right.", status=401)


async def _visit(request: ParleyRequest, services: Services, secret: str) -> OpenedLink | None:
    async with services.database.transaction(write=False) as db:
        proofs, now = proofs_of(request), services.clock.now()
        link = await link_by_token(db, services.vault, secret, now, proofs=proofs)
        if link is None:
            return None
        target = target_of(request, link.share.target_type)
        shared = await target.public(db, link.share.project_id, link.share.target_id, now)
        return OpenedLink(link, shared) if shared is not None else None


async def _shown(
    request: ParleyRequest, services: Services, visit: OpenedLink, *, as_json: bool
) -> Response[Any]:
    share = visit.link.share
    target = target_of(request, share.target_type)
    shared = await target.opened(services, share.project_id, share.target_id, visit.shared)
    data = shared_data(
        page_type_of_request(request),
        token=visit.link.token,
        proof=visit.link.proof,
        project_id=share.project_id,
        kind=share.target_type,
        shared=shared,
        settings=share.settings,
    )
    if as_json:
        return JsonResponse(data, headers=NO_STORE)
    return public_page(request, target.template, data=data, shared=shared)


async def _password(request: ParleyRequest) -> str:
    """Return what was given as the password; whatever is none can't be right."""
    try:
        given = (await request.fields()).get("password")
    except AppError:
        return ""
    return given if isinstance(given, str) else ""


def _unlock_page(
    request: ParleyRequest,
    link: OpenLink,
    problem: str | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    data = unlock_data(link.share.settings)
    return public_page(
        request,
        "sharing/unlock.html",
        data=data,
        status=status,
        headers=headers,
        problem=problem,
        kind=link.share.target_type,
        max_length=MAX_LENGTH,
    )


def _nothing(request: ParleyRequest) -> Response[str]:
    return public_page(request, "sharing/nothing.html", data={}, status=404)


def _back_to_page(request: ParleyRequest, cookies: list[Cookie]) -> Response[Any]:
    """Have the browser load the page by GET, at the same moment, so that loading it again sends no password."""
    query = request.scope["query_string"].decode("latin-1")
    return redirect(f"{_own_path(request)}?{query}".rstrip("?"), cookies=cookies, headers=NO_STORE)


def _unlock_cookie(request: ParleyRequest, proof: str) -> Cookie:
    return Cookie(
        key=UNLOCK_COOKIE,
        value=proof,
        path=_own_path(request),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.app.state.services.settings.is_https or request.scope["scheme"] == "https",
    )


def _own_path(request: ParleyRequest) -> str:
    """Return the path without an extension; no path of a link has anything that must be quoted."""
    return quote(split_extension(request.scope["path"].rstrip("/"))[0])


def _accepted(request: ParleyRequest) -> str:
    return request.headers.get("accept", "")


def _asks_for_json(request: ParleyRequest) -> bool:
    accepted = _accepted(request)
    return "application/json" in accepted and "text/html" not in accepted


handlers: list[Any] = [show_shared, unlock_shared]
