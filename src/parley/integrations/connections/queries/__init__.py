"""Integrations, read."""
