"""What a PATCH asks for."""

from typing import Any

import msgspec
from msgspec import UNSET


def patched_fields(patch: msgspec.Struct, *fields: str) -> dict[str, Any]:
    """Return the fields that the body names, with their values: of these fields, or of all when none is named."""
    wanted = fields or patch.__struct_fields__
    return {field: value for field in wanted if (value := getattr(patch, field)) is not UNSET}
