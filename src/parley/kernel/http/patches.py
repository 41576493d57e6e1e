"""What a PATCH asks for."""

from typing import Any

import msgspec
from msgspec import UNSET


def patched_fields(patch: msgspec.Struct, *fields: str) -> dict[str, Any]:
    """Return the fields that the body names, with their values."""
    return {field: value for field in fields if (value := getattr(patch, field)) is not UNSET}
