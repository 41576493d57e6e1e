"""Background work of mailboxes: each has one turn of fetching after the other, held by one process at a time."""

from datetime import timedelta

from parley.email.imap.actions import WATCH, watch_anew
from parley.email.imap.queries import lost_mailboxes
from parley.email.imap.rules import LONGEST_PAUSE, TURN_S
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, job, work
from parley.kernel.services import Services


@work(WATCH, timeout_s=TURN_S + 1800, ahead_s=LONGEST_PAUSE.total_seconds())
async def watch_mailbox(services: Services, work: Work) -> None:
    """Fetch what is new in a mailbox and wait for more. Each mail is recorded with the place up to which was read."""
    from parley.email.imap.fetching import take_turn  # its library is loaded where there is a mailbox

    await take_turn(services, work)


@job("imap.find_lost", every=timedelta(minutes=10))
async def find_lost(db: Db, services: Services) -> int:
    """Ask for turns of mailboxes whose chain of turns has broken. Safe to run twice."""
    lost = await lost_mailboxes(db, services.clock.now(), 100)
    for one in lost:
        await watch_anew(db, services, one)
    return len(lost)
