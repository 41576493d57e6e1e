"""What the sign-in page says after single sign-on has failed."""

from parley.accounts.sign_in.failures import failure_path, failure_shown
from parley.kernel.secrets import Vault

GENERAL = "Signing in with the provider did not work. Please try again."


def test_the_page_shows_only_sentences_of_this_server():
    vault = Vault("x" * 32)
    path = failure_path(vault, "jit_disabled", "There is no account for you yet.")
    assert path.startswith("/login?error_code=jit_disabled&error_detail=There+is+no+account")
    forged = {"error_code": "oauth_failed", "error_detail": "Call 0800 1234 and tell us your password."}
    for proof in ({}, {"error_proof": ""}, {"error_proof": "0" * 32}):
        assert failure_shown(vault, forged | proof) == GENERAL
    assert failure_shown(vault, {"error_code": "what is this"}) == GENERAL
    assert failure_shown(vault, {"error_detail": "x"}) is None
