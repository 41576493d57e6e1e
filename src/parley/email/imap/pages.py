"""The page on which the mailbox of a channel is set."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.email.channels.queries import channel_to_change
from parley.email.channels.schemas import EmailChannel
from parley.email.imap.actions import delete_mailbox
from parley.email.imap.connecting import connect_mailbox
from parley.email.imap.errors import MailboxRefused, NotOurServer
from parley.email.imap.queries import mailbox_out
from parley.email.imap.schemas import MailboxOut, NewMailbox
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, Invalid, NotFound, Throttled
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.mailbox_providers import provider_of
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/email/{channel_id:str}/imap"
NOTICES = {
    "connected": "The mailbox can be read. New mail comes in from now on.",
    "removed": "Mail is not fetched from there any more.",
}
ANY_PASSWORD = "Many providers want a password for apps, which you make in their settings."
Text = Annotated[str, Meta(extra=TRIM)]


class MailboxForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form; a box that isn't ticked isn't sent."""

    host: Text = ""
    port: Text = "993"
    security: str = "tls"
    username: Text = ""
    password: str = ""
    folder: Text = "INBOX"
    is_importing: str = ""


class MailboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `imap/mailbox.html`; `mailbox` is None where none is set."""

    channel_id: str
    from_email: str
    mailbox: MailboxOut | None
    form: MailboxForm
    password_hint: str
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


async def _mailbox_page(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    channel_id: str,
    form: MailboxForm | None = None,
    error: AppError | None = None,
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        channel = (await channel_to_change(db, actor, channel_id)).channel
        try:
            mailbox = await mailbox_out(db, actor.project_id, channel.id)
        except NotFound:
            mailbox = None
    provider = provider_of(channel.domain)
    context = MailboxPage(
        channel_id=str(channel.id),
        from_email=channel.from_email,
        mailbox=mailbox,
        form=form or _form_of(mailbox, channel),
        password_hint=(provider.password if provider else None) or ANY_PASSWORD,
        problem=error.detail if error else None,
        at=error.attr if error else None,
        notice=None if error else NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "imap/mailbox.html", context, status=422 if error else 200)


def _form_of(mailbox: MailboxOut | None, channel: EmailChannel) -> MailboxForm:
    """Return what is set, else what is known of the provider."""
    if mailbox is None:
        provider = provider_of(channel.domain)
        known = provider.imap_host if provider else None
        return MailboxForm(host=known, username=channel.from_email) if known else MailboxForm()
    return MailboxForm(
        host=mailbox.host,
        port=str(mailbox.port),
        security=mailbox.security,
        username=mailbox.username,
        folder=mailbox.folder,
        is_importing="on" if mailbox.is_importing else "",
    )


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_mailbox_page(
    request: ParleyRequest, channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show where the mail of a channel is fetched, and a form for it."""
    return await _mailbox_page(request, services, actor, channel_id)


@post(PATH, guards=[page_session], include_in_schema=False)
async def set_mailbox_from_page(
    request: ParleyRequest,
    channel_id: FromPath[str],
    data: JSONBody[MailboxForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Open the mailbox and fetch from it, or show the form with the problem; the password is typed anew then."""
    fields = msgspec.structs.asdict(data) | {"is_importing": bool(data.is_importing)}
    try:
        await connect_mailbox(services, actor, channel_id, read(NewMailbox, fields))
    except (Invalid, MailboxRefused, NotOurServer, Throttled) as error:
        return await _mailbox_page(request, services, actor, channel_id, data, error)
    return redirect(f"/settings/email/{channel_id}/imap?notice=connected")


@post(f"{PATH}/remove", guards=[page_session], include_in_schema=False)
async def remove_mailbox_from_page(
    channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Fetch from the mailbox no more."""
    async with services.database.transaction() as db:
        channel = (await channel_to_change(db, actor, channel_id)).channel
        await delete_mailbox(db, services, actor.project_id, channel.id)
    return redirect(f"/settings/email/{channel_id}/imap?notice=removed")


handlers: list[Any] = [show_mailbox_page, set_mailbox_from_page, remove_mailbox_from_page]
