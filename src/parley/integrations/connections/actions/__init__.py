"""Integrations are connected, renewed and disconnected."""
