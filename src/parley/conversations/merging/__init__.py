"""Merging: two tickets become one, and two again; messages are split off into a ticket of their own.

A merge has a *source*, which is hidden, and a *target*, which gets everything that is on the source. A target may be
merged itself, so that a source has a *last target*. The rows that this writes belong to tickets and participants.
"""

API_TAG = "tickets"  # in the OpenAPI document
