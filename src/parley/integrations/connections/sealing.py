"""The secrets of an integration at rest: a JSON value of which each text is encrypted by itself."""

from typing import Any

from parley.integrations.connections.errors import CredentialsRejected
from parley.integrations.connections.rules import leaves_changed
from parley.kernel.secrets import SEALED_BEGIN, Vault


def sealed(vault: Vault, secrets: Any) -> Any:
    """Return secrets as they are stored."""

    def closed(text: str) -> str:
        return vault.encrypt(text)

    return leaves_changed(secrets, closed)


def unsealed(vault: Vault, stored: Any) -> Any:
    """Return secrets in plain text; raises CredentialsRejected for those that no key of this server can read."""

    def opened(text: str) -> str:
        try:
            return vault.decrypt(text)
        except ValueError as error:
            if text.startswith(SEALED_BEGIN):
                raise CredentialsRejected from error
            return text  # stored before secrets were encrypted

    return leaves_changed(stored, opened)
