"""What people call the events that Parley and PostHog's SDKs name."""

EVENT_NAMES = {
    "$pageview": "Page viewed",
    "$pageleave": "Page left",
    "$autocapture": "Clicked or changed something",
    "$identify": "Identified",
    "$rageclick": "Clicked in anger",
    "$screen": "Screen viewed",
    "$set": "Properties of the person set",
    "$create_alias": "Two ids joined",
    "$merge_dangerously": "Two persons joined",
    "$groupidentify": "Group identified",
    "$opt_in": "Agreed to being captured",
    "$copy_autocapture": "Copied text",
    "$dead_click": "Clicked without effect",
    "$exception": "Error on the page",
    "$web_vitals": "Speed of the page measured",
    "$$heatmap": "Heat map",
    "$feature_flag_called": "Feature flag asked for",
    "survey shown": "Survey shown",
    "survey sent": "Survey answered",
    "survey dismissed": "Survey closed",
    "$conversation_ticket_created": "Conversation: opened",
    "$conversation_ticket_status_changed": "Conversation: status changed",
    "$conversation_ticket_priority_changed": "Conversation: priority changed",
    "$conversation_ticket_assigned": "Conversation: assigned",
    "$conversation_message_sent": "Conversation: the team answered",
    "$conversation_message_received": "Conversation: the customer wrote",
    "$conversation_private_message_sent": "Conversation: private note",
    "$conversation_ticket_merged": "Conversation: merged",
    "$conversation_ticket_unmerged": "Conversation: merge undone",
    "$conversation_ticket_split": "Conversation: messages split off",
    "$conversation_ticket_participant_added": "Conversation: participant added",
    "$conversation_ticket_participant_removed": "Conversation: participant removed",
    "$conversation_backlog_counted": "Conversations: backlog counted, once a day",
    "$conversations_loaded": "Chat: got ready on the page",
    "$conversations_widget_loaded": "Chat: shown on the page",
    "$conversations_widget_state_changed": "Chat: opened or closed",
    "$conversations_message_sent": "Chat: message sent",
    "$conversations_user_identified": "Chat: name or address given",
    "$conversations_back_to_tickets": "Chat: back to the list of conversations",
    "$conversations_restore_link_requested": "Chat: link to former conversations asked for",
}


def event_words(name: str) -> str:
    """Return what people call an event."""
    return EVENT_NAMES.get(name, name)
