"""Inbound mail is received, settled, replayed and forgotten."""
