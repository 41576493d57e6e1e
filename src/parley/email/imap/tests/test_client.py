"""What is shown of a server's words."""

import pytest

from parley.email.imap.client import _without


@pytest.mark.parametrize("password", ["secret", 'se"cr\\et', "sécret", "se'cret\t", "\\\\", '"'])
def test_no_form_of_a_password_is_shown(password):
    quoted = password.replace("\\", "\\\\").replace('"', '\\"')
    for form in (password, quoted, repr(quoted.encode())[2:-1], repr(password)[1:-1]):
        assert _without(password, f"BAD LOGIN ada [{form}] refused") == "BAD LOGIN ada [***] refused"
