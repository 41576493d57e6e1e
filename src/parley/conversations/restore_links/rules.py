"""Where a restore link may lead, and what became of one that somebody redeems (docs/widget.md#lost-conversations)."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from urllib.parse import unquote_plus

import msgspec

from parley.conversations.widget.rules.origins import is_listed
from parley.kernel.errors import PlainError
from parley.kernel.network.domains import ascii_domain
from parley.kernel.network.emails import normal_email

LASTS = timedelta(minutes=60)
KEPT_FOR = timedelta(days=1)
"""How long it is known of a link that it was used or has expired."""
MAX_PAGE, MIN_TOKEN, MAX_TOKEN = 2048, 40, 50
PARAMETER = "ph_conv_restore"
# As browsers write it (WHATWG URL, section 4.5). An authority has no escapes and no backslash: a browser reads that as a
# slash, and other programs as a part of the name. A user name is left out of the link.
BEGINNING = re.compile(
    r"(?P<scheme>https?)://(?:[^\s/@%\\]*@)?(?P<host>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>/[!-~]*)?",
    re.IGNORECASE | re.ASCII,
)
VISIBLE = re.compile("[!-~]*")
DEFAULT_PORTS = {"http": 80, "https": 443}

Status = Literal["success", "invalid", "used", "expired"]
CODES: dict[Status, str] = {
    "invalid": "token_invalid",
    "used": "token_already_used",
    "expired": "token_expired",
}


class Origin(msgspec.Struct, frozen=True):
    """Scheme, host and port of a page, in lower case and without a default port (RFC 6454, section 4)."""

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port is not None else "")


class PageAddress(msgspec.Struct, frozen=True):
    """A page to which a link may lead; `query` has no question mark, and there is no fragment."""

    origin: Origin
    path: str
    query: str

    def with_token(self, token: str) -> str:
        """Return the link.

        The token comes first: a page on the site that sends people on to what stands behind a parameter of it, unescaped,
        must not send the token along. And only one token is in it, whatever the query has had.
        """
        others = [one for one in self.query.split("&") if one and _name(one) != PARAMETER]
        return f"{self.origin}{self.path}?{'&'.join([f'{PARAMETER}={token}', *others])}"


def _name(parameter: str) -> str:
    return unquote_plus(parameter.partition("=")[0])


def page_address(text: str) -> PageAddress | None:
    """Return the parts of an absolute URL as browsers write it; None for everything else, however it is disguised."""
    before, _, query = text.partition("#")[0].partition("?")
    found = BEGINNING.fullmatch(before)
    if found is None or "\\" in before or not VISIBLE.fullmatch(before + query):
        return None
    scheme, host, port = found["scheme"].lower(), found["host"].lower().rstrip("."), found["port"]
    number = int(port) if port else None
    if not host or (number or 0) > 65_535:
        return None
    origin = Origin(scheme, host, None if number == DEFAULT_PORTS[scheme] else number)
    return PageAddress(origin, found["path"] or "/", query)


def checked_page(text: str, shown_by: str | None, domains: Iterable[Any], site_url: str) -> PageAddress:
    """Return the page to which the link may lead; raises PlainError (403).

    It lies where the request comes from (`shown_by` is Origin or Referer), and on the project's own domains. Where none are
    listed it lies on Parley's own site: anybody else could have links sent that bring them the token.
    """
    page, asking = page_address(text), page_address(shown_by or "")
    if page is None or asking is None or page.origin != asking.origin:
        raise PlainError(403, {"error": "URL must match request origin"})
    own = page_address(site_url)
    listed = [one for one in domains if isinstance(one, str) and one.strip()]
    is_own_site = not listed and own is not None and page.origin == own.origin
    if not is_own_site and not is_listed(str(page.origin), listed):
        raise PlainError(403, {"error": "URL domain not allowed"})
    return page


def spellings_of(email: str) -> list[str]:
    """Return how an address in its normal form may be written in what visitors enter, in lower case."""
    local_part, _, domain = email.rpartition("@")
    return list(dict.fromkeys([email, f"{local_part}@{ascii_domain(domain)}"]))


def is_stated(text: Any, email: str) -> bool:
    """Say whether what a visitor entered as their address is this one."""
    return isinstance(text, str) and normal_email(text) == email


class Redeemable(Protocol):
    """What is stored of a link."""

    @property
    def expires_at(self) -> datetime: ...

    @property
    def used_at(self) -> datetime | None: ...


def status_of(link: Redeemable | None, now: datetime) -> Status:
    """Return what becomes of a link that somebody redeems now."""
    if link is None:
        return "invalid"
    if link.used_at is not None:
        return "used"
    return "success" if now < link.expires_at else "expired"
