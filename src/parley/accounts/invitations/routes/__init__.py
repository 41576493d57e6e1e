"""The endpoints of invitations: for those who invite, and for those who are invited."""

from typing import Any

from parley.accounts.invitations.routes import invites, signup

handlers: list[Any] = [*invites.handlers, *signup.handlers]
