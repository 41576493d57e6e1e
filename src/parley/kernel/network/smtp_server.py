"""The mail server of the settings, and a client for it: `smtp[s]://user:password@host:port[?starttls=required]`."""

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    from aiosmtplib import SMTP


class SmtpServer(msgspec.Struct, frozen=True):
    """Where mails are handed over. Without `is_tls`, the connection is encrypted by STARTTLS (RFC 3207).

    It is where the server offers that, and with `requires_starttls` in any case: nothing is sent otherwise.
    """

    host: str
    port: int
    username: str | None
    password: str | None
    is_tls: bool
    requires_starttls: bool

    @property
    def has_checked_certificate(self) -> bool:
        """Whether its certificate must be valid. On this machine, where nobody can stand in between, any will do."""
        return self.requires_starttls or not _is_this_machine(self.host)

    def client(self, own_name: str | None, timeout_s: float) -> "SMTP":
        """Return a client that isn't connected yet."""
        from aiosmtplib import SMTP

        return SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.is_tls,
            start_tls=True if self.requires_starttls else None,
            validate_certs=self.has_checked_certificate,
            local_hostname=own_name,
            timeout=timeout_s,
        )


def smtp_server_of(url: str) -> SmtpServer:
    """Read the URL of a mail server; raises ValueError with a sentence that begins after its name."""
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if asked and asked != [("starttls", "required")]:
        raise ValueError("may end in ?starttls=required, and in no other parameter.")
    if asked and is_tls:
        raise ValueError("with smtps:// is encrypted from the start: leave ?starttls=required out.")
    return SmtpServer(
        host=parts.hostname or "localhost",
        port=parts.port or (465 if is_tls else 25),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        is_tls=is_tls,
        requires_starttls=bool(asked),
    )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
