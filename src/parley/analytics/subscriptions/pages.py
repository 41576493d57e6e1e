"""Where the link "no more of these mails" leads."""

from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post

from parley.analytics.subscriptions.actions.unsubscribing import unsubscribe_by_token
from parley.analytics.subscriptions.unsubscribe_tokens import (
    PATH,
    ReportUnsubscription,
    read_unsubscribe_token,
)
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.throttle import pages_counted
from parley.web.guards import page_public
from parley.web.rendering import page


class UnsubscribeReportPage(msgspec.Struct, frozen=True):
    """Context of `subscriptions/unsubscribe.html`; without an address the link is not good (any more)."""

    address: str | None
    path: str
    is_done: bool = False


@get(PATH, guards=[page_public], include_in_schema=False)
async def show_unsubscribe_report(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Ask whether somebody wants no more reports. Opening it changes nothing: programs that check links open it, too."""
    token = request.query_params.get("token")
    return _page(request, read_unsubscribe_token(services.vault, token, services.clock.now()))


# Mail programs send it by themselves, without a cookie of ours (RFC 8058, section 3.2): the token says all.
@post(PATH, guards=[public, pages_counted], status_code=200, include_in_schema=False)
async def unsubscribe_from_report(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Send no more reports of the link's subscription to its address. Safe to repeat."""
    return _page(
        request, await unsubscribe_by_token(services, request.query_params.get("token")), is_done=True
    )


def _page(
    request: ParleyRequest, link: ReportUnsubscription | None, *, is_done: bool = False
) -> Response[Any]:
    path = f"{PATH}?token={quote(request.query_params.get('token') or '')}"
    shown = UnsubscribeReportPage(link.email if link else None, path, is_done)
    return page(request, "subscriptions/unsubscribe.html", shown, status=200 if link else 404)


handlers: list[Any] = [show_unsubscribe_report, unsubscribe_from_report]
