"""Decisions: what requests of identity providers mean, and what they are shown."""
