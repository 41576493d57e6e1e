"""The list of tickets: its filters, its search, its order, its pages and its counts. It owns no table.

A request goes through these files: `routes.py` documents the query; `queries/lists.py` reads it into a `ListRequest`
(`rules/filters.py`, `rules/orders.py`) and finds the page; `queries/strategy.py` decides how; `queries/readers.py` runs the
SELECTs of `queries/selects.py` with the conditions of `queries/conditions.py`. A new filter is a field of `TicketFilters`, a
reader beside it, and a condition. `actions.py` and `jobs.py` fold what search looks through.
"""

API_TAG = "tickets"  # in the OpenAPI document
