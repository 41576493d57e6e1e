"""Interpretation: a mail of the ledger is read and decided about, and becomes a message on a ticket, or none.

Owns no table: tickets, messages, participants, message ids and the ledger are written through the actions of their features.
"""
