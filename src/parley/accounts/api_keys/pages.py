"""Personal API keys of the person who looks."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from parley.accounts.api_keys import actions
from parley.accounts.api_keys.queries import key_by_id, key_page
from parley.accounts.api_keys.rules import SCOPE_GROUPS, SCOPES, example_path
from parley.accounts.api_keys.schemas import KeyOut, NewKey
from parley.accounts.api_keys.tables import MAX_LABEL_LENGTH
from parley.accounts.sessions.queries import check_session
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Principal
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.names import check_name
from parley.web.guards import page_recent, page_session
from parley.web.rendering import page, redirect

PATH = "/settings/keys"
MOST_SHOWN = 200
BOX = "scope:"
GROUPS = {
    title: {scope: words for scope, words in SCOPES.items() if scope.split(":")[0] in objects}
    for title, objects in SCOPE_GROUPS.items()
}
NOTICES = {
    "deleted": "The key is deleted.",
    "widened": "The key works in all your organizations now.",
}


class KeysPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `api_keys/keys.html`; `value` is that of a key just made or rolled, shown this once."""

    keys: Sequence[KeyOut]
    label: str = ""
    chosen: frozenset[str] = frozenset({"ticket:read", "ticket:write"})
    groups: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=GROUPS.copy)
    value: str | None = None
    example: str = ""
    origin: str = ""
    problem: str | None = None
    notice: str | None = None


async def _keys_page(
    request: ParleyRequest, services: Services, principal: Principal, **overrides: Any
) -> KeysPage:
    async with services.database.transaction(write=False) as db:
        keys = await key_page(db, principal.user_id, MOST_SHOWN, 0)
    notice = NOTICES.get(request.query_params.get("notice", ""))
    return KeysPage(**{"keys": keys, "notice": notice, "origin": request.origin_url, **overrides})


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_keys(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the keys, and a form for a new one."""
    return page(request, "api_keys/keys.html", await _keys_page(request, services, principal))


@post(PATH, guards=[page_session, page_recent], include_in_schema=False)
async def make_key(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Make a key and show its value, this once."""
    fields = await request.fields()
    label, chosen = str(fields.get("label", "")), [name for name in SCOPES if f"{BOX}{name}" in fields]
    try:
        checked = check_name(label, most=MAX_LABEL_LENGTH, attr="label")
        async with services.database.transaction() as db:
            await check_session(db, principal)
            new = NewKey(label=checked, scopes=chosen)
            made = await actions.create_personal_api_key(db, services, principal, new)
    except Invalid as error:
        overrides = {"label": label, "chosen": frozenset(chosen), "problem": _problem(error)}
        shown = await _keys_page(request, services, principal, **overrides)
        return page(request, "api_keys/keys.html", shown, status=422)
    shown = await _keys_page(request, services, principal, value=made.value, example=example_path(chosen))
    return page(request, "api_keys/keys.html", shown)


def _problem(error: Invalid) -> str:
    if error.attr == "scopes":
        return "Choose what the key may do."
    return "Say what the key is for." if error.code == "blank" else error.detail


@post(f"{PATH}/{{key_id:str}}/roll", guards=[page_session, page_recent], include_in_schema=False)
async def renew_key(
    request: ParleyRequest,
    key_id: FromPath[str],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Give a key a new value and show it, this once."""
    async with services.database.transaction() as db:
        await check_session(db, principal)
        found = await key_by_id(db, principal.user_id, key_id)
        value = await actions.roll_key(db, services, key_id)
    shown = await _keys_page(request, services, principal, value=value, example=example_path(found.scopes))
    return page(request, "api_keys/keys.html", shown)


@post(f"{PATH}/{{key_id:str}}/widen", guards=[page_session, page_recent], include_in_schema=False)
async def widen_key(
    key_id: FromPath[str], principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Let a key work in all organizations of its owner, including those joined since."""
    async with services.database.transaction() as db:
        await check_session(db, principal)
        await key_by_id(db, principal.user_id, key_id)
        await actions.change_key(db, services, key_id, {"scoped_organizations": []})
        await actions.widen_key(db, services, principal.user_id, key_id)
    return redirect(f"{PATH}?notice=widened")


@post(f"{PATH}/{{key_id:str}}/delete", guards=[page_session], include_in_schema=False)
async def end_key(
    key_id: FromPath[str], principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """End a key."""
    async with services.database.transaction() as db:
        await key_by_id(db, principal.user_id, key_id)
        await actions.delete_key(db, services, key_id)
    return redirect(f"{PATH}?notice=deleted")


handlers = [show_keys, make_key, renew_key, widen_key, end_key]
