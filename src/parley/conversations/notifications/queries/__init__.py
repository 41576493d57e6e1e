"""Queries of notifications, one noun each."""
