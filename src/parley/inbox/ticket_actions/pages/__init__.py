"""What agents do to a ticket besides writing: its fields, merging and splitting."""

from parley.inbox.ticket_actions.pages import access, bulk, changes, merging, merging_many, merging_search

handlers = [
    *access.handlers,
    *changes.handlers,
    *merging.handlers,
    *bulk.handlers,
    *merging_many.handlers,
    *merging_search.handlers,
]
