"""Signatures of Twilio's requests (https://www.twilio.com/docs/usage/security#validating-requests)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from parley.kernel.ids import same_token

Fields = Sequence[tuple[str, str]]
MOST_FIELDS = 200
PORTS = {"https": 443, "http": 80}


def fields_of(body: bytes) -> Fields | None:
    """Read a form; None for what is none."""
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict", separator="&"
        )
    except (ValueError, UnicodeDecodeError):
        return None


def signature_of(auth_token: str, url: str, fields: Fields) -> str:
    """Return what Twilio writes into `X-Twilio-Signature` for a form: HMAC-SHA1 of URL and sorted fields, in base64."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def is_signed(given: str, auth_token: str, url: str, fields: Fields) -> bool:
    """Say whether Twilio has signed this form for this URL, with its port or without."""
    expected = [signature_of(auth_token, one, fields) for one in spellings_of(url)]
    return bool(auth_token) and any(same_token(given, one) for one in expected)


def spellings_of(url: str) -> list[str]:
    """Return a URL as it is, and the same with, or without, the port that goes without saying."""
    parts = urlsplit(url)
    port = PORTS.get(parts.scheme)
    if port is None:
        return [url]
    host = parts.netloc
    if host.endswith(f":{port}"):
        return [url, urlunsplit(parts._replace(netloc=host.removesuffix(f":{port}")))]
    if parts.port is None:
        return [url, urlunsplit(parts._replace(netloc=f"{host}:{port}"))]
    return [url]
