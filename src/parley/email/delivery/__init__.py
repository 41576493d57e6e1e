"""Delivery: mails that are due are composed, signed and handed to the mail server, or kept where they are only a test."""
