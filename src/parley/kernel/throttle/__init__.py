"""Throttles: how often something may happen for each key, and how often at the same time.

- `services.throttles.hit((LIMIT, key), ...)` counts, in this order, and raises Throttled at the first limit that is reached.
- `per_address(LIMIT)` is a guard that counts the requests of an address.
- `count_accepted(request, (LIMIT, key))` counts a request for a budget that many share, unless it is refused in the end.
- `services.slots` bounds what goes on at the same time; `sender_slots(request, LIMITS)` what is read of strangers,
  and `body_of_sender(request, LIMITS)` reads their short bodies.
- `services.query_turns` lets work wait for its turn instead of refusing it.
- `TurnsOfKey` does so for each key alone.
- `services.flights` lets what many ask for at the same time go on once.

Counters have memory of their own, which nobody can push others out of (docs/decisions/0008).
"""

from parley.kernel.throttle.flights import Flights
from parley.kernel.throttle.guard import count_accepted, counted_for, pages_counted, per_address
from parley.kernel.throttle.limit import DAY_S, HOUR_S, MINUTE_S, Count, Limit
from parley.kernel.throttle.senders import SenderLimits, body_of_sender, sender_limits, sender_slots
from parley.kernel.throttle.slots import SlotLimit, Slots
from parley.kernel.throttle.streams import hold_stream
from parley.kernel.throttle.throttles import Throttles
from parley.kernel.throttle.turns import Turns
from parley.kernel.throttle.turns_of_key import TurnsOfKey

__all__ = [
    "DAY_S",
    "HOUR_S",
    "MINUTE_S",
    "Count",
    "Flights",
    "Limit",
    "SenderLimits",
    "SlotLimit",
    "Slots",
    "Throttles",
    "Turns",
    "TurnsOfKey",
    "body_of_sender",
    "count_accepted",
    "counted_for",
    "hold_stream",
    "pages_counted",
    "per_address",
    "sender_limits",
    "sender_slots",
]
