"""What the list and the export of the audit log are narrowed to, as the URL says it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from parley.accounts.audit_log.queries import user_id_of
from parley.accounts.audit_log.schemas import AuditFilters
from parley.accounts.audit_log.tables import MAX_ACTION, MAX_ID, MAX_NAME, MAX_TYPE
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.ids import uuid_or_none
from parley.kernel.openapi.documented import Query
from parley.kernel.text.forms import storable
from parley.kernel.text.iso_moments import calendar_moment

QUERY = [
    Query("user", "Only what this user has done: the `id` or the `uuid` of a user."),
    Query("action", "Only this action, such as `member.joined`."),
    Query("target_type", "Only what was done to things of this type, such as `api_key`."),
    Query("target_id", "Only what was done to the thing with this id; needs `target_type`, too."),
    Query("after", "Only from this moment on, in ISO 8601; without an offset it is in UTC."),
    Query("before", "Only until this moment, which is left out itself."),
    Query(
        "search",
        "Only entries in which a name, an address of mail or network, or the label of a key contains this.",
    ),
]
NAMES = tuple(one.name for one in QUERY)
UNKNOWN = -1
"""A user that no entry is of."""
LENGTHS = {"action": MAX_ACTION, "target_type": MAX_TYPE, "target_id": MAX_ID, "search": MAX_NAME}


async def filters_of(db: Db, asked: Mapping[str, str]) -> AuditFilters:
    """Read the filters; raises Invalid for one that can't be read, so that nobody takes a longer list for the answer."""
    given = {name: storable(asked[name]).strip() for name in NAMES if asked.get(name, "").strip()}
    for name, most in LENGTHS.items():
        if len(given.get(name, "")) > most:
            raise Invalid(
                f"Ensure this field has no more than {most} characters.", code="max_length", attr=name
            )
    if "target_id" in given and "target_type" not in given:
        raise Invalid("Name the target_type, too.", code="required", attr="target_type")
    texts = {name: given[name] for name in LENGTHS if name in given}
    moments = {name: _moment(name, given[name]) for name in ("after", "before") if name in given}
    user_id = await _user_id(db, given["user"]) if "user" in given else None
    return AuditFilters(user_id=user_id, **texts, **moments)  # type: ignore[arg-type]


def _moment(name: str, text: str) -> datetime:
    try:
        found = calendar_moment(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            "Enter a valid date/time in ISO 8601, such as 2026-11-29T12:00:00Z.", attr=name
        ) from error


async def _user_id(db: Db, text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    uuid: UUID | None = uuid_or_none(text)
    if uuid is None:
        raise Invalid("Enter the id or the uuid of a user.", attr="user")
    return await user_id_of(db, uuid) or UNKNOWN
