"""A report goes to one recipient: by mail, to Slack, or to a URL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.projects.queries.projects import signing_secrets
from parley.analytics.reports.schemas import Report
from parley.analytics.subscription_deliveries.actions.finishing import note_attempt, record_result
from parley.analytics.subscription_deliveries.letters import stored_letter
from parley.analytics.subscription_deliveries.mails import report_mail
from parley.analytics.subscription_deliveries.pictures import linked_pictures
from parley.analytics.subscription_deliveries.queries.deliveries import open_delivery, recipient_of
from parley.analytics.subscription_deliveries.rules import CALL_RETRIES_S, MAIL_RETRIES_S
from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.analytics.subscription_deliveries.slack import report_message
from parley.analytics.subscriptions.mails import resource_url
from parley.analytics.subscriptions.queries.subscriptions import subscription_or_none
from parley.analytics.subscriptions.rules.targets import has_address
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.analytics.subscriptions.unsubscribe_tokens import ReportUnsubscription, unsubscribe_url
from parley.kernel.jobs import Work
from parley.kernel.network.mail import Mail, MailRefused
from parley.kernel.network.outbound import AddressRefused, CallFailed, Outbound, OutgoingRequest, Reply
from parley.kernel.network.smtp import NoAnswer
from parley.kernel.network.webhook_messages import GONE, message_text, signed_headers
from parley.kernel.services import Services

NOT_WANTED = "The address was taken off the subscription meanwhile."
CALL_S = 15.0
SLACK_IS_GONE = (404, 410)
"""What Slack answers where a webhook was removed, or its channel is archived."""
DELIVERED_EVENT = "subscription.delivered"


class TryAgain(Exception):
    """An attempt has failed; the text says why."""


class Sending(msgspec.Struct, frozen=True):
    """What goes to whom."""

    found: StoredSubscription
    delivery: OpenDelivery
    number: int
    recipient: str
    attempts: int
    letter: Report

    @property
    def key(self) -> tuple[int, UUID, int]:
        return self.delivery.project_id, self.delivery.id, self.number


async def read_sending(services: Services, work: Work) -> Sending | None:
    """Return what is to be sent; None when that was done before."""
    id, number = UUID(work.payload["delivery_id"]), work.payload["number"]
    async with services.database.transaction(write=False) as db:
        delivery = await open_delivery(db, work.project_id, id)
        if delivery is None:
            return None
        reached = await recipient_of(db, work.project_id, id, number)
        found = await subscription_or_none(db, work.project_id, delivery.subscription_id)
    if found is None or reached is None:
        return None
    letter = await stored_letter(services, delivery)
    return Sending(found, delivery, number, reached.recipient, reached.attempts, letter)


async def record(
    services: Services, work: Work, sending: Sending, error: str | None, *, is_gone: bool = False
) -> None:
    """Note that the recipient was reached, or why it is not tried again."""
    async with services.database.transaction() as db:
        attempts = work.attempts + 1
        await record_result(db, services, sending.key, error, attempts=attempts, is_gone=is_gone)


async def _note(services: Services, work: Work, sending: Sending, error: str) -> None:
    async with services.database.transaction() as db:
        await note_attempt(db, services, sending.key, error, attempts=work.attempts + 1)


async def send_report(services: Services, work: Work) -> None:
    """Mail a report to one recipient, who may have unsubscribed meanwhile; raises what is worth another attempt.

    If the process dies between the server's answer and the note of it, the mail goes out again under the same Message-ID.
    """
    sending = await read_sending(services, work)
    if sending is None:
        return
    if not has_address(sending.found.target_value, sending.recipient) or sending.found.deleted:
        await record(services, work, sending, NOT_WANTED)
        return
    try:
        async with services.mailer.handed_over(_mail(services, sending)):
            await record(services, work, sending, None)
    except (MailRefused, NoAnswer) as error:
        is_final = isinstance(error, MailRefused) and error.is_final
        if not is_final and work.attempts < len(MAIL_RETRIES_S):
            await _note(services, work, sending, str(error)[:500])
            raise
        await record(services, work, sending, str(error)[:500])


def _mail(services: Services, sending: Sending) -> Mail:
    site_url, link = services.settings.site_url, _link(sending.found, sending.recipient)
    url = unsubscribe_url(site_url, services.vault, link, services.clock.now())
    return report_mail(sending.letter, sending.delivery, sending.number, sending.recipient, url, site_url)


def _link(found: StoredSubscription, email: str) -> ReportUnsubscription:
    return ReportUnsubscription(found.id, email, found.project_id)


async def call_target(services: Services, work: Work) -> None:
    """Post a report to Slack or to a URL; raises TryAgain. A message that is sent again has the same `webhook-id`."""
    sending = await read_sending(services, work)
    if sending is None:
        return
    try:
        # Slack refuses a whole message if it can't fetch a picture, as from a server that is not public.
        request = await _request(services, sending, may_show_pictures=work.attempts == 0)
        reply = await Outbound(services.settings.allowed_hosts_out).send(request)
    except (AddressRefused, CallFailed, ValueError) as problem:
        await failed(services, work, sending, str(problem)[:500])
        return
    gone = SLACK_IS_GONE if sending.delivery.target_type == "slack" else (GONE,)
    if 200 <= reply.status < 300:
        await record(services, work, sending, None)
    elif reply.status in gone:
        await record(services, work, sending, _words(reply), is_gone=True)
    else:
        await failed(services, work, sending, _words(reply))


async def failed(services: Services, work: Work, sending: Sending, error: str) -> None:
    """Note why an attempt at a target failed; raises TryAgain unless it was the last one."""
    if work.attempts < len(CALL_RETRIES_S):
        await _note(services, work, sending, error)
        raise TryAgain(error)
    await record(services, work, sending, error)


def _words(reply: Reply) -> str:
    if reply.status == GONE:
        return "The endpoint answered 410 Gone."
    return f"The endpoint answered with status {reply.status}."


async def _request(
    services: Services, sending: Sending, *, may_show_pictures: bool = True
) -> OutgoingRequest:
    """Return the call; raises ValueError where the URL can't be decrypted."""
    delivery = sending.delivery
    url = services.vault.decrypt(delivery.target_url or "")
    if delivery.target_type == "slack":
        message = await slack_message(services, sending, may_show_pictures=may_show_pictures)
        return _post(url, msgspec.json.encode(message))
    link = resource_url(services.settings.site_url, sending.found, delivery.target_type)
    pictures = await linked_pictures(services, delivery, sending.letter)
    data = _data(sending, link, [one.url for one in pictures])
    body = message_text(DELIVERED_EVENT, _iso(delivery.created_at), data)
    now = services.clock.now()
    async with services.database.transaction(write=False) as db:
        secrets = await signing_secrets(db, services.vault, delivery.project_id, now)
    return _post(url, body.encode(), signed_headers(secrets, str(delivery.id), now, body))


