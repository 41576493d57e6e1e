"""Mailboxes: set, deleted, and what is remembered of fetching from them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from parley.accounts.projects.actions.audit import record_in_project
from parley.email.imap.queries import mailbox_key, mailbox_of
from parley.email.imap.rules import Place
from parley.email.imap.schemas import Mailbox, NewMailbox
from parley.email.imap.tables import imap_mailbox
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

WATCH, QUEUE = "imap.watch_mailbox", "imap"


async def set_mailbox(db: Db, services: Services, project_id: int, channel_id: UUID, new: NewMailbox) -> None:
    """Set where the mail of a channel is fetched, and begin with it.

    How far another folder was read says nothing about this one; the same folder goes on where it was.
    """
    before = await mailbox_of(db, project_id, channel_id, is_held=True)
    now = services.clock.now()
    values: dict[str, Any] = {
        "host": new.host,
        "port": new.port,
        "security": new.security,
        "username": new.username,
        "password": services.vault.encrypt(new.password),
        "folder": new.folder,
        "is_importing": new.is_importing,
        "generation": before.generation + 1 if before else 1,
        "seen_at": now,
        "failure_count": 0,
        "last_error": None,
    }
    if before is None or _place_of(before) != _place_of(new):
        values |= dict.fromkeys(("uid_validity", "last_uid", "backfill_uid", "first_connected_at"))
    row = insert_for(db.dialect, imap_mailbox).values(
        project_id=project_id, channel_id=channel_id, created_at=now, **values
    )
    keys = ["project_id", "channel_id"]
    await db.execute(row.on_conflict_do_update(index_elements=keys, set_=values))
    await watch(db, project_id, channel_id, values["generation"])
    named = {name: values[name] for name in ("host", "port", "username", "folder")}
    target = ("email_channel", str(channel_id), new.username)
    action = "email_channel.mailbox_set"
    await record_in_project(db, services, project_id, action, target=target, after=named)


def _place_of(one: Mailbox | NewMailbox) -> tuple[str, int, str, str]:
    return one.host, one.port, one.username, one.folder


async def watch(
    db: Db, project_id: int, channel_id: UUID, generation: int, not_before: datetime | None = None
) -> None:
    """Ask for a turn of fetching."""
    payload = {"channel_id": str(channel_id), "generation": generation}
    await enqueue(db, WATCH, payload, project_id=project_id, queue=QUEUE, not_before=not_before)


async def delete_mailbox(db: Db, services: Services, project_id: int, channel_id: UUID) -> bool:
    """Fetch from this mailbox no more; say whether there was one."""
    ended = delete(imap_mailbox).where(mailbox_key(project_id, channel_id))
    username = (await db.execute(ended.returning(imap_mailbox.c.username))).scalar_one_or_none()
    if username is None:
        return False
    target = ("email_channel", str(channel_id), username)
    await record_in_project(db, services, project_id, "email_channel.mailbox_removed", target=target)
    return True


async def note_place(db: Db, services: Services, mailbox: Mailbox, place: Place) -> None:
    """Remember how far the folder was read."""
    now = services.clock.now()
    values = {
        "uid_validity": place.uid_validity,
        "last_uid": place.last_uid,
        "backfill_uid": place.backfill_uid,
        "first_connected_at": mailbox.first_connected_at or now,
    }
    await _note(db, mailbox, values)


async def note_fetched(db: Db, services: Services, mailbox: Mailbox, uid: int) -> None:
    """Remember that a mail was fetched, in the transaction that records it."""
    now = services.clock.now()
    await _note(db, mailbox, {"last_uid": uid, "fetched_at": now, "seen_at": now})


async def note_connected(db: Db, services: Services, mailbox: Mailbox) -> None:
    """Remember that somebody is connected."""
    now = services.clock.now()
    await _note(db, mailbox, {"connected_at": now, "seen_at": now, "failure_count": 0, "last_error": None})


async def note_failure(db: Db, services: Services, mailbox: Mailbox, error: str) -> None:
    """Remember why fetching failed."""
    count = mailbox.failure_count + 1
    await _note(
        db, mailbox, {"seen_at": services.clock.now(), "failure_count": count, "last_error": error[:500]}
    )


async def watch_anew(db: Db, services: Services, mailbox: Mailbox) -> None:
    """Begin a new chain of turns; whoever may still be in the old one stops."""
    generation = mailbox.generation + 1
    await _note(db, mailbox, {"generation": generation, "seen_at": services.clock.now()})
    await watch(db, mailbox.project_id, mailbox.channel_id, generation)


async def _note(db: Db, mailbox: Mailbox, values: dict[str, Any]) -> None:
    mine = mailbox_key(mailbox.project_id, mailbox.channel_id)
    await db.execute(update(imap_mailbox).where(mine).values(**values))
