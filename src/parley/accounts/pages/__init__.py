"""Pages for signing in and for settings."""

from parley.accounts.pages import invitation, reset, setup, sign_in

handlers = [*sign_in.handlers, *setup.handlers, *reset.handlers, *invitation.handlers]
