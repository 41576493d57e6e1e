"""What a change of a ticket causes: log, events, counters, live updates. One path for all of them (docs/changes.md).

Below tickets: whoever changes one describes it as a `TicketChange` and calls `announce`. It owns
`ticket_ledger`: one row for each project, with the number of tickets in each status and the last number given out; and
`unread_tally`, which triggers write: how many messages the team has not read.
"""
