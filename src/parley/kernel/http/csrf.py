"""Tokens that prove that a request with a cookie was made by a page of ours, or by a client that has read its cookie."""

from parley.kernel.errors import PermissionDenied
from parley.kernel.ids import new_token
from parley.kernel.secrets import Vault

COOKIE, PAGE = "csrf", "csrf of a page"


def cookie_token(vault: Vault, seed: str) -> str:
    """Return the token in the cookie `parley_csrf`. The seed is the token of the session."""
    return vault.signature(COOKIE, seed)


def page_token(vault: Vault, seed: str) -> str:
    """Return a token for a page, another one each time. The seed is the token of the session, or of the sign-in form.

    Pages are sent compressed, and from how long they are nobody finds out a token that no other page has (BREACH).
    """
    salt = new_token(length=12)
    return f"{salt}.{vault.signature(PAGE, f'{salt}.{seed}')}"


def check_csrf(vault: Vault, seed: str, given: str) -> None:
    """Raise PermissionDenied unless this is a token of the seed: one of a page, or the cookie's."""
    salt, is_of_page, signature = given.partition(".")
    is_ours = (
        vault.has_signed(PAGE, f"{salt}.{seed}", signature)
        if is_of_page
        else vault.has_signed(COOKIE, seed, given)
    )
    if not is_ours:
        raise PermissionDenied("CSRF Failed: CSRF token missing or incorrect.")
