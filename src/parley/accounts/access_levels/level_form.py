"""The form of a level, and the levels that are set, as pages show them; the same for one ticket and for all."""

from collections.abc import Sequence
from typing import Any

import msgspec

from parley.accounts.access_levels.queries.grantees import Grantee
from parley.accounts.access_levels.schemas import AccessControlOut, AccessControls
from parley.kernel.errors import Invalid

EVERYBODY = "Everybody"
MEANINGS = {
    "none": "sees no tickets",
    "viewer": "reads tickets",
    "editor": "answers and changes tickets",
    "manager": "also deletes tickets and sets levels",
}


class LevelForm(msgspec.Struct, frozen=True):
    """Whose level to set. No `holder` is everybody; no `level` removes the one that is set."""

    holder: str = ""
    level: str = ""


class LevelRow(msgspec.Struct, frozen=True):
    """A level that is set."""

    holder: str
    name: str
    level: str


def level_rows(found: AccessControls, grantees: Sequence[Grantee]) -> list[LevelRow]:
    """Return the levels that are set, with the names of who has them."""
    names = {"": EVERYBODY, **{one.key: one.name for one in grantees}}
    keys = [_key_of(one) for one in found.access_controls]
    return [
        LevelRow(key, names.get(key, "Somebody else"), one.access_level)
        for key, one in zip(keys, found.access_controls, strict=True)
    ]


def can_have_a_level(grantees: Sequence[Grantee]) -> list[Grantee]:
    """Return for whom a level can be set: everybody, and all but admins and owners, whom none restricts."""
    return [Grantee("", EVERYBODY), *(one for one in grantees if not one.may_anything)]


def fields_of(form: LevelForm) -> dict[str, Any]:
    """Say the form as the API would; raises Invalid for a holder that is nobody."""
    kind, _, id = form.holder.partition(":")
    if form.holder and not id:
        raise Invalid("Choose for whom the level is.", attr="holder")
    fields: dict[str, Any] = {"access_level": form.level or None}
    if kind:
        fields["role" if kind == "role" else "organization_member"] = id
    return fields


def _key_of(one: AccessControlOut) -> str:
    if one.organization_member is not None:
        return f"member:{one.organization_member}"
    return f"role:{one.role}" if one.role is not None else ""
