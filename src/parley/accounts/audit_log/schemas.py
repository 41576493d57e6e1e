"""Entries of the audit log."""

import msgspec

Target = tuple[str, str, str]
"""What something was done to: its type (such as `member`), its id, and its name as it is now."""


class EntryAuthor(msgspec.Struct, frozen=True):
    """Who did something, as they were called then."""

    user_id: int | None = None
    user_email: str = ""
    user_name: str = ""
    key_id: str | None = None
    key_label: str = ""
