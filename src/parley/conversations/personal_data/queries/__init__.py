"""Queries of personal data, one noun each."""
