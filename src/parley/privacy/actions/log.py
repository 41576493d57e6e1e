"""The activity log keeps that somebody was given out or forgotten, and by whom; it doesn't say who they were."""

from collections.abc import Sequence

from parley.activity.actions import Entry, record
from parley.activity.schemas import Change, Detail
from parley.kernel.access import Actor
from parley.kernel.db import Db
from parley.kernel.dependencies import Services
from parley.privacy.queries.subject import Subject

SCOPE = "Person"


async def log(
    db: Db, services: Services, actor: Actor, subject: Subject, activity: str, changes: Sequence[Change] = ()
) -> None:
    """Write that the actor has done this to a person. Without a uuid they get a signature of what was asked for."""
    asked = f"{actor.project_id}:{subject.asked.kind}:{subject.asked.text}"
    signature = services.vault.signature("personal data", asked)
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
