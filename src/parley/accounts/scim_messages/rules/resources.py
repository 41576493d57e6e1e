"""Resources as identity providers are shown them (RFC 7643, sections 4.1 and 4.2)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.scim_messages import GROUP_SCHEMA, LIST_SCHEMA, USER_SCHEMA
from parley.accounts.scim_messages.rules.filters import names_in
from parley.accounts.scim_messages.rules.users import ScimPerson

ALWAYS = ("schemas", "id")


class FoundPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person whom the token reaches; `is_provisioned` says whether they came through it, `level` is a member's."""

    user_id: int
    person: ScimPerson
    level: int | None = None
    is_provisioned: bool = False
    is_email_verified: bool = True


class FoundRole(msgspec.Struct, frozen=True):
    """A role, and what the identity provider calls it."""

    id: UUID
    name: str
    external_id: str | None


def user_resource(base: str, found: FoundPerson, groups: Sequence[FoundRole]) -> dict[str, Any]:
    """Return a person; `base` is the path of the domain's endpoint."""
    person = found.person
    location = f"{base}/Users/{found.user_id}"
    display = f"{person.given_name} {person.family_name}".strip()
    address: dict[str, Any] = {"value": person.email}
    if person.email_type is not None:
        address["type"] = person.email_type
    if person.email_is_primary is not None:
        address["primary"] = person.email_is_primary
    return {
        "schemas": [USER_SCHEMA],
        "id": str(found.user_id),
        **({"externalId": person.external_id} if person.external_id else {}),
        "userName": person.user_name or person.email,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        **({"displayName": display} if display else {}),
        "emails": [address],
        **({} if person.active is None else {"active": person.active}),
        "groups": [
            {"value": str(one.id), "$ref": f"{base}/Groups/{one.id}", "display": one.name} for one in groups
        ],
        "meta": {"resourceType": "User", "location": location},
    }


def group_resource(base: str, role: FoundRole, user_ids: Sequence[int] | None) -> dict[str, Any]:
    """Return a group; without ids its members aren't told."""
    members = [{"value": str(id), "$ref": f"{base}/Users/{id}", "type": "User"} for id in user_ids or ()]
    return {
        "schemas": [GROUP_SCHEMA],
        "id": str(role.id),
        **({"externalId": role.external_id} if role.external_id else {}),
        "displayName": role.name,
        **({"members": members} if user_ids is not None else {}),
        "meta": {"resourceType": "Group", "location": f"{base}/Groups/{role.id}"},
    }


class Selection(msgspec.Struct, frozen=True):
    """Which attributes a client wants to see: `attributes`, or all but `excludedAttributes` (RFC 7644, section 3.9)."""

    wanted: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Say whether anything of an attribute is to be shown."""
        lower = name.lower()
        if self.wanted:
            return any(one == lower or one.startswith(f"{lower}.") for one in self.wanted)
        return lower not in self.excluded

    def of(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Return what is to be shown of a resource; its id and schemas always are."""
        if not self.wanted and not self.excluded:
            return resource
        return {
            name: value if name in ALWAYS else self._part(name.lower(), value)
            for name, value in resource.items()
            if name in ALWAYS or self.has(name)
        }

    def _part(self, name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._part(name, item) for item in value]
        if not isinstance(value, dict):
            return value
        return {part: item for part, item in value.items() if self._shows(name, f"{name}.{part.lower()}")}

    def _shows(self, name: str, part: str) -> bool:
        if self.wanted:
            return name in self.wanted or part in self.wanted
        return part not in self.excluded


def selection_of(attributes: str | None, excluded: str | None) -> Selection:
    """Read the two parameters of a query."""
    return Selection(frozenset(names_in(attributes or "")), frozenset(names_in(excluded or "")))


class WantedPage(msgspec.Struct, frozen=True):
    """Which page of a list is asked for; `start` counts from 1."""

    start: int
    count: int


def list_request(start: str | None, count: str | None, *, most: int, default: int) -> WantedPage:
    """Read `startIndex` and `count` (RFC 7644, section 3.4.2.4), or take the defaults; larger numbers are clamped."""
    return WantedPage(start=max(1, _number(start, 1)), count=max(0, min(most, _number(count, default))))


def _number(text: str | None, default: int) -> int:
    if text is None or not (text.isascii() and text.lstrip("-").isdigit()) or len(text) > MAX_DIGITS:
        return default
    return int(text)


MAX_DIGITS = 9


def list_resource(resources: Sequence[dict[str, Any]], total: int, start: int = 1) -> dict[str, Any]:
    """Return one page of a list."""
    return {
        "schemas": [LIST_SCHEMA],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }
