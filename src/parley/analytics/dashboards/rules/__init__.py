"""Decisions about dashboards: what their filters do to tiles, what a list is narrowed to."""
