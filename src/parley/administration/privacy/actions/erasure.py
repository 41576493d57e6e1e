"""The data of one person is erased: in one transaction, all of it or nothing."""

from datetime import datetime
from typing import Any

import msgspec

from parley.accounts.activity_log.actions import erase_changes
from parley.accounts.activity_log.schemas import Change
from parley.administration.privacy.actions.export import UNKNOWN
from parley.administration.privacy.actions.log import SCOPE, log
from parley.administration.privacy.actions.unmerging import unmerge_from_others
from parley.administration.privacy.queries.data_subject import (
    DataSubject,
    data_subject_of,
    with_merged_tickets,
)
from parley.administration.privacy.queries.other_tickets import DataOnOtherTickets, data_on_other_tickets
from parley.administration.privacy.rules import Identifiers, SubjectReference
from parley.administration.privacy.schemas import Erasure
from parley.analytics.insights.actions.runs import forget_results
from parley.analytics.recordings.actions.deleting import erase_recordings
from parley.analytics.subscription_deliveries.actions.clearing import have_letters_erased
from parley.conversations.personal_data.actions import ErasurePlan, erase_tickets, lock_for_erasure
from parley.conversations.personal_data.queries.stored import messages_on, remarks_about
from parley.conversations.restore_links.actions import forget_links_to
from parley.email.inbound.actions.forgetting import erase_mails
from parley.email.outbound.actions.forgetting import erase_recipients
from parley.integrations.linkedin_conversions.actions.erasing import erase_conversions
from parley.integrations.sms.actions.forgetting import erase_contacts
from parley.integrations.webhooks.actions.erasure import erase_payloads
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.idempotency import erase_answers
from parley.kernel.jobs import erase_rows
from parley.kernel.services import Services
from parley.people.events.actions import erase_events, erase_events_that
from parley.people.persons.actions.erasure import erase_distinct_ids, erase_persons, lock_persons


async def erase_person(
    db: Db, services: Services, actor: Actor, reference: SubjectReference, *, is_confirmed: bool
) -> Erasure:
    """Remove everything that is known of a person, and log that; raises NotFound where nothing is known.

    What comes in about them later is new.
    """
    subject = await data_subject_of(db, actor.project_id, reference, is_confirmed=is_confirmed)
    # Their events wait here from now on, so that what is found next is all there is.
    await lock_persons(db, actor.project_id, [*subject.persons, *subject.shared_persons])
    await unmerge_from_others(db, services, actor, set(subject.tickets))
    subject = await data_subject_of(db, actor.project_id, reference, is_confirmed=is_confirmed)
    subject = await with_merged_tickets(db, actor.project_id, subject)
    done = await _erase(db, services, actor.project_id, subject)
    await have_letters_erased(db, actor.project_id)
    counts = msgspec.structs.asdict(done)
    if not any(counts.values()):
        raise NotFound(UNKNOWN)
    del counts["left_out"]
    changes = [Change(SCOPE, "deleted", name, count, None) for name, count in counts.items() if count]
    await log(db, services, actor, subject, "erased", changes)
    db.after_commit(services.database.shorten_log)
    db.after_commit(services.recent_tickets.clear)
    return done


async def _erase(db: Db, services: Services, project_id: int, subject: DataSubject) -> Erasure:
    now = services.clock.now()
    before = await data_on_other_tickets(db, project_id, subject)
    tickets, others = await lock_for_erasure(db, project_id, subject.tickets, before.ticket_ids)
    elsewhere = await data_on_other_tickets(db, project_id, subject)  # by now: somebody may have written
    on_own = await messages_on(db, project_id, subject.tickets)
    identifiers = elsewhere.identifiers.with_ids(one.id for one in on_own)
    waiting = await erase_rows(db, project_id, identifiers.occur_in)
    await _forget_what_was_made(db, project_id, identifiers)
    deliveries = await _erase_deliveries(db, services, project_id, subject, elsewhere, identifiers)
    entries = await _erase_entries(db, project_id, subject, elsewhere, identifiers)
    events = await _erase_events(db, project_id, subject, elsewhere, identifiers, now)
    plan = await _plan(db, project_id, subject, elsewhere, tickets, others)
    erased = await erase_tickets(db, services, project_id, plan)
    own_ids = await erase_distinct_ids(db, project_id, subject.distinct_ids, now)  # of a shared person too
    persons, more_ids = await erase_persons(db, project_id, subject.persons, now)
    return Erasure(
        persons=persons,
        distinct_ids=own_ids + more_ids,
        events=events,
        tickets=erased.tickets,
        messages=erased.messages,
        participants=erased.participants,
        deliveries=deliveries,
        log_entries=entries,
        answers=await erase_answers(db, services.vault, project_id, identifiers.occur_in),
        waiting_work=waiting,
        outbound_mails=await erase_recipients(db, project_id, identifiers.emails),
        text_contacts=await erase_contacts(db, services.vault, project_id, subject.distinct_ids),
        inbound_mails=await erase_mails(db, project_id, subject.tickets, subject.emails),
        recordings=await erase_recordings(db, project_id, subject.distinct_ids, now),
        left_out=subject.left_out,
    )


async def _plan(
    db: Db,
    project_id: int,
    subject: DataSubject,
    elsewhere: DataOnOtherTickets,
    tickets: Any,
    others: Any,
) -> ErasurePlan:
    remarks = await remarks_about(db, project_id, subject.persons)
    return ErasurePlan(
        tickets=tickets,
        others=others,
        messages=[one.id for one in (*elsewhere.messages, *remarks)],
        participations=[one.id for one in elsewhere.participations],
        without_identifiers=elsewhere.identifiers.removed_from,
    )


async def _forget_what_was_made(db: Db, project_id: int, identifiers: Identifiers) -> None:
    await forget_links_to(db, project_id, identifiers.emails)
    await forget_results(db, project_id)  # answers are computed anew when somebody looks


async def _erase_events(
    db: Db,
    project_id: int,
    subject: DataSubject,
    elsewhere: DataOnOtherTickets,
    identifiers: Identifiers,
    now: datetime,
) -> int:
    own = await erase_events(db, project_id, subject.distinct_ids, subject.tickets, now)
    return own + await erase_events_that(identifiers.occur_in, db, project_id, elsewhere.ticket_ids, now)


async def _erase_deliveries(
    db: Db,
    services: Services,
    project_id: int,
    subject: DataSubject,
    elsewhere: DataOnOtherTickets,
    identifiers: Identifiers,
) -> int:
    now = services.clock.now()
    own = await erase_payloads(db, project_id, subject.tickets, now)
    emails = identifiers.emails | set(subject.emails)
    own += await erase_conversions(db, project_id, emails, subject.distinct_ids, subject.tickets, now)
    return own + await erase_payloads(
        db, project_id, elsewhere.ticket_ids, now, is_about=identifiers.occur_in
    )


async def _erase_entries(
    db: Db, project_id: int, subject: DataSubject, elsewhere: DataOnOtherTickets, identifiers: Identifiers
) -> int:
    own, others = ([str(id) for id in ids] for ids in (subject.tickets, elsewhere.ticket_ids))
    erased = await erase_changes(db, project_id, "Ticket", own)
    return erased + await erase_changes(db, project_id, "Ticket", others, is_about=identifiers.occur_in)
