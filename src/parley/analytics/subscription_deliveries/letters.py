"""What a delivery sends: made once, kept in the storage, and the same for all recipients and attempts."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.reports.actions.composing import report_of
from parley.analytics.reports.schemas import Report, ReportAbout, ReportForm
from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.network.mail import MailFile
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

KIND = "subscription_letter"


async def letter_of(services: Services, found: StoredSubscription, delivery: OpenDelivery) -> Report:
    """Make the report of a delivery; raises NotFound once what it is about is deleted."""
    project = await project_by_id(services.database, found.project_id)
    if project is None:
        raise LookupError("the project is gone")
    about = ReportAbout(
        insight_id=found.insight_id,
        dashboard_id=found.dashboard_id,
        chosen=found.dashboard_export_insights,
        is_whole=found.dashboard_export_all,
    )
    is_mail = delivery.target_type == "email"
    form = ReportForm(
        title=found.title, medium=delivery.target_type, files=found.attachments if is_mail else ()
    )
    return await report_of(services, project, about, form)


def _key_of(delivery: OpenDelivery) -> str:
    return object_key(delivery.project_id, KIND, delivery.id)


async def store_letter(services: Services, delivery: OpenDelivery, letter: Report) -> None:
    """Keep a letter; safe to repeat."""
    await services.storage.put(_key_of(delivery), msgspec.msgpack.encode(letter))


async def stored_letter(services: Services, delivery: OpenDelivery) -> Report:
    """Return a letter that was kept; raises NoSuchObject."""
    return msgspec.msgpack.decode(await _content(services, _key_of(delivery)), type=Report)


class _Pictures(msgspec.Struct, frozen=True):
    pictures: Sequence[MailFile] = ()


async def stored_pictures(services: Services, project_id: int, delivery_id: UUID) -> Sequence[MailFile]:
    """Return the pictures of a letter that was kept; raises NoSuchObject."""
    content = await _content(services, object_key(project_id, KIND, delivery_id))
    return msgspec.msgpack.decode(content, type=_Pictures).pictures


async def _content(services: Services, key: str) -> bytes:
    stored = await services.storage.open(key)
    return b"".join([chunk async for chunk in stored.chunks])
