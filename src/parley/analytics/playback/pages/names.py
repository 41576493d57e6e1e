"""What the person of a recording is called in the pages."""

from uuid import UUID

from parley.analytics.recordings.schemas import RecordingOut


def visitor_name(recording: RecordingOut) -> str:
    """Return the person's name; a visitor of whom only a random id is known is called as in the inbox."""
    name = (recording.person.name if recording.person else "") or recording.distinct_id
    try:
        UUID(name)
    except ValueError:
        return name
    return f"Visitor {recording.distinct_id[-6:]}"
