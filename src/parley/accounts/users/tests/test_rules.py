"""What a user is called."""

import pytest

from parley.accounts.users.rules import user_name


@pytest.mark.parametrize(
    ("first_name", "last_name", "shown"),
    [
        ("Ada", "Lovelace", "Ada Lovelace"),
        ("Ada", "", "Ada"),
        ("", "Lovelace", "Lovelace"),
        ("", "", "ada@example.com"),
        (" ", " ", "ada@example.com"),
        (None, None, "ada@example.com"),
    ],
)
def test_a_user_is_called_by_both_names_or_by_their_address(first_name, last_name, shown):
    assert user_name(first_name, last_name, "ada@example.com") == shown
