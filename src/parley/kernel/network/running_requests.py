"""How many requests of each network are being answered, so that nobody can make all others wait.

A client that hangs up leaves its request behind, and may send the next one at once: without a bound these would pile up.
"""

from parley.kernel.network.addresses import network_of

MOST_OF_NETWORK = 300
"""More than that wait for each other anyway. All visitors behind a proxy that nobody has named count as one network."""


class RunningRequests:
    """The requests of this process whose answer has not begun yet."""

    def __init__(self) -> None:
        self._of_network: dict[str, int] = {}

    def begin(self, address: str) -> "RunningRequest | None":
        """Count one more from this address; None where its network has too many."""
        network = network_of(address)
        n_running = self._of_network.get(network, 0)
        if n_running >= MOST_OF_NETWORK:
            return None
        self._of_network[network] = n_running + 1
        return RunningRequest(self._of_network, network)


class RunningRequest:
    """One of them, until `end`, which may be called more than once."""

    __slots__ = ("_has_ended", "_network", "_of_network")

    def __init__(self, of_network: dict[str, int], network: str) -> None:
        self._of_network, self._network = of_network, network
        self._has_ended = False

    @classmethod
    def uncounted(cls) -> "RunningRequest":
        """Return one that takes nobody's place."""
        return cls({"": 1}, "")

    def end(self) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        left = self._of_network[self._network] - 1
        if left:
            self._of_network[self._network] = left
        else:
            del self._of_network[self._network]
