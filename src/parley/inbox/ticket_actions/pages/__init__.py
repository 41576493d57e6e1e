"""What agents do to a ticket besides writing: its fields, merging and splitting."""

from parley.inbox.ticket_actions.pages import changes, merging

handlers = [*changes.handlers, *merging.handlers]
