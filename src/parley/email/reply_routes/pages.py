"""Where the link "no more such mail" leads."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from parley.email.reply_routes.actions import unsubscribe
from parley.email.reply_routes.unsubscribing import PATH, read_token
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.throttle import pages_counted
from parley.web.guards import page_public
from parley.web.rendering import page


class UnsubscribePage(msgspec.Struct, frozen=True):
    """Context of `reply_routes/unsubscribe.html`; `is_done` shows what has changed instead of the button."""

    address: str
    path: str
    is_done: bool = False


@get(PATH + "/{token:str}", guards=[page_public], include_in_schema=False)
async def show_unsubscribe(
    token: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Ask whether somebody wants no more mail. Opening it changes nothing: programs that check links open it, too."""
    link = read_token(services.vault, token)
    if link is None:
        raise NotFound
    shown = UnsubscribePage(link.address, f"{PATH}/{token}")
    return page(request, "reply_routes/unsubscribe.html", shown)


# Mail programs send it by themselves, without a cookie of ours (RFC 8058, section 3.2): the token says all.
@post(PATH + "/{token:str}", guards=[public, pages_counted], status_code=200, include_in_schema=False)
async def unsubscribe_address(
    token: FromPath[str], request: ParleyRequest, services: ServicesDependency, db: DbDependency
) -> Response[Any]:
    """Send no more mail about the widget's conversations to the address of the link. Safe to repeat."""
    link = read_token(services.vault, token)
    if link is None:
        raise NotFound
    await unsubscribe(db, link.project_id, link.address, services.clock.now())
    shown = UnsubscribePage(link.address, f"{PATH}/{token}", is_done=True)
    return page(request, "reply_routes/unsubscribe.html", shown)


handlers: list[Any] = [show_unsubscribe, unsubscribe_address]
