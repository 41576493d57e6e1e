"""The tags of a project as one list: how many tickets have each, and renaming, merging and deleting them.

A tag is nothing but its name on tickets, so it has no table of its own: `tickets` owns `ticket_tag`.
"""
