"""The activity log keeps that somebody's data was exported or erased, and by whom; it doesn't say whose."""

from collections.abc import Sequence

from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.schemas import Change, Detail, Entry
from parley.accounts.projects.actions.audit import record_in_project
from parley.administration.privacy.queries.data_subject import DataSubject
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

SCOPE = "Person"


async def log(
    db: Db,
    services: Services,
    actor: Actor,
    subject: DataSubject,
    activity: str,
    changes: Sequence[Change] = (),
) -> None:
    """Log what the actor has done to a data subject. Without a uuid, they are named by a signature of the reference."""
    named = f"{actor.project_id}:{subject.reference.kind}:{subject.reference.text}"
    signature = services.vault.signature("personal data", named)
    entry = Entry(
        project_id=actor.project_id,
        user_id=actor.user_id,
        activity=activity,
        scope=SCOPE,
        item_id=str(subject.persons[0]) if subject.persons else signature,
        detail=Detail(name=None, changes=changes),
        created_at=services.clock.now(),
    )
    await record(db, entry)
    target = ("person", entry.item_id, "")
    await record_in_project(db, services, actor.project_id, f"person.{activity}", target=target)
