"""Queries of threads, one noun each."""
