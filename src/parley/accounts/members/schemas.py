"""Members on the wire."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

Level = Annotated[
    int, Meta(description="1 member, 8 admin, 15 owner.", extra_json_schema={"enum": [1, 8, 15]})
]


class MemberPatch(msgspec.Struct, frozen=True):
    """Another level: 1 member, 8 admin, 15 owner."""

    level: Level | UnsetType = UNSET
