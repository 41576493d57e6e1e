"""Endpoints of identity providers, and those by which admins manage them."""

from typing import Any

from parley.accounts.scim.routes import discovery, groups, people, settings

handlers: list[Any] = [*discovery.handlers, *people.handlers, *groups.handlers, *settings.handlers]
