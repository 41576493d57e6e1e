"""Customers by their numbers: found or made, and whether they get messages."""

from typing import Literal

from sqlalchemy import and_, func, literal, or_, update

from parley.integrations.sms.actions.suppressing import take_back_stop
from parley.integrations.sms.queries.contacts import contact_key, locked_contact_of
from parley.integrations.sms.schemas import SmsContact
from parley.integrations.sms.tables import sms_contact
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import emit
from parley.kernel.services import Services
from parley.people.persons.actions.capture import apply_operations
from parley.people.persons.rules.drafts import Operation

_k = sms_contact.c
OPTED_OUT = "sms.contact_opted_out"
"""An event with `contact_id`: what waits for the customer is not to be sent any more."""


async def contact_for(
    db: Db, services: Services, project_id: int, own_number: str, number: str
) -> SmsContact:
    """Return the locked contact of a customer, with the person to whom it belongs; both are made at first."""
    found = await locked_contact_of(db, project_id, own_number, number)
    if found is not None:
        return found
    now = services.clock.now()
    stopped_at = await take_back_stop(db, services.vault, project_id, number)
    values = {
        "project_id": project_id,
        "id": new_uuid(),
        "own_number": own_number,
        "number": number,
        "opted_out_at": stopped_at,
        "opted_out_by": "earlier" if stopped_at else None,
        "created_at": now,
    }
    await db.execute(insert_for(db.dialect, sms_contact).values(values).on_conflict_do_nothing())
    found = await locked_contact_of(db, project_id, own_number, number)
    assert found is not None
    person = Operation(distinct_id=found.distinct_id, at=now, sets_once={"phone": number})
    await apply_operations(db, project_id, [person], now)
    return found


async def opt_out(db: Db, services: Services, contact: SmsContact, by: Literal["customer", "twilio"]) -> None:
    """Send the customer of a locked contact nothing more, also not what waits. Safe to repeat."""
    at = func.coalesce(_k.opted_out_at, literal(services.clock.now(), _k.opted_out_at.type))
    mine = contact_key(contact.project_id, contact.id)
    stopped = update(sms_contact).where(mine).values(opted_out_at=at, opted_out_by=by, stops_all=True)
    await db.execute(stopped)
    await emit(db, OPTED_OUT, {"contact_id": str(contact.id)}, project_id=contact.project_id)


async def opt_in(db: Db, contact: SmsContact) -> None:
    """Let the customer of a locked contact get messages again. Safe to repeat.

    Twilio goes on refusing at other numbers of ours to which they have said STOP; these alone stay stopped.
    """
    theirs = and_(_k.project_id == contact.project_id, _k.number == contact.number)
    begins = or_(_k.id == contact.id, _k.opted_out_by == "earlier")
    cleared = update(sms_contact).where(theirs, begins)
    await db.execute(cleared.values(opted_out_at=None, opted_out_by=None, stops_all=True))
    others = update(sms_contact).where(theirs, _k.opted_out_at.is_not(None))
    await db.execute(others.values(stops_all=False))
