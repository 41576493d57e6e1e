"""The requests that are measured. The ceiling answers the same ones; it only looks at no credentials."""

import json

from benchmarks.load import Ask
from benchmarks.world import Ticket, World

WIDGET_MESSAGE = "/api/conversations/v1/widget/message"
EVENTS_IN_A_BATCH = 100
SAMPLE = 500
"""How many different tickets are asked for, written to, or opened, in turn."""

TITLES = {
    "list": "list 100 tickets with persons and exact count",
    "get": "retrieve one ticket",
    "unread": "`unread_count` (cached)",
    "message": "widget message",
    "open": "POST tickets, with a first message",
    "capture": "capture, batches of 100",
}


def requests_of(name: str, world: World, tickets: list[Ticket]) -> list[Ask]:
    """Return the requests of an operation, which are sent in turn."""
    path = world.tickets_path
    match name:
        case "list":
            return [Ask("GET", path)]
        case "get":
            return [Ask("GET", f"{path}{ticket.id}/") for ticket in tickets]
        case "unread":
            return [Ask("GET", f"{path}unread_count/")]
        case "message":
            return [
                Ask("POST", WIDGET_MESSAGE, message_body(ticket))
                for ticket in tickets
                if ticket.is_open_to_session
            ]
        case "open":
            return [Ask("POST", path, _opening(ticket)) for ticket in tickets]
        case "capture":
            return [
                Ask("POST", "/batch/", _batch(world, tickets[at : at + 10])) for at in range(0, SAMPLE, 10)
            ]
    raise ValueError(name)


def message_body(ticket: Ticket) -> str:
    """Return what the widget sends with a customer's message."""
    return json.dumps(
        {
            "ticket_id": ticket.id,
            "widget_session_id": ticket.widget_session_id,
            "distinct_id": ticket.distinct_id,
            "message": "Is there any news about my invoice? I would like to pay it before the end of the month.",
            "traits": {"name": f"Customer {ticket.number}", "email": f"{ticket.distinct_id}@example.com"},
            "session_id": f"session-{ticket.number}",
            "session_context": {"current_url": "https://example.com/invoices", "referrer": None},
        }
    )


def _opening(ticket: Ticket) -> str:
    return json.dumps(
        {
            "distinct_id": ticket.distinct_id,
            "priority": "high",
            "anonymous_traits": {
                "name": f"Customer {ticket.number}",
                "email": f"{ticket.distinct_id}@example.com",
            },
            "message": "The export of last week's numbers never arrived. Where can I find it?",
        }
    )


def _batch(world: World, tickets: list[Ticket]) -> str:
    batch = [
        {
            "event": "$pageview" if place % 3 else "invoice opened",
            "distinct_id": tickets[place % len(tickets)].distinct_id,
            "properties": {
                "$current_url": f"https://example.com/invoices/{place}",
                "$browser": "Firefox",
                "$os": "Linux",
                "$lib": "web",
                "$lib_version": "1.400.0",
                "$session_id": f"session-{tickets[place % len(tickets)].number}",
            },
        }
        for place in range(EVENTS_IN_A_BATCH)
    ]
    return json.dumps({"api_key": world.project_token, "batch": batch})
