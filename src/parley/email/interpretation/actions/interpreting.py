"""A kept mail is interpreted: read in a process of its own, decided about, and written in one transaction."""

from functools import partial
from uuid import UUID

import msgspec

from parley.email.inbound.actions.settling import settle
from parley.email.inbound.queries.ledger import ledger_row, read_ledger_row
from parley.email.inbound.rules.states import SENTENCES, Reason
from parley.email.inbound.schemas import LedgerOutcome, LedgerRow
from parley.email.interpretation.actions.deciding import Interpretation, becomes_message, outcome_of
from parley.email.interpretation.actions.filing import has_files, store_files
from parley.email.interpretation.actions.looking_up import looked_up
from parley.email.interpretation.reading import ReadMail, read_mail
from parley.email.interpretation.rules.automatic import is_written
from parley.email.parsing.errors import MailNotRead
from parley.email.reply_routes.actions import forget_bounces
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.retries import call_again
from parley.kernel.errors import Unavailable
from parley.kernel.services import Services
from parley.kernel.storage.errors import NoSuchObject

TRANSIENT = ("crashed", "too_slow")
TURN = 0x6D69
"""Mails of a project are placed one after the other: each must see the ids that the one before has brought."""
MOST_READS = 3
"""How often a mail is read whose reading failed for a reason that may lie in the machine."""


async def interpret(services: Services, project_id: int, row_id: UUID, *, is_forced: bool = False) -> None:
    """Interpret a kept mail, unless that has been done; safe to repeat, and safe in two processes at once.

    Raises what a later attempt may get over; the ledger says so in the meantime.
    """
    row = await read_ledger_row(services.database, project_id, row_id)
    if not _is_open(row):
        return
    try:
        read = await read_mail(services, row)
        await _place_read(services, row, read, is_forced=is_forced)
    except NoSuchObject:
        await _fail(services, row, "raw_gone", SENTENCES["raw_gone"])
    except MailNotRead as error:
        await _fail(services, row, "not_read", str(error))
        if error.reason in TRANSIENT and row.attempts + 1 < MOST_READS:
            raise
    except Unavailable:
        raise
    except Exception as error:
        await _fail(services, row, "error", f"{SENTENCES['error']} ({type(error).__name__})")
        raise


def _is_open(row: LedgerRow) -> bool:
    return row.state in ("received", "failed")


async def _fail(services: Services, row: LedgerRow, reason: Reason, detail: str) -> None:
    async with services.database.transaction() as db:
        locked = await ledger_row(db, row.project_id, row.id)
        if _is_open(locked):
            outcome = LedgerOutcome(state="failed", reason=reason, detail=detail)
            await settle(db, services, locked, outcome)


async def _place_read(services: Services, row: LedgerRow, read: ReadMail, *, is_forced: bool) -> None:
    found = await looked_up(services, row, read, is_forced=is_forced)
    if isinstance(found, Interpretation) and has_files(read.mail) and await becomes_message(services, found):
        files = await store_files(services, row.project_id, read.mail)
        found = msgspec.structs.replace(found, files=files)
    await call_again(partial(_settle_read, services, row, read, found))


async def _settle_read(
    services: Services, row: LedgerRow, read: ReadMail, found: Interpretation | LedgerOutcome
) -> None:
    async with services.database.transaction() as db:
        await take_turn(db, TURN, row.project_id)
        locked = await ledger_row(db, row.project_id, row.id)
        if not _is_open(locked):
            return
        if isinstance(found, LedgerOutcome):
            outcome = found
        else:
            outcome = await outcome_of(db, services, found)
            if outcome.state in ("stored", "merged") and _shows_that_it_works(found):
                await forget_bounces(db, row.project_id, found.sender or "")
        is_proven = found.is_authenticated if isinstance(found, Interpretation) else None
        await settle(db, services, locked, outcome, read.mail, is_authenticated=is_proven)


def _shows_that_it_works(found: Interpretation) -> bool:
    """Say whether the sender's address has its owner behind it again: only a proven mail that somebody wrote tells."""
    return found.is_authenticated and found.sender is not None and is_written(found.read.mail)
