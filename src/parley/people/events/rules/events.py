"""From one event as it was sent to the row that is stored and the operation on persons that it asks for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from parley.kernel.ids import new_uuid
from parley.kernel.text.forms import storable
from parley.people.events.errors import CaptureRefused, UnparsableBody
from parley.people.events.rules.lenient_json import check_depth
from parley.people.events.rules.submission import Submission
from parley.people.events.rules.times import happened_at
from parley.people.persons.rules.distinct_ids import captured_distinct_id
from parley.people.persons.rules.drafts import Operation

MAX_EVENT_BYTES = 1024 * 1024
MAX_NAME = 200
DROPPED = frozenset(("$snapshot", "$snapshot_items"))
"""Parts of recordings: accepted, because SDKs send them, and not stored."""
PERSONLESS = frozenset(("$groupidentify", "$$client_ingestion_warning"))
"""Events whose distinct id may be made up by the SDK."""
RESERVED = "$conversation_"
"""What the names of events about tickets begin with. Parley alone stores them; a forged one would make the team and the
webhooks believe something that never happened."""
MERGES = frozenset(("$identify", "$create_alias", "$merge_dangerously"))


class Captured(msgspec.Struct, frozen=True):
    """An event as it is stored; `properties` is JSON text."""

    id: UUID
    name: str
    distinct_id: str
    properties: str
    timestamp: datetime
    operation: Operation


def captured_events(submission: Submission, received_at: datetime) -> list[Captured]:
    """Return the events of a request as they are to be stored; raises CaptureRefused, so that none is stored."""
    found = [_captured(event, submission.sent_at, received_at) for event in submission.events]
    return [event for event in found if event.name not in DROPPED]


def _captured(event: dict[str, Any], sent_at: datetime | None, received_at: datetime) -> Captured:
    name = _name(event)
    properties = _properties(event)
    distinct_id = _distinct_id(event, properties)
    text = msgspec.json.encode(properties)
    if len(text) > MAX_EVENT_BYTES:
        raise CaptureRefused("maximum event size exceeded")
    check_depth(properties, text)
    skewed = None if properties.get("$ignore_sent_at") else sent_at
    timestamp = happened_at(event.get("timestamp"), event.get("offset"), skewed, received_at)
    operation = _operation(name, distinct_id, properties, timestamp)
    return Captured(_id(event), name, distinct_id, text.decode(), timestamp, operation)


def _name(event: dict[str, Any]) -> str:
    name = event.get("event")
    if name is None:
        raise UnparsableBody("missing field `event`")
    if not isinstance(name, str):
        raise UnparsableBody("`event` must be a text")
    if not name.strip():
        raise CaptureRefused("event submitted with an empty event name")
    if name.strip().casefold().startswith(RESERVED):
        raise CaptureRefused(f"event names that begin with {RESERVED} are reserved")
    return event_name(name)


def event_name(text: str) -> str:
    """Return the name of an event as it is stored and looked up: cut to its greatest length."""
    return storable(text)[:MAX_NAME]


def _properties(event: dict[str, Any]) -> dict[str, Any]:
    properties = event.get("properties")
    if properties is None:
        properties = {}
    elif not isinstance(properties, dict):
        raise UnparsableBody("`properties` must be an object")
    # Some SDKs put these beside the properties.
    beside = {key: event[key] for key in ("$set", "$set_once", "$unset") if event.get(key)}
    return {**beside, **properties} if beside else properties


def _distinct_id(event: dict[str, Any], properties: dict[str, Any]) -> str:
    for fields, key in (
        (event, "distinct_id"),
        (event, "$distinct_id"),
        (properties, "distinct_id"),
        (properties, "$distinct_id"),
    ):
        value = fields.get(key)
        if value is not None:
            break
    else:
        raise CaptureRefused("event submitted without a distinct_id")
    distinct_id = captured_distinct_id(value)
    if not distinct_id.strip():
        raise CaptureRefused("event submitted with an empty distinct_id")
    return distinct_id


def _id(event: dict[str, Any]) -> UUID:
    """Return the client's uuid, under which a repeated event is known again, else a new one."""
    stated = event.get("uuid")
    if isinstance(stated, str) and len(stated) <= 45:
        try:
            return UUID(stated)
        except ValueError:
            pass
    return new_uuid()


def _operation(name: str, distinct_id: str, properties: dict[str, Any], at: datetime) -> Operation:
    if properties.get("$process_person_profile") is False or name in PERSONLESS:
        return Operation(distinct_id=distinct_id, at=at, creates_person=False)
    sets, sets_once, unsets = (properties.get(key) for key in ("$set", "$set_once", "$unset"))
    if name not in MERGES and not (sets or sets_once or unsets):
        return Operation(distinct_id=distinct_id, at=at)
    return Operation(
        distinct_id=distinct_id,
        at=at,
        identifies=name in MERGES,
        merges_with=_other_distinct_id(name, properties),
        by_force=name == "$merge_dangerously",
        sets=_object(sets),
        sets_once=_object(sets_once),
        unsets=_names(unsets),
    )


def _other_distinct_id(name: str, properties: dict[str, Any]) -> str | None:
    if name not in MERGES:
        return None
    value = properties.get("$anon_distinct_id" if name == "$identify" else "alias")
    return None if value is None else captured_distinct_id(value)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> tuple[str, ...]:
    """Read `$unset`: a list of names, or an object whose keys are meant."""
    if isinstance(value, (list, dict)):
        return tuple(name for name in value if isinstance(name, str))
    return ()
