"""Personal API keys: listed, made and changed in a session only. With a key one sees that key, and nothing else."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import structs

from parley.accounts.api_keys import actions
from parley.accounts.api_keys.queries import key_by_id, key_page, n_keys
from parley.accounts.api_keys.schemas import (
    KeyOut,
    KeyPatch,
    KeyWithValue,
    NewKey,
)
from parley.accounts.sessions.queries import check_session
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import DbDependency, PrincipalDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Principal, recently_authenticated, session_only, signed_in
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest

PATH = "/api/personal_api_keys"


@get(PATH, guards=[session_only])
async def list_keys(request: ParleyRequest, principal: PrincipalDependency, db: DbDependency) -> Page[KeyOut]:
    """List the caller's keys, newest first."""
    asked = page_request(request)
    found = await key_page(db, principal.user_id, asked.limit, asked.offset)
    return page_of(request, asked, await n_keys(db, principal.user_id), found)


@post(PATH, guards=[session_only, recently_authenticated], status_code=201)
async def create_key(
    data: JSONBody[NewKey], principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> KeyWithValue:
    """Make a key for the organizations that the caller is in now; only this answer shows its value."""
    await check_session(db, principal)
    made = await actions.create_personal_api_key(db, services, principal, data)
    return await _with_value(db, principal, made.id, made.value)


@get(f"{PATH}/@current", guards=[signed_in])
async def show_current_key(principal: PrincipalDependency, db: DbDependency) -> KeyOut:
    """Show the key that the request is made with, whatever its scopes are. Sessions and OAuth access get 404."""
    if principal.key_id is None:
        raise NotFound
    return await key_by_id(db, principal.user_id, principal.key_id)


@get(f"{PATH}/{{key_id:str}}", guards=[session_only])
async def show_key(key_id: FromPath[str], principal: PrincipalDependency, db: DbDependency) -> KeyOut:
    """Show one of the caller's keys."""
    return await key_by_id(db, principal.user_id, key_id)


@patch(f"{PATH}/{{key_id:str}}", guards=[session_only, recently_authenticated])
async def update_key(
    key_id: FromPath[str],
    data: JSONBody[KeyPatch],
    principal: PrincipalDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> KeyOut:
    """Change the label, the scopes or the limits of a key; with a limit it also covers organizations joined since."""
    await check_session(db, principal)
    await key_by_id(db, principal.user_id, key_id)
    await actions.patch_key(db, services, principal, key_id, data)
    return await key_by_id(db, principal.user_id, key_id)


@post(f"{PATH}/{{key_id:str}}/roll", guards=[session_only, recently_authenticated], status_code=200)
async def roll_key(
    key_id: FromPath[str], principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> KeyWithValue:
    """Give a key a new value, which only this answer shows; the old value stops working."""
    await check_session(db, principal)
    await key_by_id(db, principal.user_id, key_id)
    return await _with_value(db, principal, key_id, await actions.roll_key(db, services, key_id))


@delete(f"{PATH}/{{key_id:str}}", guards=[session_only], status_code=204)
async def delete_key(
    key_id: FromPath[str], principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> None:
    """End a key."""
    await key_by_id(db, principal.user_id, key_id)
    await actions.delete_key(db, services, key_id)


async def _with_value(db: Db, principal: Principal, key_id: str, value: str) -> KeyWithValue:
    shown = await key_by_id(db, principal.user_id, key_id)
    return KeyWithValue(**structs.asdict(shown), value=value)


handlers: list[Any] = [list_keys, create_key, show_current_key, show_key, update_key, roll_key, delete_key]
