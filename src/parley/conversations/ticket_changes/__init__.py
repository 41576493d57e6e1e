"""What a change of a ticket causes: log, events, counters, live updates. One path for all of them (docs/changes.md).

Below tickets: whoever changes one describes it as a `TicketChange` and calls `announce`. The table `ticket_ledger` is
written here only.
"""
