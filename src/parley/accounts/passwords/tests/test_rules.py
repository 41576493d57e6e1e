"""Which passwords are good enough."""

import pytest

from parley.accounts.passwords.rules import check_password, is_common
from parley.kernel.errors import Invalid


@pytest.mark.parametrize(
    "password",
    ["short", "1234567", "password", "Password1!", "12345678", "aaaaaaaa", "qwertyui", "iuytrewq", "parley2026",
     "passwordpassword", "x" * 129, "", "abababab", "ann@example.com", "changeme123"],
)  # fmt: skip
def test_a_weak_password_is_refused(password):
    with pytest.raises(Invalid):
        check_password(password, email="ann@example.com")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "tr0ub4dor&3", "Zürich-Öl-89", "пароль-долгий", "        x y z"]
)
def test_an_uncommon_password_is_good(password):
    check_password(password, email="ann@example.com")
    assert not is_common(password)
