"""Links to the content of files: signed, for one file, until a moment."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import quote
from uuid import UUID

import msgspec

from parley.kernel.clock import Clock, is_ahead
from parley.kernel.secrets import Vault

Kind = Literal["content", "thumbnail"]
PATH = "/files"
PURPOSE, SIGNATURE_LENGTH = "file link", 40
FOR_TEAM, FOR_CUSTOMERS, FOR_TEXTS = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
"""For how long a link works at least: an answer of the API is used at once, a widget stays open, a text message stays."""


def expiry(now: datetime, lifetime: timedelta) -> int:
    """Return until when a link works, in seconds since 1970: the same for all links of one stretch, so they can be cached.

    It lives for `lifetime` at least, and for twice as long at most.
    """
    step = int(lifetime.total_seconds())
    return (int(now.timestamp()) // step + 2) * step


class FileLinks(msgspec.Struct, frozen=True):
    """Makes and checks links of this server."""

    vault: Vault
    clock: Clock
    site_url: str

    def to(
        self,
        project_id: int,
        file_id: UUID,
        *,
        kind: Kind = "content",
        lifetime: timedelta = FOR_TEAM,
        name: str = "",
    ) -> str:
        """Return the absolute link to a file; the name at its end is for those who read it, and means nothing."""
        until = expiry(self.clock.now(), lifetime)
        signed = _signed_text(project_id, file_id, kind, until)
        signature = self.vault.signature(PURPOSE, signed)[:SIGNATURE_LENGTH]
        path = f"{PATH}/{project_id}/{file_id}/{kind}/{until}/{signature}"
        return f"{self.site_url}{path}/{quote(name, safe='')}" if name else f"{self.site_url}{path}"

    def is_valid(self, project_id: int, file_id: UUID, kind: str, until: int, signature: str) -> bool:
        """Say whether this server has made the link, and it still works."""
        signed = _signed_text(project_id, file_id, kind, until)
        is_ours = self.vault.has_signed(PURPOSE, signed, signature, length=SIGNATURE_LENGTH)
        return is_ours and is_ahead(datetime.fromtimestamp(until, UTC), self.clock.now(), 2 * FOR_TEXTS)


def _signed_text(project_id: int, file_id: UUID, kind: str, until: int) -> str:
    return f"{project_id}:{file_id}:{kind}:{until}"
