"""Changing a ticket, and merging and splitting conversations."""
