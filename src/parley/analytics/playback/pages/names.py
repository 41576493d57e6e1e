"""What the person of a recording is called in the pages."""

from uuid import UUID

from parley.analytics.recordings.schemas import RecordingOut
from parley.people.persons.rules.names import heading_name


def visitor_name(recording: RecordingOut) -> str:
    """Return the person's name; a visitor of whom only a random id is known is called as in the inbox."""
    person = recording.person
    name = (heading_name(person.properties, person.name) if person else "") or recording.distinct_id
    try:
        UUID(name)
    except ValueError:
        return name
    return f"Visitor {recording.distinct_id[-6:]}"
