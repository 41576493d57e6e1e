"""The endpoints of the caller, and of the browsers in which they are signed in."""

from typing import Any

from parley.accounts.profile.routes import me, sessions

handlers: list[Any] = [*me.handlers, *sessions.handlers]
