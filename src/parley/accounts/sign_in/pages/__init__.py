"""The pages of signing in and out, and the one that asks once more who somebody is."""

from typing import Any

from parley.accounts.sign_in.pages import confirming, recovery, second_step, signing_in

handlers: list[Any] = [
    *signing_in.handlers,
    *second_step.handlers,
    *recovery.handlers,
    *confirming.handlers,
]
