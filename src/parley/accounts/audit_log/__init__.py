"""The audit log of an organization: who did what to its members, keys, settings and sharing, and from where.

Writes `audit_entry`. Features call `record` (or `record_for_user`) of `actions` in the transaction of the change itself: it
finds out by itself who is asking and from which address. The database refuses to change or delete entries.
"""
