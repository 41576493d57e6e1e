"""The browsers in which the caller is signed in. In a session only: a key sees and ends none."""

from typing import Any

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath

from parley.accounts.profile.own_sessions import (
    SessionOut,
    end_other_sessions,
    end_own_session,
    own_sessions,
)
from parley.accounts.profile.routes.me import check_is_me
from parley.kernel.dependencies import DbDependency, PrincipalDependency, ServicesDependency
from parley.kernel.http.authorization import session_only

PATH = "/api/users/@me/sessions"


class EndedSessions(msgspec.Struct, frozen=True):
    """How many sessions have ended."""

    ended: int


@get(PATH, guards=[session_only])
async def list_sessions(
    principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> list[SessionOut]:
    """List where the caller is signed in, this session first; 200 at most."""
    return await own_sessions(db, services, principal)


@delete("/api/users/{user:str}/sessions/{session_id:str}", guards=[session_only], status_code=204)
async def end_one_session(
    user: FromPath[str],
    session_id: FromPath[str],
    principal: PrincipalDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> None:
    """Sign the caller, `@me`, out in one browser."""
    check_is_me(principal, user)
    await end_own_session(db, services, principal, session_id)


@post(f"{PATH}/end_others", guards=[session_only], status_code=200)
async def end_all_other_sessions(
    principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> EndedSessions:
    """Sign the caller out in every browser but this."""
    return EndedSessions(await end_other_sessions(db, services, principal))


handlers: list[Any] = [list_sessions, end_one_session, end_all_other_sessions]
