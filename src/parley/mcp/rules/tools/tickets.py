"""Tools for tickets and messages. Names, inputs and what lists show are those of PostHog's own tools."""

from parley.mcp.rules.tools.tool import PROJECT, Tool, named

TICKETS = f"{PROJECT}/conversations/tickets"
TICKET = f"{TICKETS}/{{key}}"
NAMES = {"key": "id", "message_id": "message_id"}
PAGE = "/inbox/{ticket_number}"
IN_LISTS = named(
    "id ticket_number status priority channel_source assignee last_message_text message_count "
    "unread_team_count created_at updated_at"
)
OF_ONE = (
    *IN_LISTS,
    *named(
        "channel_detail tags sla_due_at snoozed_until anonymous_traits session_context session_id person "
        "email_from email_to email_subject distinct_id identity_verified"
    ),
)
FILTERS = named(
    "status priority channel_source channel_detail assignee date_from date_to distinct_ids emails "
    "distinct_id sla snoozed tags tags_all tags_exclude search view order_by limit offset"
)
MESSAGE = named(
    "id message_type content author_type author_name author_email is_private attachments created_at version"
)

TOOLS = (
    Tool(
        name="conversations-tickets-list",
        title="List tickets",
        about="List support tickets under filters, the last changed first.",
        method="GET",
        path=TICKETS,
        inputs=FILTERS,
        shows=IN_LISTS,
        link=PAGE,
    ),
    Tool(
        name="conversations-tickets-retrieve",
        title="Show a ticket",
        about="Show one ticket with its customer. Its messages are another tool. It stays unread for the team.",
        method="GET",
        path=TICKET,
        names=NAMES,
        shows=OF_ONE,
        link=PAGE,
    ),
    Tool(
        name="conversations-tickets-messages-retrieve",
        title="Read the messages of a ticket",
        about="Show the messages and private notes of a ticket, the oldest first.",
        method="GET",
        path=f"{TICKET}/messages",
        inputs=("limit", "offset"),
        names=NAMES,
        shows=MESSAGE,
    ),
    Tool(
        name="conversations-tickets-reply-create",
        title="Answer a ticket",
        about="Send an answer to the customer, or store a private note for the team with `is_private`. An answer is "
        "sent for good: have it approved by a person unless you were told to send it.",
        method="POST",
        path=f"{TICKET}/reply",
        inputs=("message", "is_private", "rich_content"),
        names=NAMES,
        shows=MESSAGE,
        sends=True,
    ),
    Tool(
        name="conversations-tickets-notes-create",
        title="Write a private note",
        about="Store a note that only the team sees.",
        method="POST",
        path=f"{TICKET}/notes",
        inputs=("message", "rich_content"),
        names=NAMES,
        shows=MESSAGE,
    ),
    Tool(
        name="conversations-tickets-notes-partial-update",
        title="Change a private note",
        about="Replace the text of a private note; `message_id` is its `id` among the messages.",
        method="PATCH",
        path=f"{TICKET}/notes/{{message_id}}",
        inputs=("message", "rich_content"),
        names=NAMES,
        shows=MESSAGE,
        is_idempotent=True,
    ),
    Tool(
        name="conversations-tickets-notes-destroy",
        title="Delete a private note",
        about="Delete a private note for good.",
        method="DELETE",
        path=f"{TICKET}/notes/{{message_id}}",
        names=NAMES,
        destroys=True,
        is_idempotent=True,
    ),
    Tool(
        name="conversations-tickets-update",
        title="Change a ticket",
        about="Change status, priority, assignee, due time, snooze or tags; `tags` replaces all of them.",
        method="PATCH",
        path=TICKET,
        inputs=("status", "priority", "assignee", "sla_due_at", "snoozed_until", "tags"),
        names=NAMES,
        shows=OF_ONE,
        link=PAGE,
        is_idempotent=True,
    ),
    Tool(
        name="conversations-tickets-create",
        title="Open a ticket",
        about="Open a ticket for a customer; `distinct_id` or `email` is needed. `message` is stored as the customer's "
        "first message, and nothing is sent.",
        method="POST",
        path=TICKETS,
        inputs=(
            "distinct_id",
            "email",
            "name",
            "subject",
            "message",
            "status",
            "priority",
            "tags",
            "assignee",
        ),
        shows=OF_ONE,
        link=PAGE,
    ),
    Tool(
        name="conversations-tickets-compose-create",
        title="Begin a conversation by mail",
        about="Write the first mail of a conversation to a customer. `recipient_email` and `email_config_id`, an e-mail "
        "channel, are required. The mail is sent for good: have it approved by a person unless you were told to send it.",
        method="POST",
        path=f"{TICKETS}/compose",
        inputs=(
            "recipient_email",
            "email_config_id",
            "message",
            "recipient_distinct_id",
            "email_subject",
            "rich_content",
            "tags",
        ),
        sends=True,
    ),
    Tool(
        name="conversations-tickets-suggest-reply-create",
        title="Suggest an answer",
        about="Draft an answer from what the team has answered and written before. Nothing is stored or sent.",
        method="POST",
        path=f"{TICKET}/suggest_reply",
        names=NAMES,
        only_reads=True,
        is_idempotent=True,
    ),
    Tool(
        name="conversations-tickets-bulk-update-tags-create",
        title="Change the tags of many tickets",
        about="Add, remove or set tags of up to 500 tickets, by their uuids.",
        method="POST",
        path=f"{TICKETS}/bulk_update_tags",
        is_idempotent=True,
    ),
    Tool(
        name="conversations-tickets-bulk-update-status-create",
        title="Change the status of many tickets",
        about="Set the status of up to 500 tickets, by their uuids.",
        method="POST",
        path=f"{TICKETS}/bulk_update_status",
        is_idempotent=True,
    ),
    Tool(
        name="conversations-tickets-unread-count-retrieve",
        title="Count unread messages",
        about="Say how many messages of customers nobody of the team has read.",
        method="GET",
        path=f"{TICKETS}/unread_count",
    ),
)