async def slack_message(services: Services, sending: Sending, *, may_show_pictures: bool) -> dict[str, Any]:
    """Return a report as a message of Slack."""
    pictures = await linked_pictures(services, sending.delivery, sending.letter) if may_show_pictures else ()
    link = resource_url(services.settings.site_url, sending.found, "slack")
    return report_message(sending.letter.subject, link, [(one.url, one.name) for one in pictures])


def _post(url: str, body: bytes, headers: dict[str, str] | None = None) -> OutgoingRequest:
    headers = {"Content-Type": "application/json", **(headers or {})}
    return OutgoingRequest(url=url, headers=headers, body=body, timeout_s=CALL_S)


def _data(sending: Sending, link: str, image_urls: Sequence[str]) -> dict[str, Any]:
    delivery, found = sending.delivery, sending.found
    snapshot = delivery.content_snapshot or {}
    return {
        "subscription": {"id": found.id, "title": found.title, "project_id": found.project_id},
        "resource": {name: snapshot.get(name) for name in ("kind", "id", "short_id", "name")} | {"url": link},
        "results": sending.letter.answers,
        "image_urls": image_urls,
        "delivery_id": str(delivery.id),
        "trigger_type": delivery.trigger_type,
        "scheduled_at": _iso(delivery.scheduled_at) if delivery.scheduled_at else None,
    }


def _iso(at: Any) -> str:
    return str(at.isoformat()).replace("+00:00", "Z")
