"""What events do in the background."""

from datetime import datetime

from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, on
from parley.kernel.services import Services
from parley.people.events.actions import delete_events


@on("person.deleted", "events.jobs.delete_events_of_person")
async def delete_events_of_person(db: Db, _: Services, event: Event) -> None:
    """Delete what was captured of a person, up to the moment of its deletion."""
    until = datetime.fromisoformat(event.payload["until"])
    await delete_events(db, event.project_id, event.payload["distinct_ids"], until)
