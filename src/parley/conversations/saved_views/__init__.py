"""Saved views: named filters of the ticket list, shared with the team or private, and each person's favourites.

`rules.py` says which filters a view may have, in the words of tickets. Views are stored and checked here; the ticket list
reads them (`queries.visible_view_filters`) and filters by them. Owns `saved_view` and `saved_view_favorite`.
"""
