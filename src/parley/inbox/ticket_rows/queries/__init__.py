"""Queries of the list of the inbox, one noun each."""
