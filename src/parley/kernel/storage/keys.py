"""Keys of objects: made of ids alone, never of a name that somebody gave."""

import re
from uuid import UUID

FORM = re.compile(r"[0-9]{1,19}/[a-z_]{1,40}/[0-9a-f]{32}")


def object_key(project_id: int, kind: str, object_id: UUID) -> str:
    """Return the key `<project>/<kind>/<32 hexadecimal digits>`; `kind` is a word such as `file`."""
    return checked_key(f"{project_id}/{kind}/{object_id.hex}")


def checked_key(key: str) -> str:
    """Return the key; ValueError unless it has the form that `object_key` makes."""
    if not FORM.fullmatch(key):
        raise ValueError("this is no key of an object")
    return key
