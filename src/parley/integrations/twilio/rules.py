"""Names of things at Twilio, checked before they become a part of a path, and the pages of its lists."""

import base64
import re
from urllib.parse import urlsplit

SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
"""A String Identifier: two letters for what it names, and 32 hexadecimal digits."""
MEDIA = re.compile(r"/2010-04-01/Accounts/(AC\w{32})/Messages/([MS]M\w{32})/Media/(ME\w{32})(?:\.json)?")
API = "/2010-04-01/Accounts/"
MAX_TOKEN = 200


def is_sid(text: object, kind: str) -> bool:
    """Say whether a text is a SID of this kind, such as `AC` for accounts."""
    return isinstance(text, str) and text.startswith(kind) and SID.fullmatch(text) is not None


def basic_auth(account_sid: str, auth_token: str) -> str:
    """Return the value of `Authorization` (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()


def next_page_path(given: str | None, list_path: str) -> str | None:
    """Return the path of the next page of a list; None at its end. Raises ValueError for one that leads elsewhere.

    Twilio sends a path with a query. A whole URL, as older versions sent, is taken for its path.
    """
    if not given:
        return None
    parts = urlsplit(given)
    if parts.path != list_path or not given.isascii() or not given.isprintable() or " " in given:
        raise ValueError("the next page is not one of this list")
    return f"{parts.path}?{parts.query}" if parts.query else None


def media_path(url: str, account_sid: str) -> str | None:
    """Return the path of a file that came with a message to this account; None for any other URL."""
    found = MEDIA.fullmatch(urlsplit(url).path)
    if found is None or found[1] != account_sid or not all(is_sid(sid, sid[:2]) for sid in found.groups()):
        return None
    return f"{API}{found[1]}/Messages/{found[2]}/Media/{found[3]}"
