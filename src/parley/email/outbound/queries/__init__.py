"""Queries of mail that goes out, one noun each."""
