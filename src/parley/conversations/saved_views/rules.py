"""What is decided about saved views: which filters may be stored, how stored ones are read, who may change what."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from parley.conversations.sla.rules import SlaState
from parley.conversations.tickets.rules.assignees import RoleAssignee, UserAssignee
from parley.conversations.tickets.rules.fields import Channel, Priority, Status
from parley.conversations.tickets.rules.tags import check_tag_lengths
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.problems import problem
from parley.kernel.text.forms import normal_tag
from parley.kernel.text.json_text import read_json
from parley.kernel.text.search_terms import MAX_SEARCH

Visibility = Literal["shared", "private"]
AiTriageResult = Literal[
    "persisted",
    "suggested",
    "escalated_with_findings",
    "escalated_with_best",
    "escalated_no_reply",
    "skipped_unactionable",
    "blocked_unsafe",
    "blocked_unsafe_reply",
    "clarified",
    "suggested_clarification",
    "in_progress",
]
TagName = Annotated[str, Meta(max_length=1000)]
Bound = Annotated[str, Meta(max_length=100)]

MAX_FILTERS_LENGTH = 10_000
NOT_THE_CREATOR = "Only the creator of a view can change its visibility."
CREATOR_IS_GONE = "A view whose creator no longer exists cannot be made private."


ViewAssignee = Literal["me", "unassigned"] | UserAssignee | RoleAssignee


class Sorting(msgspec.Struct, frozen=True, rename="camel"):
    """A column and a direction: 1 upwards, -1 downwards."""

    column_key: Annotated[str, Meta(max_length=100)]
    order: Literal[1, -1]


class ViewFilters(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The filters that have a meaning, under their names on the wire; other keys are kept for whoever set them."""

    status: tuple[Status, ...] = ()
    priority: tuple[Priority, ...] = ()
    channel: Literal["all"] | Channel | None = None
    sla: Literal["all"] | SlaState | None = None
    ai_triage_result: tuple[AiTriageResult, ...] = ()
    assignee: tuple[ViewAssignee, ...] = ()
    tags: tuple[TagName, ...] = ()
    tags_match: Literal["any", "all"] = "any"
    tags_exclude: tuple[TagName, ...] = ()
    date_from: Bound | None = None
    date_to: Bound | None = None
    sorting: Sorting | None = None
    search: Annotated[str, Meta(max_length=MAX_SEARCH)] | None = None
    # True or false. PostHog has no such filter, so that its pages may keep anything under this name: that filters nothing.
    snoozed: Any = None


FIELDS = msgspec.structs.fields(ViewFilters)
NAMING_TAGS = tuple(one.encode_name for one in FIELDS if one.name in ("tags", "tags_exclude"))


def checked_filters(filters: Mapping[str, Any]) -> str:
    """Return filters as the JSON text to be stored, unknown keys and all; raises Invalid.

    They are stored as text, since a JSON column of PostgreSQL would not give back every number as it came.
    """
    text = msgspec.json.encode(filters).decode()
    if len(text) > MAX_FILTERS_LENGTH:
        raise Invalid("Filters payload is too large.", attr="filters")
    try:
        found = msgspec.convert(filters, ViewFilters)
    except msgspec.ValidationError as error:
        raise problem(ViewFilters, filters, "filters", strict=True) from error
    for name in ("tags", "tags_exclude"):
        check_tag_lengths(getattr(found, name), f"filters__{name}")
    return text


def read_filters(stored: str) -> ViewFilters:
    """Return what a stored view filters by; what can't be read any more is skipped and never an error.

    `all` is no filter, so it reads as none. Tags are in the form that tickets have them in.
    """
    try:
        blob = read_json(stored)
    except (msgspec.DecodeError, RecursionError):
        return ViewFilters()
    if not isinstance(blob, dict):
        return ViewFilters()
    found = {
        field.name: _read(field, blob[field.encode_name]) for field in FIELDS if field.encode_name in blob
    }
    for name in ("channel", "sla"):
        found[name] = None if found.get(name) == "all" else found.get(name)
    for name in ("tags", "tags_exclude"):
        names = map(normal_tag, found.get(name, ()))
        found[name] = tuple(dict.fromkeys(name for name in names if name))
    return ViewFilters(**found)


def with_renamed_tag(stored: str, name: str, to: str) -> str | None:
    """Return stored filters in which a tag has another name; None if they don't name it, or can't be read."""
    try:
        blob = read_json(stored)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(blob, dict):
        return None
    given = {
        key: blob[key] if isinstance(blob[key], list) else [blob[key]] for key in NAMING_TAGS if key in blob
    }
    renamed = {
        key: [to if isinstance(one, str) and normal_tag(one) == name else one for one in items]
        for key, items in given.items()
    }
    return None if renamed == given else msgspec.json.encode({**blob, **renamed}).decode()


def _read(field: msgspec.structs.FieldInfo, value: Any) -> Any:
    """Read one filter; of a list the items that can be read. Old views hold single values where lists are now."""
    if get_origin(field.type) is not tuple:
        return _converted(value, field.type, field.default)
    items = value if isinstance(value, list) else [value]
    kind = get_args(field.type)[0]
    read = (_converted(item, kind, None) for item in items)
    return tuple(item for item in read if item is not None)


def _converted(value: Any, kind: Any, otherwise: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return otherwise


def check_visibility_change(before: str, after: str, *, is_creator_gone: bool, is_creator: bool) -> None:
    """Raise PermissionDenied or Invalid unless the caller may change how far a view is visible.

    `before` is what holds now: the views of somebody who left are shared, whatever they were.
    """
    if after == before:
        return
    if is_creator_gone:
        raise Invalid(CREATOR_IS_GONE, attr="visibility")
    if not is_creator:
        raise PermissionDenied(NOT_THE_CREATOR)
