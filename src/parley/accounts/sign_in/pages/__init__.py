"""The pages of signing in and out, and the one that asks once more who somebody is."""

from typing import Any

from parley.accounts.sign_in.pages import confirming, former_address, recovery, second_step, signing_in

handlers: list[Any] = [
    *signing_in.handlers,
    *second_step.handlers,
    *recovery.handlers,
    *former_address.handlers,
    *confirming.handlers,
]
