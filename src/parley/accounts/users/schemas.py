"""Users on the wire."""

from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.users.rules import user_name


class NotificationSettings(msgspec.Struct, frozen=True):
    """Which mails a member of the team gets."""

    new_conversations: bool = True
    assignments: bool = True
    mentions: bool = True
    answers: bool = True


class UserBasic(msgspec.Struct, frozen=True):
    """A user in other objects (docs/wire/requests.md#users-in-answers)."""

    id: int
    uuid: UUID
    distinct_id: str
    first_name: str
    last_name: str
    email: str
    is_email_verified: bool
    hedgehog_config: dict[str, Any] | None
    role_at_organization: str | None

    @property
    def name(self) -> str:
        """What others call them; no part of the answer."""
        return user_name(self.first_name, self.last_name, self.email)
