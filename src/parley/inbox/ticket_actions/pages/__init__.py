"""What agents do to a ticket besides writing: its fields, merging and splitting."""

from parley.inbox.ticket_actions.pages import (
    access,
    bulk,
    changes,
    leaving,
    merging,
    merging_many,
    merging_search,
)

handlers = [
    *access.handlers,
    *changes.handlers,
    *leaving.handlers,
    *merging.handlers,
    *bulk.handlers,
    *merging_many.handlers,
    *merging_search.handlers,
]
