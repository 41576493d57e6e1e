"""Saved views: named filters of the ticket list, shared with the team or private, and each person's favourites.

Views store and check filters and know nothing of tickets; the ticket list reads them (`queries.visible_view_filters`).
"""
