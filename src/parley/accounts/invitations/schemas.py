"""Invitations on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.accounts.members.schemas import Level
from parley.accounts.users.schemas import UserBasic
from parley.kernel.http.authorization import MEMBER
from parley.kernel.http.body import NAME, TRIM


class InviteOut(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation. `invite_link` is shown once, to the person who makes it in a session.

    `is_expired` also says that who made it may not invite any more: then nobody can accept it.
    """

    id: UUID
    target_email: str
    level: int
    is_expired: bool
    created_by: UserBasic | None
    created_at: datetime
    expires_at: datetime
    invite_link: str | None = None


class NewInvite(msgspec.Struct, frozen=True):
    """Whom to invite, as what."""

    target_email: Annotated[str, Meta(extra=TRIM)]
    level: Level = MEMBER


class SignupOut(msgspec.Struct, frozen=True, kw_only=True):
    """What an invitation offers; somebody with an account gives its password to accept.

    `has_account` is null for the link that the person who invited has seen, too.
    """

    target_email: str
    organization_name: str
    has_account: bool | None


class Signup(msgspec.Struct, frozen=True):
    """Accepting an invitation: a name and a new password, or the password of the account that exists."""

    password: str
    first_name: Annotated[str, Meta(extra=NAME)] = ""
