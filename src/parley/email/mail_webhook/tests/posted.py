"""Posted mails for tests, signed as Mailgun signs them."""

import hashlib
import hmac
from datetime import UTC, datetime
from itertools import count
from typing import Any

SIGNING_KEY = "key-of-the-provider"
_tokens = count(1)


def signed(key: str = SIGNING_KEY, *, token: str | None = None, age_s: float = 0) -> dict[str, str]:
    """Return the fields that prove who posts."""
    token = token or f"token{next(_tokens):045}"
    timestamp = str(int(datetime.now(UTC).timestamp() - age_s))
    digest = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256)
    return {"token": token, "timestamp": timestamp, "signature": digest.hexdigest()}


def posted(recipient: str, /, **more: Any) -> dict[str, Any]:
    """Return the fields of a mail; names have underscores where the form has hyphens."""
    number = next(_tokens)
    fields = {
        "recipient": recipient,
        "sender": "ada@example.com",
        "from": "Ada <ada@example.com>",
        "subject": "A question",
        "To": recipient,
        "Message-Id": f"<{number}@example.com>",
        "body-plain": "Hello\n\n> quoted",
        "stripped-text": "Hello",
        "X-Mailgun-Spf": "Pass",
        **signed(),
    }
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    return {name: value for name, value in fields.items() if value is not None}
