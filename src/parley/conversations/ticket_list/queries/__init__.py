"""Queries of ticket list, one noun each."""
