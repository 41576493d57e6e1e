"""Queries of merging, one noun each."""
