"""The list of tickets: its filters, its search, its order, its pages and its counts. It owns no table.

`routes.py` reads the query, `rules` says what a filter means, `queries` finds the tickets.
"""

API_TAG = "tickets"  # in the OpenAPI document
