"""The endpoints of roles."""

from typing import Any

from parley.accounts.roles.routes import role_memberships, roles

handlers: list[Any] = [*roles.handlers, *role_memberships.handlers]
