"""What the mail server said is stored at once: only so does nobody get a mail twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, update

from parley.email.outbound.actions.status import show_status
from parley.email.outbound.queries.deliveries import recipient_states
from parley.email.outbound.queries.due import DueEmail
from parley.email.outbound.rules.retries import next_attempt
from parley.email.outbound.rules.states import email_state, is_bad_address, state_after
from parley.email.outbound.tables import WAITING, outbound_email, outbound_recipient
from parley.email.reply_routes.actions import note_refusals
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.network.smtp import Answer
from parley.kernel.services import Services

_e, _r = outbound_email.c, outbound_recipient.c
_EMAIL = (_e.project_id == bindparam("project_id"), _e.id == bindparam("email_id"))
_ANSWERED = Prepared(
    update(outbound_recipient)
    .where(
        _r.project_id == bindparam("in_project", type_=_r.project_id.type),
        _r.email_id == bindparam("of_email", type_=_r.email_id.type),
        _r.address == bindparam("to", type_=_r.address.type),
        _r.state == "waiting",
    )
    .values(
        state=bindparam("new_state", type_=_r.state.type),
        answer=bindparam("said", type_=_r.answer.type),
        accepted_at=bindparam("at", type_=_r.accepted_at.type),
    )
)
_SETTLE = Prepared(
    update(outbound_email)
    .where(*_EMAIL, WAITING)
    .values(
        state=bindparam("new_state", type_=_e.state.type),
        reason=bindparam("why", type_=_e.reason.type),
        next_at=bindparam("again", type_=_e.next_at.type),
        last_error=bindparam("error", type_=_e.last_error.type),
        finished_at=bindparam("done", type_=_e.finished_at.type),
    )
)
_GIVE_UP = Prepared(
    update(outbound_recipient)
    .where(
        _r.project_id == bindparam("project_id"),
        _r.email_id == bindparam("email_id"),
        _r.state == "waiting",
    )
    .values(state="failed")
)


async def record_answers(
    db: Db,
    services: Services,
    project_id: int,
    email: DueEmail,
    comment_ids: Sequence[UUID],
    answers: Mapping[str, Answer],
) -> None:
    """Note for each recipient what the server said; the mail is tried again for those whom it put off."""
    now = services.clock.now()
    rows = [
        {
            "in_project": project_id,
            "of_email": email.id,
            "to": address,
            "new_state": state_after(answer),
            "said": str(answer)[:600],
            "at": now if answer.is_accepted else None,
        }
        for address, answer in answers.items()
    ]
    await db.each(_ANSWERED, rows)
    refused = [str(answer) for answer in answers.values() if not answer.is_accepted]
    bad = {address: str(answer) for address, answer in answers.items() if is_bad_address(answer)}
    if bad:
        await note_refusals(db, project_id, bad, now)
    await _settle(db, services, project_id, email, comment_ids, refused[0] if refused else None, now)


async def record_failure(
    db: Db, services: Services, project_id: int, email: DueEmail, comment_ids: Sequence[UUID], error: str
) -> None:
    """Note that a mail couldn't be handed over; it is tried again, for five days."""
    await _settle(db, services, project_id, email, comment_ids, error, services.clock.now())


async def _settle(
    db: Db,
    services: Services,
    project_id: int,
    email: DueEmail,
    comment_ids: Sequence[UUID],
    error: str | None,
    now: datetime,
) -> None:
    this = {"project_id": project_id, "email_id": email.id}
    state, why, again = email_state(await recipient_states(db, project_id, email.id)), None, None
    if state == "waiting":
        again = next_attempt(email.attempts, now, email.created_at)
        if again is None:
            state, why = "failed", "given_up"
            await db.rows(_GIVE_UP, **this)
    elif state == "failed":
        why = "refused"
    await db.rows(
        _SETTLE,
        **this,
        new_state=state,
        why=why,
        again=again,
        error=error[:600] if error else None,
        done=None if again else now,
    )
    if state != "waiting":
        await show_status(db, services, project_id, comment_ids)
