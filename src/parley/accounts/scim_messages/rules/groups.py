"""What an identity provider says of a group, which is a role here, and how it changes."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from parley.accounts.roles.tables import MAX_NAME_LENGTH
from parley.accounts.scim_messages.errors import InvalidOperation, InvalidResource
from parley.accounts.scim_messages.rules.paths import PatchOperation, operations_of
from parley.accounts.scim_messages.rules.values import (
    MAX_EXTERNAL_ID_LENGTH,
    exact_text_of,
    items_of,
    lowered,
    text_of,
)

INVALID_GROUP = "Invalid group data"
NOT_UPDATED = "Failed to update group"
MAX_ID_DIGITS = 9


class MemberChange(msgspec.Struct, frozen=True):
    """People to add to a group or to take out of it, by their ids; None means everybody who is in it."""

    is_removal: bool
    user_ids: frozenset[int] | None


class GroupChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What changes of a group: its name, its id elsewhere, and its members, step by step."""

    name: str | UnsetType = UNSET
    external_id: str | UnsetType | None = UNSET
    members: Sequence[MemberChange] = ()


class NetChange(msgspec.Struct, frozen=True):
    """What all steps come to: who gets the role, and who loses it of those who have it; None means everybody else."""

    added: frozenset[int]
    removed: frozenset[int] | None


def net_change(steps: Sequence[MemberChange]) -> NetChange:
    """Return what remains of steps that are taken one after the other: each id counts as its last step says."""
    added: set[int] = set()
    removed: set[int] | None = set()
    for step in steps:
        if step.user_ids is None:
            added, removed = set(), None
        elif step.is_removal:
            added -= step.user_ids
            removed = None if removed is None else removed | step.user_ids
        else:
            added |= step.user_ids
            removed = None if removed is None else removed - step.user_ids
    return NetChange(frozenset(added), None if removed is None else frozenset(removed))


def group_of(body: Any, *, is_whole: bool) -> GroupChanges:
    """Return the group that a POST describes, or a PUT, which is whole: without members nobody is in it."""
    fields = lowered(body)
    name = _name(fields.get("displayname"))
    members: Sequence[MemberChange] = ()
    if fields.get("members") is not None or is_whole:
        members = _exactly(fields.get("members"))
    external_id = exact_text_of(fields.get("externalid"), "externalId", MAX_EXTERNAL_ID_LENGTH)
    is_named = external_id is not None or is_whole
    return GroupChanges(name=name, external_id=external_id if is_named else UNSET, members=members)


def group_changes(body: Any) -> GroupChanges:
    """Return what the operations of a PATCH change; raises InvalidOperation when one of them can't be done.

    A thousand paths take a second.
    """
    changes = GroupChanges()
    try:
        for operation in operations_of(body):
            if operation.target is not None:
                changes = _operated(changes, operation)
    except (InvalidResource, InvalidOperation) as error:
        raise InvalidOperation(NOT_UPDATED) from error
    return changes


def _operated(changes: GroupChanges, operation: PatchOperation) -> GroupChanges:
    assert operation.target is not None
    is_removal = operation.op == "remove"
    match operation.target.attribute:
        case "displayname":
            if is_removal:
                raise InvalidOperation(NOT_UPDATED)
            return msgspec.structs.replace(changes, name=_name(operation.value))
        case "externalid":
            value = None if is_removal else operation.value
            found = exact_text_of(value, "externalId", MAX_EXTERNAL_ID_LENGTH)
            return msgspec.structs.replace(changes, external_id=found)
        case "members" | "members.value":
            return msgspec.structs.replace(changes, members=(*changes.members, *_member_changes(operation)))
    return changes


def _member_changes(operation: PatchOperation) -> Sequence[MemberChange]:
    assert operation.target is not None
    selection = operation.target.selection
    if operation.op == "replace":
        if selection is not None:
            raise InvalidOperation(NOT_UPDATED)
        return _exactly(operation.value)
    if selection is not None:
        if any(one.attribute != "value" for one in selection):
            raise InvalidOperation(NOT_UPDATED)
        found = frozenset(id for one in selection if (id := user_id_of(one.value)) is not None)
    elif operation.op == "remove" and operation.value is None:
        return (MemberChange(is_removal=True, user_ids=None),)
    else:
        found = _ids(operation.value)
    return (MemberChange(is_removal=operation.op == "remove", user_ids=found),)


def _exactly(value: Any) -> Sequence[MemberChange]:
    return (
        MemberChange(is_removal=True, user_ids=None),
        MemberChange(is_removal=False, user_ids=_ids(value)),
    )


def _ids(value: Any) -> frozenset[int]:
    """Return the ids in a list of members; what is no id is nobody."""
    items = [item.get("value") if isinstance(item, dict) else item for item in items_of(value)]
    return frozenset(id for item in items if (id := user_id_of(item)) is not None)


def user_id_of(value: Any) -> int | None:
    """Return the id of a user that a text spells, None for any other text."""
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    is_id = text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS and str(int(text)) == text
    return int(text) if is_id else None


def _name(value: Any) -> str:
    name = text_of(value, "displayName", MAX_NAME_LENGTH)
    if not name:
        raise InvalidResource(INVALID_GROUP)
    return name
