"""Mails of accounts."""
