"""The webhook of inbound mail, in the form of Mailgun's routes (docs/email-inbound.md#webhook)."""

from typing import Any

import msgspec
from litestar import post

from parley.email.mail_webhook.actions import take_mail
from parley.email.mail_webhook.errors import invalid_signature
from parley.email.mail_webhook.form import PostedForm, read_form
from parley.email.mail_webhook.rules import MOST_BODY_BYTES
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, documented
from parley.kernel.throttle import sender_limits, sender_slots

AT_ONCE = sender_limits("mail-webhook", 16)
"""The signature stands in the form, so anybody can send a large one, and slowly."""
PATH = "/api/conversations/v1/email/inbound"


class MailTaken(msgspec.Struct, frozen=True):
    """The mail is kept."""

    status: str = "ok"


class WebhookProblem(msgspec.Struct, frozen=True):
    """Why a mail was not taken."""

    error: str


class PostedMail(msgspec.Struct, frozen=True):
    """The fields that must be there; the others are those of Mailgun's routes."""

    token: str
    timestamp: str
    signature: str
    recipient: str


@post(
    PATH,
    guards=[public],
    status_code=200,
    request_max_body_size=MOST_BODY_BYTES,
    opt=documented(
        body=PostedMail,
        media_types=("multipart/form-data", "application/x-www-form-urlencoded"),
        answers={
            200: DocumentedAnswer("The mail is kept.", (MailTaken,)),
            400: DocumentedAnswer("The recipient is no forwarding address.", (WebhookProblem, ErrorBody)),
            403: DocumentedAnswer("The signature is not good.", (WebhookProblem,)),
            404: DocumentedAnswer("The forwarding address belongs to no channel.", (WebhookProblem,)),
        },
    ),
)
async def take_posted_mail(request: ParleyRequest, services: ServicesDependency) -> MailTaken:
    """Take a mail from Mailgun. 200 says that it is kept, whatever becomes of it; with any other answer it comes again."""
    if not services.settings.mailgun_signing_key:
        raise invalid_signature()
    with sender_slots(request, AT_ONCE), PostedForm(services.settings.data_dir) as form:
        await read_form(request, form)
        await take_mail(services, form)
    return MailTaken()


handlers: list[Any] = [take_posted_mail]
