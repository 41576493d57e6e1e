"""Pages for signing in and for settings."""

from parley.accounts.pages import account, invitation, keys, members, reset, settings, setup, sign_in

handlers = [
    *sign_in.handlers,
    *setup.handlers,
    *reset.handlers,
    *invitation.handlers,
    *settings.handlers,
    *members.handlers,
    *keys.handlers,
    *account.handlers,
]
