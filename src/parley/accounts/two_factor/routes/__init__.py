"""The endpoints with which people set up what they have beside a password."""

from typing import Any

from parley.accounts.two_factor.routes import codes, passkeys

handlers: list[Any] = [*codes.handlers, *passkeys.handlers]
