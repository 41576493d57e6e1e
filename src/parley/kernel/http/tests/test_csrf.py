"""Tokens of pages and of the cookie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.kernel.errors import PermissionDenied
from parley.kernel.http.csrf import check_csrf, cookie_token, page_token
from parley.kernel.secrets import Vault

OLD, NEW = Vault("a" * 32), Vault("b" * 32, ["a" * 32])


@pytest.mark.parametrize("made", [cookie_token, page_token])
def test_a_token_is_good_for_its_seed_alone_also_after_the_key_was_rotated(made):
    token = made(OLD, "seed")
    check_csrf(OLD, "seed", token)
    check_csrf(NEW, "seed", token)
    for seed in ("other", "", "seed.", f"{token[:12]}.seed"):
        with pytest.raises(PermissionDenied):
            check_csrf(OLD, seed, token)
    with pytest.raises(PermissionDenied):
        check_csrf(Vault("c" * 32), "seed", token)


def test_no_two_pages_have_one_token():
    assert len({page_token(OLD, "seed") for _ in range(20)}) == 20


def test_a_part_of_a_token_is_none():
    salt, _, signature = page_token(OLD, "seed").partition(".")
    for wrong in (
        signature,
        f".{signature}",
        f"{salt}.",
        f"{salt[:-1]}.{signature}",
        f".{cookie_token(OLD, 'seed')}",
    ):
        with pytest.raises(PermissionDenied):
            check_csrf(OLD, "seed", wrong)


@given(st.text())
def test_what_was_not_made_here_is_refused(text):
    with pytest.raises(PermissionDenied):
        check_csrf(OLD, "seed", text)
