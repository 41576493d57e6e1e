"""The endpoints of signing in and out, and of proving once more who one is."""

from typing import Any

from parley.accounts.sign_in.routes import confirming, passkeys, recovery, second_step, signing_in

handlers: list[Any] = [
    *signing_in.handlers,
    *second_step.handlers,
    *recovery.handlers,
    *passkeys.handlers,
    *confirming.handlers,
]
