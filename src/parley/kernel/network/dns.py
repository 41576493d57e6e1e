"""Look-ups in the DNS whose failure is an answer, too."""

import asyncio
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver as AsyncResolver

LOOKUP_S = 5.0
"""How long a look-up takes at most, with all attempts at all servers."""
MOST_FOUND, MOST_LENGTH = 50, 4096
RecordType = Literal["TXT", "MX", "A", "AAAA", "CNAME", "PTR"]


class DnsAnswer(msgspec.Struct, frozen=True):
    """What is published under one name: nothing, too, is an answer. `problem` says why there is none.

    A TXT record is its text in one piece, an MX record its host without the preference; hosts have no dot at the end.
    """

    found: Sequence[str] = ()
    problem: str | None = None


class DnsResolver:
    """Asks one DNS server, or those of the system (`PARLEY_DNS_SERVER`)."""

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        self._server = server

    async def texts(self, name: str) -> DnsAnswer:
        """Return the TXT records of a name."""
        return await self.lookup(name, "TXT")

    async def lookup(self, name: str, kind: RecordType) -> DnsAnswer:
        """Return the records of a name, in the order of the answer, MX by preference. Nothing is cached or raised."""
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            async with asyncio.timeout(LOOKUP_S):
                resolver = await self._resolver()
                answer = await resolver.resolve(name, kind, search=False, raise_on_no_answer=True)
        except (NXDOMAIN, NoAnswer):
            return DnsAnswer()
        except TimeoutError:
            return DnsAnswer(problem=f"The DNS did not answer within {LOOKUP_S:g} seconds.")
        except (DNSException, OSError, ValueError) as error:
            return DnsAnswer(problem=f"The DNS gave no answer ({type(error).__name__}).")
        records = sorted(answer, key=lambda one: one.preference) if kind == "MX" else list(answer)
        return DnsAnswer([_text(kind, one)[:MOST_LENGTH] for one in records[:MOST_FOUND]])

    async def _resolver(self) -> "AsyncResolver":
        from dns.asyncresolver import Resolver as AsyncResolver

        made = AsyncResolver(configure=self._server is None)
        if self._server is not None:
            host, made.port = self._server
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(host, made.port, type=socket.SOCK_DGRAM)
            made.nameservers = [str(found[0][4][0])]
        made.lifetime = LOOKUP_S
        return made


def _text(kind: RecordType, record: Any) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "replace")
    if kind == "MX":
        return _host(record.exchange)
    return str(record.address) if kind in ("A", "AAAA") else _host(record.target)


def _host(name: Any) -> str:
    return str(name.to_text(omit_final_dot=True)).lower()
