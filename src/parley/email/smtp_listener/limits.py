"""What one client, and all of them together, may take of the SMTP door."""

import asyncio
from collections import Counter

MAX_MAIL_BYTES = 30 * 1024 * 1024
MOST_CONNECTIONS = 400
MOST_PER_NETWORK = 20
MOST_HELD_BYTES = 96 * 1024 * 1024
"""Bytes of mails that are being sent, all together; in memory they take up to four times as much for a moment. Beyond it
connections are cut, and their senders come again."""
SILENCE_S = 300.0
"""How long a client may say nothing, and how long it may take to send one mail (RFC 5321, section 4.5.3.2)."""
CONNECTION_S = 900.0
MOST_UNKNOWN = 10
"""Recipients that are not known here, after which a connection is ended."""
MOST_HOPS = 100
"""Fields `Received` (RFC 5321, section 6.3): a mail with more goes in circles."""
COMMANDS = {"MAIL": 1000, "RCPT": 5000, "DATA": 1000, "RSET": 1000, "*": 20}
"""How often a connection may give a command; the library ends it then."""


class Admission:
    """Counts connections, mails that are being sent, and the bytes of these. `is_idle` is set while there are none."""

    def __init__(self) -> None:
        self._per_network: Counter[str] = Counter()
        self._n_mails = 0
        self.held_bytes = 0
        self.is_idle = asyncio.Event()
        self.is_idle.set()

    @property
    def n_connections(self) -> int:
        return self._per_network.total()

    def enter(self, network: str) -> bool:
        """Count a connection; False where there are too many, which are not counted."""
        if self.n_connections >= MOST_CONNECTIONS or self._per_network[network] >= MOST_PER_NETWORK:
            return False
        self._per_network[network] += 1
        return True

    def leave(self, network: str) -> None:
        """Forget a connection that was let in."""
        self._per_network[network] -= 1
        if not self._per_network[network]:
            del self._per_network[network]

    def begin_mail(self) -> None:
        """Count a mail that is being sent."""
        self._n_mails += 1
        self.is_idle.clear()

    def end_mail(self, held_bytes: int) -> None:
        """Forget a mail, of which so much was held."""
        self._n_mails -= 1
        self.held_bytes -= held_bytes
        if self._n_mails == 0:
            self.is_idle.set()
