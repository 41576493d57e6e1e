"""Names about which the DNS was silent: for some seconds nobody waits for them again."""

import asyncio
from collections import OrderedDict
from time import monotonic
from weakref import WeakKeyDictionary

from parley.kernel.network.dns import DnsAnswer, DnsResolver, RecordType

REMEMBERED_S = 30.0
SILENT_AFTER_S = 1.5
"""An answer that says after so long that there is none costs as much as silence."""
MOST_REMEMBERED = 2000

_silent: WeakKeyDictionary[DnsResolver, OrderedDict[str, float]] = WeakKeyDictionary()
"""Until when a name is not asked about. It is about the name alone: who keeps one silent must not silence its neighbours."""


class ImpatientDns(DnsResolver):
    """Asks another resolver, except about names that were silent a moment ago."""

    def __init__(self, dns: DnsResolver) -> None:
        super().__init__()
        self._dns, self._silent = dns, _silent.setdefault(dns, OrderedDict())

    async def lookup(self, name: str, kind: RecordType) -> DnsAnswer:
        """Return the records of a name, as the other resolver does, or at once that there is no answer."""
        key, began = f"{kind} {name.lower()}", monotonic()
        if self._silent.get(key, 0) > began:
            return DnsAnswer(problem="The DNS did not answer a moment ago.")
        try:
            answer = await self._dns.lookup(name, kind)
        except asyncio.CancelledError:
            self._note(key, began)
            raise
        if answer.problem:
            self._note(key, began)
        return answer

    def _note(self, key: str, began: float) -> None:
        now = monotonic()
        if now - began >= SILENT_AFTER_S:
            self._silent[key] = now + REMEMBERED_S
            self._silent.move_to_end(key)
            while len(self._silent) > MOST_REMEMBERED:
                self._silent.popitem(last=False)
