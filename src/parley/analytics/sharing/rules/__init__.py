"""Decisions about shares: what may be set, which link opens, which accesses are kept."""
