"""The widget's "Recover them here": a link is asked for, and redeemed (docs/wire/widget.md#lost-conversations)."""

from typing import Any

from litestar import post

from parley.conversations.restore_links.actions import ask_for_link, redeem_link
from parley.conversations.restore_links.rules import MAX_PAGE, MAX_TOKEN, MIN_TOKEN, checked_page
from parley.conversations.restore_links.schemas import (
    Restored,
    RestoreRedemption,
    RestoreRequest,
    RestoreRequested,
)
from parley.conversations.widget.access import WRITE_ADDRESS, check_page, project_of
from parley.conversations.widget.errors import EXCEPTION_HANDLERS
from parley.conversations.widget.rules.field_reader import Fields
from parley.conversations.widget.schemas import WidgetProblem
from parley.kernel.errors import Invalid, PlainError
from parley.kernel.http.authorization import Project, public
from parley.kernel.http.body import parse
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.emails import MAX_EMAIL_LENGTH, check_email
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, documented
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit, per_address

PREFIX = "/api/conversations/v1/widget/restore"
COMMON: dict[str, Any] = {"exception_handlers": EXCEPTION_HANDLERS, "request_max_body_size": 16 * 1024}
REFUSED = "The token is missing or not valid, the page may not do this, or restoring is switched off."
DOCUMENTED: dict[str, Any] = {
    "problem": WidgetProblem,
    "credentials": "widgetToken",
    "errors": {429: "Too many requests."},
    "answers": {403: DocumentedAnswer(REFUSED, (WidgetProblem, ErrorBody))},
}
ASK = documented(body=RestoreRequest, **DOCUMENTED)
REDEEM = documented(body=RestoreRedemption, **DOCUMENTED)
asks = per_address(*WRITE_ADDRESS, Limit("restore-asked-address", 60, HOUR_S))
redeems = per_address(Limit("restore-redeem", 10, MINUTE_S), is_always_on=True)


@post(f"{PREFIX}/request", guards=[public, asks], status_code=200, opt=ASK, **COMMON)
async def ask_for_restore_link(request: ParleyRequest) -> RestoreRequested:
    """Have a link mailed that brings lost conversations back; the answer is the same for an unknown address."""
    services: Services = request.app.state.services
    project, fields = await _admitted(request)
    email = _email(fields)
    url = fields.text("request_url", MAX_PAGE, missing="This field is required.")
    fields.check()
    assert email is not None and url is not None  # or a problem would have been raised
    shown_by = request.headers.get("origin") or request.headers.get("referer")
    domains = project.settings.get("widget_domains") or ()
    page = checked_page(url, shown_by, domains, services.settings.site_url)
    await ask_for_link(services, project.id, email, page)
    return RestoreRequested()


@post(PREFIX, guards=[public, redeems], status_code=200, opt=REDEEM, **COMMON)
async def redeem_restore_link(request: ParleyRequest) -> Restored:
    """Give the conversations of a link's address to a session of the widget; a link works once, for an hour."""
    project, fields = await _admitted(request)
    token = fields.text("restore_token", MAX_TOKEN, missing="This field is required.")
    session = fields.uuid("widget_session_id")
    if token is not None and len(token) < MIN_TOKEN:
        fields.wrong("restore_token", f"Ensure this field has at least {MIN_TOKEN} characters.")
    if session is None and "widget_session_id" not in fields.problems:
        fields.wrong("widget_session_id", "This field is required.")
    fields.check()
    assert token is not None and session is not None  # or a problem would have been raised
    # In a browser this is the SDK. Where its only ticket is named it reads the messages before it has a window, and then
    # shows none of them; where none is named it looks for its tickets, and shows the one that it finds.
    is_widget = "sec-fetch-mode" in request.headers
    return await redeem_link(request.app.state.services, project.id, token, session, is_widget=is_widget)


async def _admitted(request: ParleyRequest) -> tuple[Project, Fields]:
    """Return the project and the fields of a request from a page that may restore; raises PlainError (403)."""
    project = await project_of(request)
    check_page(request, project)
    if project.settings.get("widget_restore_enabled") is False:
        raise PlainError(403, {"error": "Restore is not enabled"})
    return project, Fields(parse(await request.body(), request.headers.get("content-type", ""), repairs=True))


def _email(fields: Fields) -> str | None:
    text = fields.text("email", MAX_EMAIL_LENGTH, missing="This field is required.")
    try:
        return check_email(text) if text is not None else None
    except Invalid as error:
        fields.wrong("email", error.detail)
        return None


handlers: list[Any] = [ask_for_restore_link, redeem_restore_link]
