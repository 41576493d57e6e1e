"""The pages of one's own account, and of what keeps it safe."""

from typing import Any

from parley.accounts.profile.pages import account, new_address, security

handlers: list[Any] = [*account.handlers, *new_address.handlers, *security.handlers]
