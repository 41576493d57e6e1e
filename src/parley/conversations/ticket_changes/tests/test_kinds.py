"""The names under which changes are announced are part of the API: what the table of kinds gives stays the same."""

import pytest

from parley.conversations.ticket_changes.rules.kinds import EVENTS, KINDS, STREAM_TYPES, ChangeKind
from parley.inbox.inbox_page.pages.stream import PARTS

ACTIVITIES = {
    "created", "updated", "assigned", "deleted", "restored", "purged", "merged", "unmerged", "split",
}  # fmt: skip


def test_stored_events_and_the_types_of_webhooks_are_these():
    assert EVENTS == (
        "$conversation_ticket_created",
        "$conversation_ticket_status_changed",
        "$conversation_ticket_priority_changed",
        "$conversation_ticket_assigned",
        "$conversation_ticket_participant_added",
        "$conversation_ticket_participant_removed",
        "$conversation_message_sent",
        "$conversation_message_received",
        "$conversation_private_message_sent",
        "$conversation_ticket_merged",
        "$conversation_ticket_unmerged",
        "$conversation_ticket_split",
    )


def test_an_event_that_access_levels_would_not_find_is_refused():
    with pytest.raises(ValueError, match=r"'ticket.snoozed' needs a name that begins with '\$conversation_'"):
        ChangeKind(happens="it was put aside", event="ticket.snoozed")


def test_the_types_of_the_stream_are_these_and_open_inboxes_know_each():
    names = [one.name for one in STREAM_TYPES]
    assert names == [
        "ticket.opened",
        "ticket.changed",
        "ticket.deleted",
        "message.added",
        "message.changed",
    ]
    assert set(PARTS) == set(names)
    assert {kind.stream for kind in KINDS if kind.stream is not None} == set(STREAM_TYPES)


def test_the_log_calls_what_happens_by_these_words():
    assert {kind.activity for kind in KINDS if kind.activity is not None} == ACTIVITIES
