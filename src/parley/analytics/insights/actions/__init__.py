"""Changing insights, and answering queries."""
