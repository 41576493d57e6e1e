"""What people call the events that Parley and PostHog's SDKs name."""

EVENT_NAMES = {
    "$pageview": "Page viewed",
    "$pageleave": "Page left",
    "$autocapture": "Clicked or changed something",
    "$identify": "Identified",
    "$rageclick": "Clicked in anger",
    "$screen": "Screen viewed",
    "$conversation_ticket_created": "Ticket: opened",
    "$conversation_ticket_status_changed": "Ticket: status changed",
    "$conversation_ticket_priority_changed": "Ticket: priority changed",
    "$conversation_ticket_assigned": "Ticket: assigned",
    "$conversation_message_sent": "Ticket: the team answered",
    "$conversation_message_received": "Ticket: the customer wrote",
    "$conversation_private_message_sent": "Ticket: private note",
    "$conversation_ticket_merged": "Ticket: merged",
    "$conversation_backlog_counted": "Tickets: backlog counted, once a day",
}


def event_words(name: str) -> str:
    """Return what people call an event."""
    return EVENT_NAMES.get(name, name)
