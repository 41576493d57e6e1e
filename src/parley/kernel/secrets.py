"""The vault, `services.vault`: encrypts secrets at rest, and signs, with the server's own key."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

SEALED_BEGIN = "gAAAAA"
"""What every text that `encrypt` returns begins with: the version of Fernet, and the first bytes of a time before 2106."""


class Vault:
    """Encrypts and signs with keys derived from `PARLEY_SECRET_KEY`; what was made with an old key can still be read."""

    def __init__(self, secret_key: str, old_keys: Sequence[str] = ()) -> None:
        self._keys = [key.encode() for key in (secret_key, *old_keys)]
        made = [Fernet(base64.urlsafe_b64encode(_derived(key, "encryption"))) for key in self._keys]
        self._current, self._all = made[0], MultiFernet(made)

    def encrypt(self, text: str) -> str:
        """Return the text encrypted and authenticated (Fernet)."""
        return self._current.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        """Return the plain text; raises ValueError when another key encrypted it or it was changed."""
        try:
            return self._all.decrypt(text.encode()).decode()
        except InvalidToken as error:
            raise ValueError("a stored secret cannot be read: was PARLEY_SECRET_KEY changed?") from error

    def can_decrypt(self, text: str) -> bool:
        """Say whether `decrypt` would return a text."""
        try:
            self.decrypt(text)
        except ValueError:
            return False
        return True

    def is_current(self, text: str) -> bool:
        """Say whether the current key has encrypted this, and not an old one."""
        try:
            self._current.decrypt(text.encode())
        except InvalidToken:
            return False
        return True

    def signature(self, purpose: str, text: str) -> str:
        """Return the hexadecimal HMAC-SHA256 of the text under a key of its own for the purpose."""
        return _signature(self._keys[0], purpose, text)

    def signatures(self, purpose: str, text: str) -> tuple[str, ...]:
        """Return the signature, and behind it those that the old keys make: also these are this server's own."""
        return tuple(_signature(key, purpose, text) for key in self._keys)

    def has_signed(self, purpose: str, text: str, given: str, *, length: int | None = None) -> bool:
        """Say whether this server has made the signature, or the first `length` characters of it."""
        known = (one[:length].encode() for one in self.signatures(purpose, text))
        compared = given.encode("utf-8", "surrogatepass")
        return any(hmac.compare_digest(compared, one) for one in known)


def _derived(key: bytes, purpose: str) -> bytes:
    return hmac.new(key, b"parley:" + purpose.encode(), hashlib.sha256).digest()


def _signature(key: bytes, purpose: str, text: str) -> str:
    return hmac.new(_derived(key, purpose), text.encode(), hashlib.sha256).hexdigest()
