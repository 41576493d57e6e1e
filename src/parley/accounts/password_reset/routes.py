"""Forgotten passwords."""

from typing import Annotated

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.accounts.password_reset.actions import ask_for_reset, reset_password
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.authorization import public
from parley.kernel.http.body import TRIM
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.network.emails import MAX_EMAIL_LENGTH
from parley.kernel.openapi.documented import documented

LIMITED = documented(errors={429: "Too many failures."})


class ResetRequest(msgspec.Struct, frozen=True):
    """Whose password is forgotten."""

    email: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)]


class Reset(msgspec.Struct, frozen=True):
    """The token of the link, and the new password."""

    token: Annotated[str, Meta(min_length=1, max_length=200)]
    password: str


class ResetDone(msgspec.Struct, frozen=True):
    """The password is set; every session and personal API key of the user has ended."""

    email: str
    success: bool = True


@post("/api/reset", guards=[public], status_code=204, opt=LIMITED)
async def ask_for_password_reset(
    data: JSONBody[ResetRequest], request: ParleyRequest, services: ServicesDependency
) -> None:
    """Send a link to this address if it has an account; the answer is the same if it has none."""
    await ask_for_reset(services, email=data.email, address=request.client_address)


@post("/api/reset/{user_uuid:str}", guards=[public], status_code=200, opt=LIMITED)
async def set_new_password(
    user_uuid: FromPath[str], data: JSONBody[Reset], request: ParleyRequest, services: ServicesDependency
) -> ResetDone:
    """Set a new password with the token of the link; ends every session and personal API key of the user."""
    user = await reset_password(
        services,
        user_uuid=uuid_or_none(user_uuid),
        token=data.token,
        password=data.password,
        address=request.client_address,
    )
    return ResetDone(user.email)


handlers = [ask_for_password_reset, set_new_password]
