"""Decisions about files: names, types, limits, links."""
