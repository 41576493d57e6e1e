"""What an identity provider says of a person, and how it changes."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from parley.accounts.scim_messages.errors import InvalidOperation, InvalidResource
from parley.accounts.scim_messages.rules.paths import PatchOperation, Selected, operations_of
from parley.accounts.scim_messages.rules.values import (
    MAX_EXTERNAL_ID_LENGTH,
    MAX_TYPE_LENGTH,
    boolean_of,
    exact_text_of,
    items_of,
    lowered,
    text_of,
)
from parley.accounts.users.tables import MAX_NAME_LENGTH
from parley.kernel.errors import Invalid
from parley.kernel.network.emails import MAX_EMAIL_LENGTH, check_email

INVALID_USER = "Invalid user data"
NOT_UPDATED = "Failed to update user"
DEFAULT_TYPE = "work"
"""What an address without a type is taken for when a path selects one by its type."""


class ScimPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person as an identity provider knows them; the address is in its normal form.

    `user_name` is None where the address stands for it, `active` where it isn't said. Of several addresses the primary
    one is kept.
    """

    user_name: str | None = None
    external_id: str | None = None
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    email_type: str | None = None
    email_is_primary: bool | None = True
    active: bool | None = True


def person_of(body: Any, before: ScimPerson | None = None) -> ScimPerson:
    """Return the person that a POST or PUT describes as a whole; raises InvalidResource.

    What is missing is empty, but a PUT leaves `userName` and `active` as they were `before`.
    """
    fields = lowered(body)
    names = lowered(fields["name"]) if fields.get("name") else {}
    person = before or ScimPerson()
    person = ScimPerson(
        user_name=_user_name(fields["username"]) if fields.get("username") else person.user_name,
        external_id=_external_id(fields.get("externalid")),
        given_name=_name(names.get("givenname")),
        family_name=_name(names.get("familyname")),
        active=boolean_of(fields["active"], "active") if fields.get("active") is not None else person.active,
    )
    if addressed := _with_address(person, fields.get("emails")):
        return addressed
    return replace(person, email=_address(person.user_name if fields.get("username") else None))


def person_operations(body: Any) -> Sequence[PatchOperation]:
    """Return the operations of a PATCH, without doing them; raises InvalidOperation. A thousand paths take a second."""
    try:
        return [one for one in operations_of(body) if one.target is not None]
    except (InvalidResource, InvalidOperation) as error:
        raise InvalidOperation(NOT_UPDATED) from error


def patched_person(before: ScimPerson, operations: Iterable[PatchOperation]) -> ScimPerson:
    """Return the person after all operations of a PATCH; raises InvalidOperation when one of them can't be done."""
    try:
        after = before
        for operation in operations:
            after = _operated(after, operation)
    except (InvalidResource, InvalidOperation) as error:
        raise InvalidOperation(NOT_UPDATED) from error
    return after


def _operated(person: ScimPerson, operation: PatchOperation) -> ScimPerson:
    assert operation.target is not None
    attribute, is_removal, value = operation.target.attribute, operation.op == "remove", operation.value
    if attribute.startswith("emails"):
        return _with_emails(person, operation)
    match attribute:
        case "username":
            if is_removal:
                raise InvalidOperation(NOT_UPDATED)
            return replace(person, user_name=_user_name(value))
        case "externalid":
            return replace(person, external_id=None if is_removal else _external_id(value))
        case "active":
            return replace(person, active=None if is_removal else boolean_of(value, "active"))
        case "name.givenname":
            return replace(person, given_name="" if is_removal else _name(value))
        case "name.familyname":
            return replace(person, family_name="" if is_removal else _name(value))
        case "name":
            return _with_names(person, {} if is_removal else lowered(value), is_removal=is_removal)
    return person  # attributes that aren't kept


def _with_names(person: ScimPerson, names: dict[str, Any], *, is_removal: bool) -> ScimPerson:
    given, family = ("", "") if is_removal else (person.given_name, person.family_name)
    return replace(
        person,
        given_name=_name(names["givenname"]) if "givenname" in names else given,
        family_name=_name(names["familyname"]) if "familyname" in names else family,
    )


def _with_emails(person: ScimPerson, operation: PatchOperation) -> ScimPerson:
    """Apply an operation to the one address that is kept; a person can't be without."""
    assert operation.target is not None
    if not _selects(operation.target.selection, person):
        return person
    part = operation.target.attribute.partition(".")[2]
    is_removal = operation.op == "remove"
    match part:
        case "value" | "":
            if is_removal:
                raise InvalidOperation(NOT_UPDATED)
            changed = _with_address(person, operation.value)
            return changed or person
        case "type":
            return replace(person, email_type=None if is_removal else _type(operation.value))
        case "primary":
            is_primary = None if is_removal else boolean_of(operation.value, "primary")
            return replace(person, email_is_primary=is_primary)
    return person


def _selects(selection: tuple[Selected, ...] | None, person: ScimPerson) -> bool:
    is_primary = "false" if person.email_is_primary is False else "true"
    own = {"type": person.email_type or DEFAULT_TYPE, "primary": is_primary, "value": person.email}
    return all(own.get(one.attribute, "").lower() == one.value.lower() for one in selection or ())


def _with_address(person: ScimPerson, value: Any) -> ScimPerson | None:
    """Return the person with the primary address of a list, else with its first; None for a list without any."""
    items = [{"value": item} if isinstance(item, str) else lowered(item) for item in items_of(value)]
    addresses = [item for item in items if item.get("value")]
    if not addresses:
        return None
    chosen = next((item for item in addresses if _is_primary(item)), addresses[0])
    given = chosen.get("primary")
    return replace(
        person,
        email=_address(chosen["value"]),
        email_type=_type(chosen.get("type")),
        email_is_primary=True if given is None else boolean_of(given, "primary"),
    )


def _is_primary(item: dict[str, Any]) -> bool:
    return item.get("primary") is not None and boolean_of(item["primary"], "primary")


def _address(value: Any) -> str:
    try:
        return check_email(value if isinstance(value, str) else "")
    except Invalid as error:
        raise InvalidResource(INVALID_USER) from error


def _user_name(value: Any) -> str:
    text = text_of(value, "userName", MAX_EMAIL_LENGTH)
    if not text:
        raise InvalidResource("userName may not be empty.")
    return text


def _external_id(value: Any) -> str | None:
    return exact_text_of(value, "externalId", MAX_EXTERNAL_ID_LENGTH)


def _name(value: Any) -> str:
    return text_of(value, "name", MAX_NAME_LENGTH)


def _type(value: Any) -> str | None:
    return exact_text_of(value, "type", MAX_TYPE_LENGTH)
