"""Queries of messages, one noun each."""
