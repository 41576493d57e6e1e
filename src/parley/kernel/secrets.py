"""The vault, `services.vault`: encrypts secrets at rest, and signs, with the server's own key."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Vault:
    """Encrypts and signs with keys derived from `PARLEY_SECRET_KEY`."""

    def __init__(self, secret_key: str) -> None:
        self._key = secret_key.encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(self._derived("encryption")))

    def _derived(self, purpose: str) -> bytes:
        return hmac.new(self._key, b"parley:" + purpose.encode(), hashlib.sha256).digest()

    def encrypt(self, text: str) -> str:
        """Return the text encrypted and authenticated (Fernet)."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        """Return the plain text; raises ValueError when another key encrypted it or it was changed."""
        try:
            return self._fernet.decrypt(text.encode()).decode()
        except InvalidToken as error:
            raise ValueError("a stored secret cannot be read: was PARLEY_SECRET_KEY changed?") from error

    def can_decrypt(self, text: str) -> bool:
        """Say whether `decrypt` would return a text."""
        try:
            self.decrypt(text)
        except ValueError:
            return False
        return True

    def signature(self, purpose: str, text: str) -> str:
        """Return the hexadecimal HMAC-SHA256 of the text under a key of its own for the purpose."""
        return hmac.new(self._derived(purpose), text.encode(), hashlib.sha256).hexdigest()
