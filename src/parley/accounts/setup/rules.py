"""The token in the link of the set-up page."""

from parley.kernel.secrets import Vault


def setup_token(vault: Vault) -> str:
    """Return the token of the set-up link: the same until the secret key changes, of no use once there is a user."""
    return vault.signature("setup", "first owner")
