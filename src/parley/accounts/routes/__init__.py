"""The endpoints of accounts: one module for each noun."""

from typing import Any

from parley.accounts.routes import (
    availability,
    invites,
    keys,
    members,
    organizations,
    password_reset,
    project_tokens,
    projects,
    role_memberships,
    roles,
    sign_in,
    signup,
    users,
)

_MODULES = (
    sign_in,
    password_reset,
    signup,
    users,
    keys,
    organizations,
    members,
    invites,
    roles,
    role_memberships,
    projects,
    project_tokens,
    availability,
)

handlers: list[Any] = [handler for module in _MODULES for handler in module.handlers]
