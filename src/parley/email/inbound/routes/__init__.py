"""Endpoints of inbound mail."""

from parley.email.inbound.routes import ledger

handlers = [*ledger.handlers]
