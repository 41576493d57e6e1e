"""What people call the events that Parley and PostHog's SDKs name."""

EVENT_NAMES = {
    "$pageview": "Page viewed",
    "$pageleave": "Page left",
    "$autocapture": "Clicked or changed something",
    "$identify": "Identified",
    "$rageclick": "Clicked in anger",
    "$screen": "Screen viewed",
    "$conversation_ticket_created": "Conversation: opened",
    "$conversation_ticket_status_changed": "Conversation: status changed",
    "$conversation_ticket_priority_changed": "Conversation: priority changed",
    "$conversation_ticket_assigned": "Conversation: assigned",
    "$conversation_message_sent": "Conversation: the team answered",
    "$conversation_message_received": "Conversation: the customer wrote",
    "$conversation_private_message_sent": "Conversation: private note",
    "$conversation_ticket_merged": "Conversation: merged",
    "$conversation_backlog_counted": "Conversations: backlog counted, once a day",
}


def event_words(name: str) -> str:
    """Return what people call an event."""
    return EVENT_NAMES.get(name, name)
